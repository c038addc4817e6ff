"""Builds the ffmpeg commands that measure and mend films. Pure; `media.ffmpeg.process` runs them."""

from __future__ import annotations

from pathlib import Path

from adreel.placements.mending import RATE_BUFFER, MendPlan
from adreel.placements.streams import FilmFacts

BLOCKS = 64
"""Columns into which a row of the picture is averaged, and rows into which a column is."""

ENVELOPE_RATE = 8000
"""Samples per second of the sound whose level is followed."""


def start_args(ffmpeg: Path, log: str = "error") -> list[str]:
    return [str(ffmpeg), "-hide_banner", "-nostdin", "-loglevel", log, "-nostats", "-y"]


def input_args(path: Path, facts: FilmFacts) -> list[str]:
    """Opens a film by its sniffed demuxer only, and no other file; decoding stops at the first damage."""
    return [
        *("-xerror", "-err_detect", "explode"),
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
        *(
            "-filter_threads",
            "1",
            "-filter_complex",
            graph,
            "-map",
            "[out]",
            "-c:a",
            "pcm_s16le",
            "-f",
            "s16le",
            "pipe:1",
        ),
    ]


_LIMITER = "alimiter=limit=0.794:level=false:latency=true"
"""-2 dBFS: room for the peaks that AAC adds."""
_FADE = 0.5


def mend_args(ffmpeg: Path, path: Path, facts: FilmFacts, plan: MendPlan, out: Path) -> list[str]:
    """Writes the mended film: one video stream and the sound, index first, no other data."""
    end = facts.seconds if plan.end is None else plan.end
    video = ["-map", f"0:{facts.index}", *(_video(plan, facts) if plan.encode_video else ("-c:v", "copy"))]
    sound: list[str] = []
    if facts.sound is not None and facts.sound.seconds > 0:
        sound = ["-map", f"0:{facts.sound.index}", *(_sound(plan, end) if plan.encode_audio else ("-c:a", "copy"))]
    return [
        *start_args(ffmpeg),
        *input_args(path, facts),
        *video,
        *sound,
        *("-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"),
        *("-movflags", "+faststart", "-f", "mp4", f"file:{out.absolute()}"),
    ]


def _video(plan: MendPlan, facts: FilmFacts) -> list[str]:
    width, height = (side // 2 * 2 for side in facts.shown)
    chain = [
        *(["bwdif=mode=send_frame"] if plan.deinterlace else []),
        *([_trim("trim", plan), "setpts=PTS-STARTPTS"] if plan.start > 0 or plan.end is not None else []),
        *([f"crop={plan.crop.width}:{plan.crop.height}:{plan.crop.left}:{plan.crop.top}"] if plan.crop else []),
        *([f"fps={plan.rate}{':start_time=0' if plan.align else ''}"] if plan.rate else []),
        f"scale={width}:{height}:flags=lanczos{_converted(plan)}:out_range=tv",
        "setsar=1",
        "format=yuv420p",
        *(["setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709"] if plan.color else []),
    ]
    return ["-vf", ",".join(chain), "-c:v", "libx264", "-preset", "faster", "-profile:v", "high", *_bit_rate(plan)]


def _converted(plan: MendPlan) -> str:
    return f":in_color_matrix={plan.color}:out_color_matrix=bt709" if plan.color else ""


def _bit_rate(plan: MendPlan) -> list[str]:
    if plan.kbps is not None:
        rate = f"{min(plan.kbps, plan.most_kbps or plan.kbps)}k"
        return ["-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", rate, "-x264-params", "nal-hrd=cbr"]
    limit = (
        []
        if plan.most_kbps is None
        else ["-maxrate", f"{plan.most_kbps}k", "-bufsize", f"{plan.most_kbps * RATE_BUFFER:.0f}k"]
    )
    return ["-crf", "18", *limit]


def _sound(plan: MendPlan, end: float) -> list[str]:
    chain = [
        *([_trim("atrim", plan), "asetpts=PTS-STARTPTS"] if plan.start > 0 or plan.end is not None else []),
        *([f"volume={plan.gain}dB", _LIMITER] if plan.gain else []),
        *([f"afade=t=out:st={max(0.0, end - plan.start - _FADE):.3f}:d={_FADE}"] if plan.fade else []),
        f"aresample=48000:ochl=stereo{':async=1:first_pts=0' if plan.align else ''}",
    ]
    return ["-af", ",".join(chain), "-c:a", "aac", "-b:a", f"{plan.audio_kbps}k"]


def _trim(name: str, plan: MendPlan) -> str:
    end = "" if plan.end is None else f":end={plan.end:.6f}"
    return f"{name}=start={plan.start:.6f}{end}"
