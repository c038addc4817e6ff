"""Clips that name other primaries than the film's, and no HDR curve, arrive in the film's colours."""

from __future__ import annotations

import subprocess
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from adreel.domain.films.film import Fit
from adreel.domain.films.formats import FrameSize
from adreel.media.clips.conform import conform
from adreel.media.clips.probe import probe_clip

Colors = npt.NDArray[np.float64]
WANTED = np.array([(200, 60, 40), (60, 160, 70), (40, 80, 190), (196, 120, 96)])
"""As the film's code values."""
CHROMATICITIES = {
    "bt709": (0.64, 0.33, 0.30, 0.60, 0.15, 0.06),
    "smpte432": (0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    "bt2020": (0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    "smpte170m": (0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    "bt470bg": (0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
}
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "4")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "lossless=1:log-level=none")


def matrix(primaries: str) -> Colors:
    """Linear RGB to XYZ, by the definition of chromaticities; the white is D65."""
    points = np.array(CHROMATICITIES[primaries]).reshape(3, 2)
    columns = np.array([points[:, 0], points[:, 1], 1 - points.sum(1)]) / points[:, 1]
    return columns * np.linalg.solve(columns, np.array([0.3127, 0.3290, 0.3583]) / 0.3290)


def decoded(coded: Colors, curve: str) -> Colors:
    if curve == "iec61966-2-1":
        return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    return np.where(coded < 0.081, coded / 4.5, ((coded + 0.099) / 1.099) ** (1 / 0.45))


def encoded(light: Colors, curve: str) -> Colors:
    if curve == "iec61966-2-1":
        return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.where(light < 0.018, light * 4.5, 1.099 * light**0.45 - 0.099)


def in_primaries(primaries: str, curve: str) -> Colors:
    """The wanted colours as code values of these primaries, on the same curve."""
    light = decoded(WANTED / 255, curve)
    moved = light @ matrix("bt709").T @ np.linalg.inv(matrix(primaries)).T
    return encoded(moved.clip(0, 1), curve)


CLIPS = {
    "bt709": ("bt709", "bt709", "bt709", "tv", "yuv420p", X264),
    "P3": ("smpte432", "bt709", "bt709", "tv", "yuv420p", X264),
    "P3 with the curve of sRGB": ("smpte432", "iec61966-2-1", "bt709", "tv", "yuv420p", X264),
    "P3, full range": ("smpte432", "bt709", "bt709", "pc", "yuv420p", X264),
    "P3, 4:4:4": ("smpte432", "bt709", "bt709", "tv", "yuv444p", X264),
    "BT.2020, 10 bits": ("bt2020", "bt2020-10", "bt2020", "tv", "yuv420p10le", X265),
    "BT.2020 with the matrix of BT.709": ("bt2020", "bt709", "bt709", "tv", "yuv420p", X264),
    "BT.601, 525 lines": ("smpte170m", "smpte170m", "bt601", "tv", "yuv420p", X264),
    "BT.601, 525 lines, full range": ("smpte170m", "smpte170m", "bt601", "pc", "yuv420p", X264),
    "BT.601, 625 lines": ("bt470bg", "bt709", "bt601", "tv", "yuv420p", X264),
}
_SPACES = {"bt709": "bt709", "bt2020": "bt2020nc", "bt601": "smpte170m"}
WEIGHTS = {"bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593), "bt601": (0.299, 0.114)}
"""Of red and blue in the luma."""


def yuv(space: str, span: str, bits: int) -> tuple[Colors, Colors]:
    """RGB from 0 to 1 to code values: the matrix, and what is added."""
    red, blue = WEIGHTS[space]
    luma = np.array([red, 1 - red - blue, blue])
    chroma = [(np.eye(3)[2] - luma) / (2 - 2 * blue), (np.eye(3)[0] - luma) / (2 - 2 * red)]
    ranges = (255, 255, 0) if span == "pc" else (219, 224, 16)
    scale = np.array([ranges[0], ranges[1], ranges[1]])[:, None]
    return scale * np.array([luma, *chroma]) * 2 ** (bits - 8), np.array([ranges[2], 128, 128]) * 2.0 ** (bits - 8)


def planes(codes: Colors, pixels: str) -> bytes:
    """A picture of 320x180 with a stripe for each colour."""
    kind = np.uint16 if pixels.endswith("10le") else np.uint8
    step = 1 if pixels == "yuv444p" else 2
    sizes = [(180, 80), (180 // step, 80 // step), (180 // step, 80 // step)]
    return b"".join(
        np.tile(np.repeat(plane.astype(kind), width), (height, 1)).tobytes()
        for plane, (height, width) in zip(codes.T, sizes, strict=True)
    )


@pytest.mark.parametrize("name", CLIPS)
def test_colours_of_other_primaries_arrive(name: str, tmp_path: Path, ffmpeg: Path) -> None:
    """The right values are those that the clip's whole code values stand for, up to 2.6 beside the wanted ones."""
    primaries, curve, space, span, pixels, codec = CLIPS[name]
    to_codes, added = yuv(space, span, 10 if pixels.endswith("10le") else 8)
    codes = (in_primaries(primaries, curve) @ to_codes.T + added).round()
    said = (codes - added) @ np.linalg.inv(to_codes).T
    light = decoded(said, curve) @ matrix(primaries).T @ np.linalg.inv(matrix("bt709")).T
    tags = f"setparams=range={span}:color_primaries={primaries}:color_trc={curve}:colorspace={_SPACES[space]}"
    raw = ("-f", "rawvideo", "-pix_fmt", pixels, "-s", "320x180", "-r", "30", "-i", "-")
    clip = tmp_path / "clip.mp4"
    command = [ffmpeg, "-v", "error", *raw, "-vf", tags, "-pix_fmt", pixels, *codec, clip]
    subprocess.run([str(part) for part in command], input=planes(codes, pixels) * 3, check=True, capture_output=True)
    found = middles(clip, tmp_path / "out.mp4", ffmpeg)
    assert np.abs(found - encoded(light, curve) * 255).max() <= 3
    assert np.abs(found - WANTED).max() <= 6


def middles(clip: Path, out: Path, ffmpeg: Path) -> Colors:
    """The colours in the middle of the four stripes, conformed."""
    size = FrameSize(640, 360)
    conform(clip, probe_clip(clip), out, None, size=size, frames=3, fit=Fit.PAD, ffmpeg=ffmpeg)
    with av.open(str(out)) as container:
        frame = next(container.decode(video=0))
        codes = frame.reformat(format="yuv444p").to_ndarray()
    to_codes, added = yuv("bt709", "tv", 8)
    stripes = [codes[:, 170:190, 160 * index + 60 : 160 * index + 100].mean((1, 2)) for index in range(4)]
    return (np.array(stripes) - added) @ np.linalg.inv(to_codes).T * 255
