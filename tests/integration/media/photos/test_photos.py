from __future__ import annotations

import hashlib
import io
import os
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms

from adreel.domain.errors import PhotoError
from adreel.media.photos.photo import WORKING_SIDE, check_photo, load_photo
from support.photo_files import gradient, swapped_profile, with_hole


def saved(path: Path, image: Image.Image, **options: Any) -> Path:
    image.save(path, **options)
    return path


def difference(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8]) -> float:
    return float(np.abs(first.astype(int) - second.astype(int)).mean())


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.png", {}), ("a.jpg", {"quality": 95}), ("a.webp", {"quality": 95}), ("a.avif", {"quality": 95})],
)
def test_common_formats(tmp_path: Path, name: str, options: dict[str, object]) -> None:
    path = saved(tmp_path / name, Image.fromarray(gradient()), **options)
    photo = load_photo(path)
    assert photo.rgb.shape == (240, 320, 3)
    assert photo.rgb.dtype == np.uint8
    assert photo.alpha is None
    assert difference(photo.rgb, gradient()) < 3
    assert photo.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    info = check_photo(path)
    assert (info.width, info.height, info.has_alpha, info.digest) == (320, 240, False, photo.digest)


def test_heic(tmp_path: Path) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    path = tmp_path / "a.heic"
    pillow_heif.from_pillow(Image.fromarray(gradient())).save(path, quality=95)
    assert difference(load_photo(path).rgb, gradient()) < 4
    assert check_photo(path).width == 320


def test_heic_without_its_reader_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 64)
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(PhotoError, match=r"a\.heic.*pip install adreel\[heic\]"):
        check_photo(path)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_set_upright(tmp_path: Path, orientation: int) -> None:
    upright = Image.fromarray(gradient())
    undo = {
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    stored = upright
    for step in undo.get(orientation, []):
        stored = stored.transpose(step)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path / "a.jpg", stored, exif=exif, quality=95)
    assert difference(load_photo(path).rgb, gradient()) < 4
    info = check_photo(path)
    assert (info.width, info.height) == (320, 240)


def test_16_bit_grey_is_scaled_not_clipped(tmp_path: Path) -> None:
    rows, columns = np.mgrid[0:240, 0:320]
    grey = ((rows + columns) * 65535 // 558).astype(np.uint16)
    photo = load_photo(saved(tmp_path / "a.png", Image.fromarray(grey)))
    assert difference(photo.rgb[:, :, 0], (grey >> 8).astype(np.uint8)) < 1


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK"])
def test_other_pixel_modes_become_rgb(tmp_path: Path, mode: str) -> None:
    image = Image.fromarray(gradient()).convert(mode)
    photo = load_photo(saved(tmp_path / ("a.jpg" if mode == "CMYK" else "a.png"), image))
    assert photo.rgb.shape == (240, 320, 3)
    assert photo.alpha is None
    assert difference(photo.rgb, np.asarray(image.convert("RGB"))) < 4


def test_transparency_of_every_kind(tmp_path: Path) -> None:
    palette = with_hole().convert("RGB").quantize(64)
    hole = Image.new("RGB", (320, 240), (255, 0, 255))
    hole.paste(Image.fromarray(gradient()).crop((80, 60, 240, 180)), (80, 60))
    paths = [
        saved(tmp_path / "rgba.png", with_hole()),
        saved(tmp_path / "rgba.webp", with_hole(), lossless=True),
        saved(tmp_path / "la.png", with_hole().convert("LA")),
        saved(tmp_path / "key.png", hole, transparency=(255, 0, 255)),
        saved(tmp_path / "palette.png", palette, transparency=bytes([0] + [255] * 63)),
    ]
    for path in paths:
        photo = load_photo(path)
        assert photo.alpha is not None, path.name
        assert photo.alpha.shape == (240, 320)
        assert photo.alpha.min() == 0
        assert check_photo(path).has_alpha


def test_an_alpha_channel_that_hides_nothing_is_none(tmp_path: Path) -> None:
    assert load_photo(saved(tmp_path / "a.png", Image.fromarray(gradient()).convert("RGBA"))).alpha is None


def test_animations_give_their_first_frame(tmp_path: Path) -> None:
    frames = [Image.fromarray(gradient()), Image.new("RGB", (320, 240), "black")]
    for name in ("a.webp", "a.png"):
        path = saved(tmp_path / name, frames[0], save_all=True, append_images=frames[1:], lossless=True)
        assert difference(load_photo(path).rgb, gradient()) < 1


def test_an_embedded_profile_is_applied_and_a_broken_one_ignored(tmp_path: Path) -> None:
    plain = Image.new("RGB", (240, 240), (120, 60, 60))
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    wrong = load_photo(saved(tmp_path / "lab.png", plain, icc_profile=lab))
    assert tuple(wrong.rgb[0, 0]) == (120, 60, 60)
    broken = load_photo(saved(tmp_path / "broken.png", plain, icc_profile=b"nonsense"))
    assert tuple(broken.rgb[0, 0]) == (120, 60, 60)
    wide = load_photo(saved(tmp_path / "swapped.png", plain, icc_profile=swapped_profile()))
    assert wide.rgb[0, 0, 1] > wide.rgb[0, 0, 0]


def test_giant_photos_come_back_at_working_size(tmp_path: Path) -> None:
    path = saved(tmp_path / "giant.jpg", Image.new("RGB", (9000, 3000), (200, 10, 10)), quality=60)
    photo = load_photo(path)
    assert photo.rgb.shape[1] == WORKING_SIDE
    assert photo.rgb.shape[0] == pytest.approx(WORKING_SIDE / 3, abs=2)
    assert check_photo(path).width == 9000


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(gradient()).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"hello, this is not a picture at all", "not a picture"),
        (b"%PDF-1.7 ...", "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        (png_header(100_000, 100_000), "megapixels"),
        (png_header(17_000, 15_000), "megapixels"),
        (png_header(199, 5000), "at least 200"),
        (jpeg()[:40], "not a picture|cannot be opened|damaged"),
    ],
)
def test_bad_files_are_refused_in_one_line_that_names_them(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "my photo.jpg"
    path.write_bytes(content)
    for read in (check_photo, load_photo):
        with pytest.raises(PhotoError, match=says) as caught:
            read(path)
        assert "my photo.jpg" in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.avif"])
def test_truncated_files_are_found_on_loading(tmp_path: Path, name: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    path = saved(tmp_path / name, Image.fromarray(noise))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(PhotoError, match=name):
        load_photo(path)


def test_a_truncated_png_is_named_also_when_only_its_head_is_wanted(tmp_path: Path) -> None:
    """How it is turned may stand at its end."""
    noise = np.random.default_rng(1).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    path = saved(tmp_path / "a.png", Image.fromarray(noise))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(PhotoError, match=r"a\.png is damaged or cut short"):
        check_photo(path)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="does not exist"):
        check_photo(tmp_path / "gone.jpg")
    with pytest.raises(PhotoError, match="folder"):
        check_photo(tmp_path)


def test_formats_that_are_not_photos_stay_closed(tmp_path: Path) -> None:
    """Pillow could open these, with far larger decoders: they are not offered the file."""
    for name in ("a.tiff", "a.bmp", "a.gif", "a.ppm", "a.ico", "a.tga"):
        with pytest.raises(PhotoError, match="not a picture that adreel reads"):
            load_photo(saved(tmp_path / name, Image.fromarray(gradient())))


@pytest.mark.parametrize("missing", [0, 2], ids=["whole", "without its end marker"])
def test_a_phones_two_hundred_megapixels_are_read_at_reduced_size(missing: int, tmp_path: Path) -> None:
    path = tmp_path / "huge.jpg"
    Image.new("L", (16_320, 11_000), 90).save(path, quality=30)
    os.truncate(path, path.stat().st_size - missing)
    photo = load_photo(path)
    assert photo.rgb.shape == (2750, 4080, 3)
    assert abs(int(photo.rgb[1000, 1000, 0]) - 90) <= 2


def test_other_formats_of_that_size_are_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    Image.new("1", (16_320, 11_000)).save(path)
    with pytest.raises(PhotoError, match="save it as JPEG"):
        load_photo(path)
