"""Measurements of a film, as data, with the name and the unit of each value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any

from adreel.domain.films.shown_words import Words, smallest_type, to_plain


@dataclass(frozen=True, slots=True)
class Measurements:
    """A film as it is shown. None: not measured, because there is no such stream or it cannot be known.

    `container` is mp4, mov, webm, mkv, avi, mpegts, mpeg or flv. `seconds` is the length of the picture, `sound_seconds` that of
    the sound. `color` is bt709, bt601, bt2020, hdr, mixed or unspecified, as the file states it. `width` and `height` are in
    square pixels, upright. `frame_rate` is the mean in frames per second; `constant_rate`: no interval differs by more than
    2.5 ms. Bit rates are means in kilobits (1000) per second. `edit_list`: one that does more than skip the delay of the codec.
    `loudness` in LUFS, `true_peak` in dBTP, minus infinity for silence. `bars` is the widest black bar in pixels.
    `frozen_seconds` is the longest stretch without movement. `text_pixels` and `text_points` are the smallest text and `words`
    where each stands, known of adreel's own films only.
    """

    container: str
    bytes: int
    seconds: float
    video_codec: str
    width: int
    height: int
    chroma: str
    bit_depth: int
    color: str
    full_range: bool
    square_pixels: bool
    progressive: bool
    rotation: int
    frames: int
    frame_rate: float | None
    constant_rate: bool
    video_kbps: float
    video_streams: int
    audio_streams: int
    other_streams: int
    index_first: bool | None
    edit_list: bool | None
    fragmented: bool | None
    has_audio: bool
    audio_codec: str | None
    audio_rate: int | None
    audio_channels: int | None
    audio_kbps: float | None
    sound_seconds: float | None
    loudness: float | None
    true_peak: float | None
    silent: bool | None
    black_start_frames: int
    black_end_frames: int
    empty_start_frames: int
    empty_end_frames: int
    abrupt_picture_end: bool
    abrupt_sound_end: bool | None
    bars_top: int
    bars_bottom: int
    bars_left: int
    bars_right: int
    frozen_seconds: float
    words: Words | None = None

    @property
    def text_pixels(self) -> float | None:
        """The size of the smallest letters in pixels."""
        return None if self.words is None else smallest_type(self.words)

    @property
    def text_points(self) -> float | None:
        """The same in points: 96 pixels are an inch, as in CSS."""
        return None if self.text_pixels is None else self.text_pixels * 72 / 96

    @property
    def size(self) -> str:
        return f"{self.width}x{self.height}"

    @property
    def aspect(self) -> Fraction:
        return Fraction(self.width, self.height)

    @property
    def bars(self) -> int:
        return max(self.bars_top, self.bars_bottom, self.bars_left, self.bars_right)

    @property
    def abrupt_end(self) -> bool:
        return self.abrupt_picture_end or bool(self.abrupt_sound_end)


def as_json(found: Measurements) -> dict[str, Any]:
    """Returns the values by name, numbers rounded; minus infinity, which JSON does not have, becomes None."""
    plain = {name: _plain(value) for name, value in asdict(replace(found, words=None)).items()}
    sizes = {name: _plain(getattr(found, name)) for name in ("text_pixels", "text_points")}
    return {**plain, **sizes, "words": None if found.words is None else to_plain(found.words)}


def _plain(value: object) -> object:
    if not isinstance(value, float):
        return value
    return round(value, 3) if abs(value) != float("inf") else None


FIELDS: Mapping[str, tuple[str, str]] = {
    "container": ("container", ""),
    "bytes": ("file size", "bytes"),
    "seconds": ("length", "s"),
    "video_codec": ("video codec", ""),
    "size": ("frame size", ""),
    "width": ("width", "px"),
    "height": ("height", "px"),
    "aspect": ("aspect", ""),
    "chroma": ("chroma", ""),
    "bit_depth": ("bit depth", "bits"),
    "color": ("colours", ""),
    "full_range": ("full range", ""),
    "square_pixels": ("square pixels", ""),
    "progressive": ("progressive", ""),
    "rotation": ("rotation", "degrees"),
    "frames": ("frames", ""),
    "frame_rate": ("frame rate", "fps"),
    "constant_rate": ("constant frame rate", ""),
    "video_kbps": ("video bit rate", "kbit/s"),
    "video_streams": ("video streams", ""),
    "audio_streams": ("audio streams", ""),
    "other_streams": ("other streams", ""),
    "index_first": ("index first", ""),
    "edit_list": ("edit list", ""),
    "fragmented": ("fragmented", ""),
    "has_audio": ("sound", ""),
    "audio_codec": ("audio codec", ""),
    "audio_rate": ("audio rate", "Hz"),
    "audio_channels": ("audio channels", ""),
    "audio_kbps": ("audio bit rate", "kbit/s"),
    "sound_seconds": ("length of the sound", "s"),
    "loudness": ("loudness", "LUFS"),
    "true_peak": ("true peak", "dBTP"),
    "silent": ("silent", ""),
    "black_start_frames": ("black frames at the start", ""),
    "black_end_frames": ("black frames at the end", ""),
    "empty_start_frames": ("empty frames at the start", ""),
    "empty_end_frames": ("empty frames at the end", ""),
    "abrupt_end": ("abrupt end", ""),
    "abrupt_picture_end": ("abrupt end of the picture", ""),
    "abrupt_sound_end": ("abrupt end of the sound", ""),
    "bars": ("black bars", "px"),
    "frozen_seconds": ("longest frozen stretch", "s"),
    "text_pixels": ("smallest text", "px"),
    "text_points": ("smallest text", "pt"),
}
"""Every field that a rule may name, with its name for people and its unit."""
