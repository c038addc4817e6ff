"""Photos of strangers are read in processes of their own: the same pixels as here, bounded, and a crash is a refusal."""

from __future__ import annotations

import io
import json
import os
import signal
import stat
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms, ImageOps

from adreel.domain.errors import PhotoError
from adreel.media.photos import child as photo_child
from adreel.media.photos import readers as photo_readers
from adreel.media.photos.budget import MemoryBudget
from adreel.media.photos.memory import memory_needed, read_header
from adreel.media.photos.readers import DirectReader, IsolatedReader, PhotoReader
from adreel.media.photos.reply import Reply
from support.photo_files import gradient, swapped_profile, with_hole

MB = 2**20
EXAMPLES = sorted((Path(__file__).parents[4] / "examples").rglob("*.jpg"))[:1]


@pytest.fixture
def isolated() -> IsolatedReader:
    return IsolatedReader(MemoryBudget(2048 * MB))


@pytest.fixture
def direct() -> DirectReader:
    return DirectReader(MemoryBudget(2048 * MB))


@pytest.fixture(params=["isolated", "direct"])
def reader(request: pytest.FixtureRequest) -> PhotoReader:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A photo of every kind that is decoded in a way of its own."""
    folder = tmp_path_factory.mktemp("kinds")
    plain = Image.fromarray(gradient())
    turned = Image.Exif()
    turned[0x0112] = 6
    grey = Image.fromarray((np.arange(320 * 240, dtype=np.uint32).reshape(240, 320) * 0.85).astype(np.uint16))
    wide = Image.fromarray(gradient(5000, 300))
    hole = with_hole().resize((4400, 2640))
    kinds: dict[str, tuple[Image.Image, dict[str, object]]] = {
        "plain.jpg": (plain, {"quality": 90}),
        "turned.jpg": (plain, {"exif": turned}),
        "profile.jpg": (plain, {"icc_profile": swapped_profile()}),
        "cmyk.jpg": (plain.convert("CMYK"), {}),
        "scaled.jpg": (Image.fromarray(gradient(9000, 700)), {}),
        "grey16.png": (grey, {}),
        "turned16.png": (grey, {"exif": turned}),
        "palette.png": (plain.quantize(32), {"transparency": bytes([0] + [255] * 31)}),
        "bits.png": (plain.convert("1"), {}),
        "wide.png": (wide, {"compress_level": 1}),
        "hole.png": (hole, {"compress_level": 1}),
        "hole.webp": (with_hole(), {"lossless": True, "exif": turned}),
        "plain.avif": (plain, {"exif": turned}),
    }
    for name, (image, options) in kinds.items():
        image.save(folder / name, **options)  # pyright: ignore[reportArgumentType]
    return sorted(folder.iterdir())


def as_before(path: Path, side: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8] | None]:
    """How photos were decoded before anything was done to save memory: straight on, with a copy at each step."""
    with Image.open(path) as image:
        profile, shrink = image.info.get("icc_profile"), max(image.size) / side
        if image.format == "JPEG" and shrink > 1:
            image.draft(image.mode, (int(image.width / shrink), int(image.height / shrink)))
        image.load()
        if image.mode.startswith("I"):
            plain = Image.fromarray((np.asarray(image, dtype=np.int32) >> 8).clip(0, 255).astype(np.uint8))
            plain.info["exif"] = image.info.get("exif", b"")
        elif image.mode not in ("RGBA", "CMYK") and image.has_transparency_data:
            plain = image.convert("RGBA")
        else:
            plain = image if image.mode in ("L", "RGB", "CMYK", "RGBA") else image.convert("RGB")
        small = ImageOps.exif_transpose(plain)
        factor = side / max(small.size)
        if factor < 1:
            size = (max(1, round(small.width * factor)), max(1, round(small.height * factor)))
            small = small.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    alpha = np.array(small.getchannel("A")) if small.mode == "RGBA" else None
    opaque = small.convert("RGB") if small.mode == "RGBA" else small
    if profile:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        opaque = ImageCms.profileToProfile(opaque, source, ImageCms.createProfile("sRGB"), outputMode="RGB") or opaque
    return np.array(opaque.convert("RGB")), None if alpha is None or alpha.min() == 255 else alpha


@pytest.mark.parametrize("side", [4096, 480])
def test_the_pixels_are_the_same_bit_for_bit_as_without_any_saving(
    photos: list[Path], isolated: IsolatedReader, direct: DirectReader, side: int
) -> None:
    for path in (*photos, *EXAMPLES):
        rgb, alpha = as_before(path, side)
        for reader in (isolated, direct):
            photo = reader.load(path, side)
            assert np.array_equal(photo.rgb, rgb), path.name
            if photo.alpha is None or alpha is None:
                assert photo.alpha is alpha, path.name
            else:
                assert np.array_equal(photo.alpha, alpha), path.name


def test_both_readers_say_the_same_of_a_photo(
    photos: list[Path], isolated: IsolatedReader, direct: DirectReader
) -> None:
    for path in photos:
        assert isolated.verify(path) == direct.verify(path)


def outcome(read: Callable[[Path], object], path: Path) -> str:
    try:
        read(path)
    except PhotoError as error:
        return str(error)
    return "read"


def test_both_readers_refuse_the_same_files_in_the_same_words(
    tmp_path: Path, isolated: IsolatedReader, direct: DirectReader
) -> None:
    files = {
        "text.jpg": b"hello",
        "empty.png": b"",
        "small.png": encoded("PNG", (150, 900)),
        "cut.png": encoded("PNG", (900, 900))[:-40],
        "picture.gif": encoded("GIF", (300, 300)),
        "picture.bmp": encoded("BMP", (300, 300)),
        "picture.tiff": encoded("TIFF", (300, 300)),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    for path in (*(tmp_path / name for name in files), tmp_path / "gone.jpg", tmp_path):
        said = outcome(isolated.verify, path)
        assert said == outcome(direct.verify, path)
        assert str(path) in said


def encoded(kind: str, size: tuple[int, int]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(gradient(*size)).save(file, kind)
    return file.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def huge_png(width: int, height: int) -> bytes:
    """All black, in a file of some kilobytes."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + width * 3)) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", rows + packer.flush()) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def test_a_photo_that_needs_more_than_the_budget_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(huge_png(6000, 6000))
    for reader in (IsolatedReader(MemoryBudget(256 * MB)), DirectReader(MemoryBudget(256 * MB))):
        with pytest.raises(PhotoError, match=r"large\.png takes about \d+ MB of memory.*256 MB is allowed"):
            reader.verify(path)


def test_too_many_pixels_are_refused_by_the_header_alone(tmp_path: Path, reader: PhotoReader) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 20000, 20000, 8, 2, 0, 0, 0)))
    with pytest.raises(PhotoError, match="20000x20000, more than 250 megapixels"):
        reader.verify(path)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux bounds the address space of a process")
def test_a_decoder_that_wants_more_memory_than_the_header_says_is_stopped(
    tmp_path: Path, isolated: IsolatedReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "liar.png"
    path.write_bytes(huge_png(9000, 9000))

    def lied(_header: object, _side: int) -> int:
        return MB

    monkeypatch.setattr(photo_readers, "memory_needed", lied)
    monkeypatch.setattr(photo_readers, "_CHILD_SPACE", 192 * MB)
    with pytest.raises(PhotoError, match=r"liar\.png"):
        isolated.verify(path)


def test_the_estimate_is_enough_for_the_decoder(
    tmp_path: Path, isolated: IsolatedReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With hardly more than the estimate: nothing of a usual photo is refused."""
    monkeypatch.setattr(photo_readers, "_CHILD_SPACE", 96 * MB)
    picture = Image.fromarray(gradient(4000, 3000))
    progressive = {"progressive": True, "subsampling": 0}
    kinds: dict[str, dict[str, Any]] = {"a.jpg": {}, "p.jpg": progressive, "a.webp": {"method": 0}}
    for name, options in kinds.items():
        picture.save(tmp_path / name, **options)
        isolated.load(tmp_path / name)


def with_child(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> None:
    program = folder / "child.py"
    program.write_text(code, encoding="utf-8")
    monkeypatch.setattr(photo_child, "__file__", str(program))


@pytest.mark.parametrize(
    "code",
    [
        f"import os; os.kill(os.getpid(), {int(signal.SIGSEGV)})",
        f"import os; os.kill(os.getpid(), {int(signal.SIGKILL)})",
        "import os; os.abort()",
        "raise SystemExit(3)",
        "while True: pass",
        "print('x' * 100000)",
        "print('{}')",
        "print('[' * 100000)",
        'print(\'{"width": 9, "height": -1}\')',
        'print(\'{"width": 4000, "height": 4000}\')',
        "print('{\"width\": 1, \"height\": 1}'); print('x' * 100)",
        "pass",
    ],
)
def test_whatever_becomes_of_the_reading_process_is_a_refusal_of_the_photo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded("PNG", (300, 300)))
    with_child(monkeypatch, tmp_path, code)
    with pytest.raises(PhotoError):
        IsolatedReader(MemoryBudget(256 * MB), seconds=3).load(path)


def test_the_reading_process_sees_no_secrets_has_no_input_and_writes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded("PNG", (300, 300)))
    monkeypatch.setenv("ADREEL_SECRET_KEY", "secret of the service")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    probe = tmp_path / "probe"
    with_child(
        monkeypatch,
        tmp_path,
        f"""
import json, os, sys
try:
    open({str(probe)!r}, "w").write("x" * 10)
    wrote = os.path.getsize({str(probe)!r}) > 0
except OSError:
    wrote = False
said = {{"environment": sorted(os.environ), "input": sys.stdin.read(), "wrote": wrote}}
print(json.dumps({{"refused": json.dumps(said)}}))
""",
    )
    with pytest.raises(PhotoError) as caught:
        IsolatedReader(MemoryBudget(256 * MB)).load(path)
    said = json.loads(str(caught.value))
    assert not [name for name in said["environment"] if name.startswith(("ADREEL", "PYTHON"))]
    assert said["input"] == ""
    assert said["wrote"] is not sys.platform.startswith("linux")


def test_a_file_that_cannot_be_read_is_said_so(tmp_path: Path, isolated: IsolatedReader) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded("PNG", (300, 300)))
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("root may read everything")
    with pytest.raises(PhotoError, match=r"a\.png cannot be read"):
        isolated.load(path)
    path.chmod(stat.S_IRUSR)


def test_an_answer_may_come_in_pieces_of_any_length() -> None:
    facts = {"format": "PNG", "full_width": 2, "full_height": 1, "has_alpha": True, "digest": "0" * 64}
    line = json.dumps(facts | {"width": 2, "height": 1, "alpha": True}).encode() + b"\n"
    for step in (1, 7, 1000):
        reply, answer = Reply(4096), line + b"abcdefgh"
        for at in range(0, len(answer), step):
            reply.feed(answer[at : at + step])
        info, pixels = reply.read(Path("a.png"))
        assert (info.format, info.width, info.has_alpha) == ("PNG", 2, True)
        assert pixels is not None
        assert (bytes(pixels.rgb), bytes(pixels.alpha or b"")) == (b"abcdef", b"gh")


def test_the_header_of_every_kind_of_photo_is_known_before_it_is_read(photos: list[Path]) -> None:
    for path in photos:
        header = read_header(path)
        assert header is not None, path.name
        assert memory_needed(header, 4096) > memory_needed(None, 4096), path.name
