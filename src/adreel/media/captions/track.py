"""Captions as a text track within a film (3GPP timed text, "mov_text"), which players show when asked to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, cast

from av.packet import Packet

from adreel.domain.films.formats import FPS
from adreel.media.captions.cue import Cue

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.subtitles.stream import SubtitleStream

TRACK_CODEC = "mov_text"
_HEADER = (
    "[Script Info]\r\nScriptType: v4.00+\r\nPlayResX: 384\r\nPlayResY: 288\r\n\r\n[V4+ Styles]\r\n"
    "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, "
    "StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\r\n"
    "Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1\r\n\r\n[Events]\r\n"
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\r\n"
)
"""The style of the text in the form in which FFmpeg's encoder reads it: white at the foot of the picture."""


@dataclass(frozen=True, slots=True)
class CaptionTrack:
    """Captions in order, and their language as of ISO 639-2, "und" where it is not known."""

    cues: tuple[Cue, ...]
    language: str = "und"


def track_packets(film: OutputContainer, track: CaptionTrack) -> Sequence[Packet[SubtitleStream]]:
    """Adds a text stream to a film that is about to be written, and returns its packets in order."""
    stream = film.add_stream(TRACK_CODEC)
    stream.time_base = Fraction(1, FPS)
    stream.metadata["language"] = track.language
    stream.codec_context.subtitle_header = _HEADER.encode()
    return list(_packets(stream, track.cues))


def _packets(stream: SubtitleStream, cues: Sequence[Cue]) -> Iterator[Packet[SubtitleStream]]:
    unit = Fraction(1, FPS)
    for cue in cues:
        text = "\n".join(cue.lines).encode()
        # A sample is the length of its text in two bytes, then the text (3GPP TS 26.245).
        packet = cast("Packet[SubtitleStream]", Packet(len(text).to_bytes(2, "big") + text))
        packet.stream = stream
        packet.pts = packet.dts = cue.first
        packet.duration = cue.last - cue.first
        packet.time_base = unit
        yield packet


def track_text(sample: bytes) -> str:
    """The text of a sample of a text track, empty between captions."""
    return sample[2 : 2 + int.from_bytes(sample[:2], "big")].decode()
