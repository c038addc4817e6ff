"""A photo in another aspect: the product stays whole, and nothing is invented where trimming is enough."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from adreel.domain.errors import InputError, PhotoError
from adreel.media.photos.framing import LONGEST_SIDE, framed_photo, whole_photo

GREY, RED = (200, 200, 200), (200, 30, 30)


def product(path: Path, size: tuple[int, int], mode: str = "RGB") -> Path:
    """A red block in the middle, half as wide and as high as the photo."""
    image = Image.new(mode, size, GREY if mode == "RGB" else (0, 0, 0, 0))
    width, height = size
    image.paste((*RED, 255)[: len(mode)], (width // 4, height // 4, width - width // 4, height - height // 4))
    image.save(path)
    return path


def opened(content: bytes) -> np.ndarray:
    image = Image.open(BytesIO(content))
    assert (image.format, image.mode) == ("JPEG", "RGB")
    return np.asarray(image).astype(int)


def red_box(picture: np.ndarray) -> tuple[int, int]:
    """Width and height of what is red."""
    red = (picture[:, :, 0] - picture[:, :, 1]) > 120
    return int(red.any(axis=0).sum()), int(red.any(axis=1).sum())


@pytest.mark.parametrize("aspect", ["16:9", "9:16", "1:1", "4:5", "3:4", "21:9"])
@pytest.mark.parametrize("size", [(600, 400), (400, 600), (500, 500), (640, 360), (200, 900)])
def test_the_picture_has_the_aspect_to_a_pixel(tmp_path: Path, size: tuple[int, int], aspect: str) -> None:
    height, width = opened(framed_photo(product(tmp_path / "a.png", size), aspect)).shape[:2]
    across, down = map(int, aspect.split(":"))
    assert abs(width * down - height * across) <= max(across, down)


@pytest.mark.parametrize("aspect", ["16:9", "9:16", "1:1", "4:5"])
def test_the_product_stays_whole(tmp_path: Path, aspect: str) -> None:
    width, height = red_box(opened(framed_photo(product(tmp_path / "a.png", (600, 400)), aspect)))
    assert abs(width - 300) <= 4
    assert abs(height - 200) <= 4


def test_a_little_is_trimmed_and_nothing_added(tmp_path: Path) -> None:
    assert opened(framed_photo(product(tmp_path / "a.png", (640, 380)), "16:9")).shape == (360, 640, 3)


def test_what_is_added_is_the_photos_surroundings(tmp_path: Path) -> None:
    picture = opened(framed_photo(product(tmp_path / "a.png", (600, 400)), "9:16"))
    assert np.abs(picture[:20] - 200).max() <= 4
    assert np.abs(picture[-20:] - 200).max() <= 4


def test_a_product_that_touches_the_edge_is_not_drawn_out(tmp_path: Path) -> None:
    """Behind it shows a blurred copy of the whole, and the photo itself is untouched."""
    image = Image.new("RGB", (600, 400), GREY)
    image.paste(RED, (200, 0, 400, 400))
    image.save(tmp_path / "a.png")
    picture = opened(framed_photo(tmp_path / "a.png", "9:16"))
    top = (picture.shape[0] - 400) // 2
    assert np.abs(picture[top + 8 : top + 392, 230:370] - RED).max() <= 12
    added = picture[top - 40, :, 0] - picture[top - 40, :, 1]
    drawn_out = np.flatnonzero(np.diff((added > 85).astype(int)))
    assert not any(abs(int(edge) - 200) <= 5 for edge in drawn_out)


def test_a_plain_edge_goes_on_without_a_step(tmp_path: Path) -> None:
    """Beside the seam the picture changes no more than within the photo."""
    ramp = np.linspace(40, 220, 400, dtype=np.uint8)[:, None, None].repeat(600, 1).repeat(3, 2)
    Image.fromarray(ramp).save(tmp_path / "a.png")
    picture = opened(framed_photo(tmp_path / "a.png", "1:1"))
    assert picture.shape == (600, 600, 3)
    steps = np.abs(np.diff(picture[:, 300, 0]))
    assert steps.max() <= 6


def test_large_photos_become_smaller_and_small_ones_no_larger(tmp_path: Path) -> None:
    large = opened(framed_photo(product(tmp_path / "a.png", (3000, 2000)), "9:16"))
    assert max(large.shape) <= LONGEST_SIDE
    small = opened(framed_photo(product(tmp_path / "b.png", (600, 400)), "1:1"))
    assert small.shape == (600, 600, 3)


def test_a_turned_photo_is_upright(tmp_path: Path) -> None:
    image = Image.open(product(tmp_path / "a.png", (600, 400)))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "turned.jpg", exif=exif)
    picture = opened(framed_photo(tmp_path / "turned.jpg", "2:3"))
    assert picture.shape[:2] == (600, 400)


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    picture = opened(framed_photo(product(tmp_path / "a.png", (600, 400), "RGBA"), "3:2"))
    assert picture[5, 5].min() >= 250
    assert red_box(picture) == pytest.approx((300, 200), abs=4)


def test_the_same_photo_gives_the_same_bytes(tmp_path: Path) -> None:
    path = product(tmp_path / "a.png", (600, 400))
    assert framed_photo(path, "9:16") == framed_photo(path, "9:16")


def test_what_is_no_photo_or_no_aspect_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no photo")
    with pytest.raises(PhotoError, match="not a picture"):
        framed_photo(tmp_path / "a.png", "16:9")
    for aspect in ("wide", "16:0", "-1:2"):
        with pytest.raises(InputError, match="is not an aspect"):
            framed_photo(product(tmp_path / "b.png", (600, 400)), aspect)


def saved(folder: Path, kind: str) -> Path:
    """A picture that is wide when upright, red on its left, in a form that hosted models do not take as it is."""
    picture = Image.new("RGB", (640, 320), GREY)
    picture.paste(RED, (0, 0, 320, 320))
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    exif.get_ifd(0x8825)[1] = "N"
    if kind == "turned":
        exif[0x0112] = 6
        picture = picture.transpose(Image.Transpose.ROTATE_90)
    modes = {"cmyk": "CMYK", "palette": "P", "alpha": "RGBA"}
    picture = picture.convert(modes.get(kind, "RGB"))
    suffix = {"cmyk": "jpg", "turned": "jpg", "avif": "avif", "webp": "webp", "heic": "heic"}.get(kind, "png")
    if kind == "heic":
        pillow_heif.register_heif_opener()
    path = folder / f"photo.{suffix}"
    picture.save(path, exif=exif.tobytes())
    return path


@pytest.mark.parametrize("kind", ["turned", "cmyk", "palette", "alpha", "avif", "webp", "heic"])
@pytest.mark.parametrize("framing", ["whole", "16:9"])
def test_what_is_sent_is_an_upright_jpeg_without_metadata(tmp_path: Path, kind: str, framing: str) -> None:
    path = saved(tmp_path, kind)
    content = whole_photo(path) if framing == "whole" else framed_photo(path, framing)
    with Image.open(BytesIO(content)) as sent:
        assert (sent.format, sent.mode, len(sent.getexif())) == ("JPEG", "RGB", 0)
        assert "icc_profile" not in sent.info
        picture = np.asarray(sent).astype(int)
    height, width = picture.shape[:2]
    assert width > height
    assert picture[height // 2, width // 8, 0] - picture[height // 2, width // 8, 1] > 100
    assert abs(picture[height // 2, width - width // 8] - GREY[0]).max() < 12


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    Image.fromarray(np.full((400, 400), 40_000, np.uint16)).save(tmp_path / "deep.png")
    assert abs(opened(whole_photo(tmp_path / "deep.png")) - 40_000 // 256).max() <= 2


@pytest.mark.parametrize(
    ("size", "sent"),
    [((220, 440), (300, 600)), ((3000, 1000), (2048, 819)), ((3000, 300), (2048, 819)), ((640, 360), (640, 360))],
)
def test_whole_photos_have_sizes_that_models_take(tmp_path: Path, size: tuple[int, int], sent: tuple[int, int]) -> None:
    height, width = opened(whole_photo(product(tmp_path / "a.png", size))).shape[:2]
    assert (width, height) == sent
