"""A film as ffprobe and ffmpeg's filters see it. Nothing of `adreel` is imported: this is the second opinion."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.placements_check.mp4 import cuts, index_first

Json = dict[str, Any]

BLACK, EMPTY, CUT = 28, 1.0, 25.0
"""Luma of black; standard deviation of an empty picture; mean change of luma from which another shot begins."""
_SMALL = (160, 90)
_RATE = 8000


class ReadingError(Exception):
    """A film that cannot be read, or a program that is missing."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Values by the names that the rules use; `sizes` in pixels. What is not here was not read."""

    values: Json
    sizes: tuple[int, int]


def program(name: str) -> str:
    """The program's path. Raises ReadingError where it is not installed."""
    found = shutil.which(name)
    if found is None:
        raise ReadingError(f"{name} is not on PATH; install FFmpeg's package (apt-get install ffmpeg)")
    return found


def read(film: Path) -> Reading:
    """Reads packets, pictures and sound of a film. Raises ReadingError."""
    probed = _probe(film)
    streams: list[Json] = probed["streams"]
    videos = [each for each in streams if each["codec_type"] == "video" and not each["disposition"]["attached_pic"]]
    sounds = [each for each in streams if each["codec_type"] == "audio"]
    if not videos:
        raise ReadingError(f"{film} has no picture")
    width, height = _shown(videos[0])
    values = {
        **_file(film, probed),
        **_video(videos[0], probed["packets"], (width, height)),
        "video_streams": len(videos),
        "audio_streams": len(sounds),
        "other_streams": len(streams) - len(videos) - len(sounds),
        "has_audio": bool(sounds),
        "abrupt_end": False,
        **_pictures(film, videos[0], (width, height)),
    }
    if sounds:
        values |= _sound(film, sounds[0], probed["packets"])
        values["abrupt_end"] = values["abrupt_picture_end"] or values["abrupt_sound_end"]
    return Reading(values, (width, height))


def _run(*command: str) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(command, capture_output=True, check=False, timeout=900)
    if done.returncode:
        raise ReadingError(f"{Path(command[0]).name} failed: {done.stderr.decode(errors='replace')[-500:]}")
    return done


def _probe(film: Path) -> Json:
    entries = "packet=stream_index,pts_time,duration_time,size"
    shown = ("-show_format", "-show_streams", "-show_packets", "-show_entries", entries)
    return json.loads(_run(program("ffprobe"), "-v", "error", *shown, "-of", "json", str(film)).stdout)


def _file(film: Path, probed: Json) -> Json:
    brand = probed["format"].get("tags", {}).get("major_brand", "").strip()
    is_mp4 = "mp4" in probed["format"]["format_name"]
    return {
        "container": ("mov" if brand == "qt" else "mp4") if is_mp4 else probed["format"]["format_name"],
        "bytes": int(probed["format"]["size"]),
        "index_first": index_first(film) if is_mp4 else None,
        "edit_list": cuts(film) if is_mp4 else None,
    }


def _shown(video: Json) -> tuple[int, int]:
    width, height = int(video["width"]), int(video["height"])
    return (height, width) if _rotation(video) % 180 else (width, height)


def _rotation(video: Json) -> int:
    return next((int(each["rotation"]) % 360 for each in video.get("side_data_list", ()) if "rotation" in each), 0)


def _video(video: Json, packets: list[Json], size: tuple[int, int]) -> Json:
    own = [each for each in packets if each["stream_index"] == video["index"]]
    times = sorted(float(each["pts_time"]) for each in own)
    steps = [after - before for before, after in pairwise(times)]
    seconds = times[-1] - times[0] + float(own[-1]["duration_time"])
    return {
        "seconds": seconds,
        "video_codec": video["codec_name"],
        "size": f"{size[0]}x{size[1]}",
        "width": size[0],
        "height": size[1],
        "aspect": Fraction(*size),
        "chroma": {"yuv420p": "4:2:0", "yuvj420p": "4:2:0"}.get(video["pix_fmt"], video["pix_fmt"]),
        "bit_depth": int(video.get("bits_per_raw_sample", 8)),
        "square_pixels": video.get("sample_aspect_ratio", "1:1") in ("1:1", "0:1"),
        "progressive": video.get("field_order", "progressive") in ("progressive", "unknown"),
        "rotation": _rotation(video),
        "frames": len(own),
        "frame_rate": (len(own) - 1) / (times[-1] - times[0]),
        "constant_rate": max(steps) - min(steps) <= 0.0025,
        "video_kbps": sum(int(each["size"]) for each in own) * 8 / seconds / 1000,
    }


def _pictures(film: Path, video: Json, size: tuple[int, int]) -> Json:
    """Small grey pictures of the whole film: black and empty ones at its ends, another shot in its last half second. Bars and
    still stretches by ffmpeg's own filters."""
    width, height = _SMALL
    graph = (
        f"[0:{video['index']}]cropdetect=limit=24:round=2:reset=0,scale={width}:{height}:flags=area,"
        "freezedetect=n=0.001:d=0.5,format=gray[out]"
    )
    command = (program("ffmpeg"), "-nostats", "-i", str(film), "-filter_complex", graph, "-map", "[out]")
    done = _run(*command, "-fps_mode", "passthrough", "-f", "rawvideo", "-")
    grey = np.frombuffer(done.stdout, np.uint8).reshape(-1, height * width)
    # `gray` is full range: 16 becomes 0, as the conversion stretches it.
    black = (grey <= BLACK - 16).mean(axis=1) >= 0.98
    empty = ~black & (grey.std(axis=1) <= EMPTY)
    changes = np.abs(np.diff(grey[-16:].astype(np.int16), axis=0)).mean(axis=1)
    return {
        **{f"{name}_start_frames": _leading(flags) for name, flags in (("black", black), ("empty", empty))},
        **{f"{name}_end_frames": _leading(flags[::-1]) for name, flags in (("black", black), ("empty", empty))},
        "abrupt_picture_end": bool((changes > CUT).any()),
        **_filtered(done.stderr.decode(errors="replace"), *size),
    }


def _filtered(log: str, width: int, height: int) -> Json:
    crops = re.findall(r"crop=(\d+):(\d+):(\d+):(\d+)", log)
    wide, high, left, top = map(int, crops[-1]) if crops else (width, height, 0, 0)
    stills = [float(found) for found in re.findall(r"freeze_duration: ([\d.]+)", log)]
    return {
        "bars": max(left, top, width - wide - left, height - high - top),
        "frozen_seconds": max(stills, default=0.0),
    }


def _leading(flags: np.ndarray) -> int:
    return int(np.argmin(flags)) if not flags.all() else len(flags)


def _sound(film: Path, sound: Json, packets: list[Json]) -> Json:
    own = [each for each in packets if each["stream_index"] == sound["index"]]
    times = [float(each["pts_time"]) for each in own]
    seconds = max(times) - min(times) + float(own[-1].get("duration_time", 0))
    levels = _levels(film)
    return {
        "audio_codec": "pcm" if sound["codec_name"].startswith("pcm_") else sound["codec_name"],
        "audio_rate": int(sound["sample_rate"]),
        "audio_channels": int(sound["channels"]),
        "audio_kbps": sum(int(each["size"]) for each in own) * 8 / seconds / 1000,
        "sound_seconds": seconds,
        **levels,
        "silent": levels["true_peak"] < -50,
        "abrupt_sound_end": _ends_loud(film),
    }


def _levels(film: Path) -> Json:
    """By loudnorm's measurement, not by the filter that adreel uses."""
    chain = "loudnorm=print_format=json"
    command = (program("ffmpeg"), "-i", str(film), "-vn", "-af", chain, "-f", "null", "-")
    log = _run(*command).stderr.decode(errors="replace")
    found = json.loads(log[log.rindex("{") : log.rindex("}") + 1])
    return {"loudness": float(found["input_i"]), "true_peak": float(found["input_tp"])}


def _ends_loud(film: Path) -> bool:
    command = (
        program("ffmpeg"),
        "-v",
        "error",
        "-i",
        str(film),
        "-vn",
        "-ac",
        "1",
        "-ar",
        str(_RATE),
        "-f",
        "f32le",
        "-",
    )
    samples = np.frombuffer(_run(*command).stdout, np.float32).astype(np.float64)
    tail, whole = samples[-_RATE * 6 // 100 :], samples
    ending, mean = (10 * np.log10(np.mean(part**2) + 1e-12) for part in (tail, whole))
    return bool(ending > -35 and ending > mean - 15)
