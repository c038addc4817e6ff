"""Joins segments to a film by copying their packets, without encoding or decoding pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import merge
from pathlib import Path
from typing import TypeAlias

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import FFmpegError
from av.subtitles.stream import SubtitleStream
from av.video.stream import VideoStream

from adreel.domain.errors import JoinError
from adreel.domain.films.clip import Segment
from adreel.domain.machine_faults import fault_or
from adreel.media.captions.track import CaptionTrack, track_packets
from adreel.media.segments import decode
from adreel.media.segments.inspect import packets_digest
from adreel.media.segments.x264 import TICKS_PER_FRAME, TIME_BASE, muxer_options

VideoPacket: TypeAlias = "av.Packet[VideoStream]"
AudioPacket: TypeAlias = "av.Packet[AudioStream]"
TextPacket: TypeAlias = "av.Packet[SubtitleStream]"


@dataclass(frozen=True, slots=True)
class Piece:
    """Frames [first, last) of a segment. Both ends must be key frames or the segment's own ends."""

    segment: Segment
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Joined:
    """Contents of a joined film: the digest of each piece's packets, in order, and the common stream header."""

    digests: tuple[str, ...]
    header: bytes


def join(pieces: Sequence[Piece], sound: Path | None, out: Path, captions: CaptionTrack | None = None) -> Joined:
    """Writes the film. `sound` is an AAC file as long as the film, `captions` become a text track.

    Raises JoinError when headers differ, a segment changed since its inspection, or the pieces leave gaps between frames.
    """
    sources = [decode.read_coded(piece.segment.video) for piece in pieces]
    _require_one_header(pieces, sources)
    groups = [_cut(piece, coded.packets) for piece, coded in zip(pieces, sources, strict=True)]
    digests = tuple(packets_digest(group) for group in groups)
    try:
        _write(pieces[0].segment.video, _retimed(pieces, groups), sound, captions, out)
    except (FFmpegError, OSError) as error:
        out.unlink(missing_ok=True)
        raise fault_or(error, out.parent, JoinError(f"cannot write the film {out}: {error}")) from error
    return Joined(digests, sources[0].header)


def _require_one_header(pieces: Sequence[Piece], sources: Sequence[decode.Coded]) -> None:
    if len({coded.header for coded in sources}) != 1:
        names = ", ".join(sorted({piece.segment.key[:12] for piece in pieces}))
        raise JoinError(f"the segments {names} have different stream headers and cannot be joined")


def _cut(piece: Piece, coded: list[VideoPacket]) -> list[VideoPacket]:
    if packets_digest(coded) != piece.segment.digest:
        raise JoinError(f"segment {piece.segment.key[:12]} changed since it was checked; clear the cache and try again")
    chosen = [packet for packet in coded if piece.first <= _index(packet) < piece.last]
    if {_index(packet) for packet in chosen} != set(range(piece.first, piece.last)) or not chosen[0].is_keyframe:
        raise JoinError(f"segment {piece.segment.key[:12]} cannot be cut at frames {piece.first} and {piece.last}")
    return chosen


def _index(packet: VideoPacket) -> int:
    return (packet.pts or 0) // TICKS_PER_FRAME


def _retimed(pieces: Sequence[Piece], groups: Sequence[list[VideoPacket]]) -> list[VideoPacket]:
    """Packets in decoding order with the film's timestamps; dts is the position in that order, less the reordering delay."""
    packets: list[VideoPacket] = []
    start = 0
    for piece, group in zip(pieces, groups, strict=True):
        for packet in group:
            packet.pts = (_index(packet) - piece.first + start) * TICKS_PER_FRAME
            packets.append(packet)
        start += piece.last - piece.first
    if {_index(packet) for packet in packets} != set(range(start)):
        raise JoinError("the pieces do not make an unbroken row of frames")
    delay = max(position - _index(packet) for position, packet in enumerate(packets))
    for position, packet in enumerate(packets):
        packet.dts = (position - delay) * TICKS_PER_FRAME
        packet.duration = TICKS_PER_FRAME
        packet.time_base = TIME_BASE
    return packets


def _write(
    template: Path, packets: list[VideoPacket], sound: Path | None, captions: CaptionTrack | None, out: Path
) -> None:
    options = {**muxer_options(), "movflags": "+faststart"}
    # The template is opened with its decoder; otherwise FFmpeg does not know that its pixels are square.
    with decode.open_mp4(template) as model, av.open(str(out), "w", format="mp4", container_options=options) as film:
        picture_stream = film.add_stream_from_template(model.streams.video[0])
        picture_stream.time_base = TIME_BASE
        for packet in packets:
            packet.stream = picture_stream
        if sound is None:
            film.mux(list(merge(packets, _texts(film, captions), key=_seconds)))
            return
        with decode.open_mp4(sound, packets_only=True) as audio:
            source = audio.streams.audio[0]
            coded = _restreamed(audio.demux(source), film.add_stream_from_template(source))
            film.mux(list(merge(packets, coded, _texts(film, captions), key=_seconds)))


def _texts(film: OutputContainer, captions: CaptionTrack | None) -> Sequence[TextPacket]:
    return track_packets(film, captions) if captions is not None and captions.cues else ()


def _restreamed(coded: Iterator[AudioPacket], stream: AudioStream) -> Iterator[AudioPacket]:
    for packet in coded:
        if packet.size:
            packet.stream = stream
            yield packet


def _seconds(packet: VideoPacket | AudioPacket | TextPacket) -> Fraction:
    return (packet.dts or 0) * (packet.time_base or Fraction(1))
