"""Builds the ffmpeg commands that measure and mend films. Pure; `media.ffmpeg.process` runs them."""

from __future__ import annotations

from pathlib import Path

from adreel.placements.streams import FilmFacts

BLOCKS = 64
"""Columns into which a row of the picture is averaged, and rows into which a column is."""

ENVELOPE_RATE = 8000
"""Samples per second of the sound whose level is followed."""


def start_args(ffmpeg: Path, log: str = "error") -> list[str]:
    return [str(ffmpeg), "-hide_banner", "-nostdin", "-loglevel", log, "-nostats", "-y"]


def input_args(path: Path, facts: FilmFacts) -> list[str]:
    """Opens a film by its sniffed demuxer only, and no other file."""
    return [
        *("-f", facts.demuxer, "-format_whitelist", facts.demuxer, "-protocol_whitelist", "file"),
        *("-i", f"file:{path.absolute()}"),
    ]


def strips_args(ffmpeg: Path, path: Path, facts: FilmFacts) -> list[str]:
    """Writes two strips of each picture's luma to standard output, one above the other, 64 bytes a row: every row as the means of
    64 parts of it, then every column likewise."""
    width, height = facts.stored
    planes = "format=yuv420p,extractplanes=y"
    graph = (
        f"[0:{facts.index}]split[a][b];[a]scale={BLOCKS}:{height}:flags=area,{planes}[rows];"
        f"[b]scale={width}:{BLOCKS}:flags=area,{planes},transpose=0[columns];[rows][columns]vstack[out]"
    )
    return [
        *start_args(ffmpeg),
        *input_args(path, facts),
        *("-filter_threads", "1", "-filter_complex", graph, "-map", "[out]", "-fps_mode", "passthrough"),
        *("-c:v", "rawvideo", "-f", "rawvideo", "pipe:1"),
    ]


def sound_args(ffmpeg: Path, path: Path, facts: FilmFacts, index: int) -> list[str]:
    """Writes the sound as 16-bit mono at 8 kHz to standard output, and the summary of its loudness to standard error."""
    graph = (
        f"[0:{index}]asplit[a][b];[a]ebur128=peak=true:framelog=quiet,anullsink;"
        f"[b]aresample={ENVELOPE_RATE}:ochl=mono:osf=s16[out]"
    )
    return [
        *start_args(ffmpeg, log="info"),
        *input_args(path, facts),
        *("-filter_threads", "1", "-filter_complex", graph, "-map", "[out]", "-c:a", "pcm_s16le", "-f", "s16le", "pipe:1"),
    ]
