"""Six colours, each stored in another colour space that the file names in its own way: all arrive in sRGB as they were."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from adreel.media.photos.photo import load_photo
from support.photo_files import png_chunk, tiff, with_chunks, with_segment
from support.pictures import ClipMaker

Colors = npt.NDArray[np.float64]
WANTED = np.array([(200, 60, 40), (60, 160, 70), (40, 80, 190), (230, 180, 60), (150, 150, 150), (196, 120, 96)])
D65 = (0.3127, 0.3290)
CHROMATICITIES = {
    "srgb": (0.64, 0.33, 0.30, 0.60, 0.15, 0.06),
    "adobe": (0.64, 0.33, 0.21, 0.71, 0.15, 0.06),
    "p3": (0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    "bt2020": (0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
}


def matrix(name: str) -> Colors:
    """Linear RGB to XYZ, by the definition of chromaticities."""
    points = np.array(CHROMATICITIES[name]).reshape(3, 2)
    columns = np.array([points[:, 0], points[:, 1], 1 - points.sum(1)]) / points[:, 1]
    white = np.array([D65[0], D65[1], 1 - sum(D65)]) / D65[1]
    return columns * np.linalg.solve(columns, white)


def light(name: str) -> Colors:
    """The wanted colours as linear RGB of these primaries."""
    coded = WANTED / 255
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    return (linear @ matrix("srgb").T @ np.linalg.inv(matrix(name)).T).clip(0, 1)


def srgb(linear: Colors) -> Colors:
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def pq(linear: Colors) -> Colors:
    share = (linear * 203 / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * share) / (1 + 18.6875 * share)) ** 78.84375


def hlg(linear: Colors) -> Colors:
    """Of light on a display of 1000 cd/m², whose system gamma is 1.2."""
    shown = linear * 0.203
    scene = shown * (shown @ matrix("bt2020")[1])[:, None] ** (1 / 1.2 - 1)
    return np.where(
        scene <= 1 / 12, np.sqrt(3 * scene), 0.17883277 * np.log((12 * scene - 0.28466892).clip(0.1)) + 0.55991073
    )


def stripes(values: Colors, depth: int = 255) -> npt.NDArray[np.uint16]:
    return np.repeat(np.repeat((values.clip(0, 1) * depth + 0.5).astype(np.uint16)[None], 200, 0), 50, 1)


def picture(values: Colors) -> Image.Image:
    return Image.fromarray(stripes(values).astype(np.uint8))


def saved(values: Colors, kind: str, **options: int | str) -> bytes:
    file = io.BytesIO()
    picture(values).save(file, kind, **options)
    return file.getvalue()


def deep_png(values: Colors) -> bytes:
    """With 16 bits for each colour, which Pillow does not write."""
    rows = stripes(values, 65_535).astype(">u2")
    height, width = rows.shape[:2]
    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows), 1)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        png_chunk(*chunk) for chunk in ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    )


def found(folder: Path, content: bytes) -> Colors:
    path = folder / "photo"
    path.write_bytes(content)
    rgb = load_photo(path).rgb.astype(float)
    return np.array([rgb[90:110, 50 * index + 20 : 50 * index + 30].mean((0, 1)) for index in range(len(WANTED))])


def check(folder: Path, content: bytes, bound: float = 3) -> None:
    assert np.abs(found(folder, content) - WANTED).max() <= bound


def adobe_exif(*, by_index: bool) -> bytes:
    """The directories of a camera: main, Exif, interoperability."""
    space = struct.pack("<H", 0xFFFF if by_index else 2)
    main = tiff((0x8769, 4, 1, struct.pack("<I", 26)))
    exif = struct.pack("<H", 2) + struct.pack("<HHI", 0xA001, 3, 1) + space + b"\0\0"
    exif += struct.pack("<HHII", 0xA005, 4, 1, 56) + bytes(4)
    index = struct.pack("<HHHI", 1, 1, 2, 4) + (b"R03\0" if by_index else b"R98\0") + bytes(4)
    return b"Exif\0\0" + main + exif + index


@pytest.mark.parametrize("by_index", [True, False])
def test_adobe_rgb_by_exif(tmp_path: Path, by_index: bool) -> None:
    adobe = saved(light("adobe") ** (256 / 563), "JPEG", quality=98, subsampling=0)
    check(tmp_path, with_segment(adobe, 0xE1, adobe_exif(by_index=by_index)))
    with pytest.raises(AssertionError):
        check(tmp_path, adobe)


def chromaticities(name: str) -> bytes:
    return png_chunk(b"cHRM", struct.pack(">8I", *(round(100_000 * value) for value in (*D65, *CHROMATICITIES[name]))))


def gamma(value: int) -> bytes:
    return png_chunk(b"gAMA", struct.pack(">I", value))


def coded(primaries: int, transfer: int, full: int = 1) -> bytes:
    return png_chunk(b"cICP", bytes((primaries, transfer, 0, full)))


@pytest.mark.parametrize(
    ("values", "chunks"),
    [
        (srgb(light("p3")), [coded(12, 13)]),
        (light("bt2020") ** (1 / 2.2), [coded(9, 4)]),
        (light("adobe") ** 0.4547, [gamma(45_470), chromaticities("adobe")]),
        (light("p3") ** (1 / 1.8), [gamma(55_556), chromaticities("p3")]),
        (srgb(light("p3")), [chromaticities("p3")]),
        (WANTED / 255, [gamma(45_455), chromaticities("srgb")]),
        (WANTED / 255, [gamma(45_455)]),
        (WANTED / 255, [gamma(0), png_chunk(b"cHRM", bytes(32))]),
        (srgb(light("p3")), [gamma(100_000), coded(12, 13)]),
        (WANTED / 255, [gamma(100_000), png_chunk(b"sRGB", b"\0")]),
        ((WANTED * 219 / 255 + 16) / 255, [coded(1, 13, full=0)]),
    ],
    ids=[
        "P3 by code",
        "BT.2020 by code",
        "Adobe RGB measured",
        "gamma 1.8",
        "P3 without gamma",
        "sRGB measured",
        "sRGB by gamma",
        "nonsense",
        "a code precedes a gamma",
        "sRGB precedes a gamma",
        "limited range",
    ],
)
def test_png(tmp_path: Path, values: Colors, chunks: list[bytes]) -> None:
    check(tmp_path, with_chunks(saved(values, "PNG"), *chunks))


@pytest.mark.parametrize(
    ("values", "chunk"),
    [
        (pq(light("bt2020")), coded(9, 16)),
        (pq(light("p3")), coded(12, 16)),
        (hlg(light("bt2020")), coded(9, 18)),
        (light("srgb"), gamma(100_000)),
    ],
    ids=["PQ", "PQ with P3", "HLG", "linear"],
)
def test_png_with_16_bits(tmp_path: Path, values: Colors, chunk: bytes) -> None:
    check(tmp_path, with_chunks(deep_png(values), chunk))


def test_light_above_white_is_compressed_not_clipped(tmp_path: Path) -> None:
    nits = np.array([100, 203, 400, 700, 1000, 4000]) / 203
    grey = found(tmp_path, with_chunks(deep_png(pq(np.repeat(nits[:, None], 3, 1))), coded(9, 16)))[:, 0]
    assert grey[0] == pytest.approx(255 * srgb(np.array(100 / 203)), abs=1)
    assert 235 < grey[1] < grey[2] < grey[3] < grey[4] == grey[5] == 255


def test_transparency_of_an_hdr_photo_stays(tmp_path: Path) -> None:
    rgba = picture(pq(light("bt2020")))
    rgba.putalpha(Image.linear_gradient("L").resize(rgba.size))
    file = io.BytesIO()
    rgba.save(file, "PNG")
    path = tmp_path / "photo"
    path.write_bytes(with_chunks(file.getvalue(), coded(9, 16)))
    alpha = load_photo(path).alpha
    assert alpha is not None
    assert np.array_equal(alpha, np.asarray(rgba)[..., 3])


@pytest.mark.parametrize(("name", "primaries", "bound"), [("p3", 12, 3), ("bt2020", 9, 4)])
def test_heic_by_code(tmp_path: Path, name: str, primaries: int, bound: int) -> None:
    """In BT.2020, one step of the 8 bits that this file has is several in sRGB."""
    heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    codes = {"color_primaries": primaries, "transfer_characteristics": 13, "matrix_coefficients": 1}
    heif.from_pillow(picture(srgb(light(name)))).save(file, quality=100, chroma=444, save_nclx_profile=True, **codes)
    check(tmp_path, file.getvalue(), bound)


def avif(name: str, primaries: int) -> bytes:
    """Pillow writes the codes of sRGB, which are exchanged here."""
    content = saved(srgb(light(name)), "AVIF", quality=100, subsampling="4:4:4")
    at = content.index(b"nclx") + 4
    return content[:at] + struct.pack(">H", primaries) + content[at + 2 :]


def test_avif_by_code(tmp_path: Path) -> None:
    check(tmp_path, avif("p3", 12))


def test_avif_in_bt2020_is_as_exact_as_its_8_bits(tmp_path: Path) -> None:
    """One step of luma and chroma is up to six in sRGB: calculated from the file's own values without rounding, the colours are
    off as far as when adreel reads them, up to a rounding (decision 0080)."""
    content = avif("bt2020", 9)
    unavoidable = np.abs(calculated(tmp_path, content) - WANTED).max()
    assert unavoidable > 3
    check(tmp_path, content, unavoidable + 1.5)


def calculated(folder: Path, content: bytes) -> Colors:
    """The stripes' colours in sRGB, 0-255, by the definition of the codes: full range, BT.601, BT.2020, the curve of sRGB."""
    path = folder / "calculated.avif"
    path.write_bytes(content)
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        rows = [np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size) for plane in frame.planes]
    middles = [[row[90:110, 50 * index + 20 : 50 * index + 30].mean() for index in range(len(WANTED))] for row in rows]
    y, blue, red = np.array(middles) / 255 - np.array([[0], [128 / 255], [128 / 255]])
    coded = np.stack([y + 1.402 * red, y - 0.344136 * blue - 0.714136 * red, y + 1.772 * blue], axis=1)
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    return 255 * srgb((linear @ matrix("bt2020").T @ np.linalg.inv(matrix("srgb")).T).clip(0, 1))


@pytest.mark.parametrize(("values", "codes"), [(pq(light("bt2020")), (9, 16)), (hlg(light("bt2020")), (9, 18))])
def test_hdr_heic(tmp_path: Path, values: Colors, codes: tuple[int, int]) -> None:
    heif = pytest.importorskip("pillow_heif")
    deep = stripes(values, 65_535)
    file = io.BytesIO()
    named = {"color_primaries": codes[0], "transfer_characteristics": codes[1], "matrix_coefficients": 9}
    photo = heif.from_bytes("RGB;16", (deep.shape[1], deep.shape[0]), deep.astype("<u2").tobytes())
    photo.save(file, quality=100, chroma=444, save_nclx_profile=True, **named)
    check(tmp_path, file.getvalue())


@pytest.mark.parametrize("tag", ["smpte2084", "arib-std-b67"])
def test_hdr_avif(tmp_path: Path, make_clip: ClipMaker, tag: str) -> None:
    """Of 10 bits, as cameras write it."""
    (tmp_path / "source.png").write_bytes(deep_png(pq(light("bt2020")) if tag == "smpte2084" else hlg(light("bt2020"))))
    scaled = "scale=out_color_matrix=bt2020:out_range=pc:flags=accurate_rnd+full_chroma_int"
    tags = f"setparams=range=pc:color_primaries=bt2020:color_trc={tag}:colorspace=bt2020nc"
    coded = ("-c:v", "libaom-av1", "-still-picture", "1", "-crf", "4", "-cpu-used", "8", "-pix_fmt", "yuv444p10le")
    path = make_clip("a.avif", "-i", tmp_path / "source.png", "-vf", f"{scaled},{tags}", *coded)
    check(tmp_path, path.read_bytes())
