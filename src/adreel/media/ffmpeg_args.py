"""ffmpeg commands as data: pure functions from facts to argument lists. Nothing here runs anything.

Paths are absolute and prefixed with ``file:``, so that no name can be taken for an option or a protocol. Input is opened by
the demuxer that was sniffed, with no protocol but files, and stops at the first damage.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from adreel.domain.fit import Fit
from adreel.domain.formats import FPS, SAMPLE_RATE, SAMPLES_PER_FRAME, FrameSize
from adreel.media import encoding
from adreel.media.clip_info import ClipInfo
from adreel.media.picture_filters import conform_chain, fitted_chain

STANDS_STILL = re.compile(r"^lavfi\.(black_start|freezedetect\.freeze_start)=", re.MULTILINE)
"""What `verify_args` prints where the clip itself is black, or frozen for a second."""

# Small and at the film's rate: what is seen is what the segment will show, also of a slide show. Somewhat more easily
# satisfied than the look at the segment (see inspect), so that what is found there and not here was not in the clip.
_LOOK = (
    f"scale=w=160:h=90:flags=area,format=gray,fps={FPS},blackdetect=d=0.01:pic_th=0.98:pix_th=0.08,"
    "freezedetect=n=0.001:d=0.9,metadata=mode=print:key=lavfi.black_start:file=-,"
    "metadata=mode=print:key=lavfi.freezedetect.freeze_start:file=-"
)


def conform_args(
    ffmpeg: Path,
    source: Path,
    info: ClipInfo,
    out: Path,
    size: FrameSize,
    frames: int,
    fit: Fit,
    threads: int,
    spare: Sequence[int] = (),
) -> list[str]:
    """Makes a closed segment of exactly `frames` pictures from a clip: same stream headers as `encoder.SegmentEncoder`.

    `spare`: indices of packets of the picture that are not decoded (see thinning); for an ffmpeg that `filters_packets`.
    """
    return [
        *_start(ffmpeg),
        *_without(spare, info),
        *_input(source, info, threads),
        *("-map", f"0:{info.video_stream_index}", "-an", "-sn", "-dn"),
        *("-filter_threads", str(threads), "-vf", conform_chain(info, size, frames, fit)),
        *_x264(frames, threads),
        *(part for name, value in encoding.muxer_options().items() for part in (f"-{name}", value)),
        *_output(out, "mp4"),
    ]


def pictures_args(
    ffmpeg: Path, source: Path, info: ClipInfo, size: FrameSize, pictures: int, fit: Fit, threads: int
) -> list[str]:
    """Writes a clip's first `pictures` pictures, each once, to standard output: I420 of `size`, one after the other."""
    return [
        *_start(ffmpeg, progress=False),
        *_input(source, info, threads),
        *("-map", f"0:{info.video_stream_index}", "-an", "-sn", "-dn"),
        *("-filter_threads", str(threads), "-vf", fitted_chain(info, size, fit)),
        *("-fps_mode", "passthrough", "-frames:v", str(pictures)),
        *("-c:v", "rawvideo", "-pix_fmt", encoding.PIXEL_FORMAT, "-f", "rawvideo", "pipe:1"),
    ]


def sound_args(ffmpeg: Path, source: Path, info: ClipInfo, out: Path, frames: int) -> list[str]:
    """Writes a clip's own sound as 16-bit stereo WAV, exactly `frames` long, aligned with the first picture.

    Sound that starts after the picture is preceded by silence, sound that starts before it loses its beginning; gaps in
    its timestamps become silence.
    """
    samples = frames * SAMPLES_PER_FRAME
    chain = (
        # With -copyts the timestamps are the container's own, as the probe saw them.
        f"asetpts=PTS-{_seconds(info.start)}/TB",
        f"aresample={SAMPLE_RATE}:async=1:first_pts=0:ochl=stereo:osf=s16",
        f"apad=whole_len={samples}",
        f"atrim=end_sample={samples}",
    )
    return [
        *_start(ffmpeg),
        "-copyts",
        *_input(source, info, threads=1),
        *("-map", f"0:{info.audio_stream_index}", "-vn", "-sn", "-dn"),
        *("-filter_threads", "1", "-af", ",".join(chain), "-c:a", "pcm_s16le"),
        *_output(out, "wav"),
    ]


def verify_args(ffmpeg: Path, source: Path, info: ClipInfo, threads: int) -> list[str]:
    """Decodes picture and sound to nowhere; writes a line with `STANDS_STILL` in it for each black or frozen stretch.

    Block edges are left unsmoothed: a fifth of the cost, in which no damage shows.
    """
    sound = () if info.audio_stream_index is None else ("-map", f"0:{info.audio_stream_index}")
    look = f"[0:{info.video_stream_index}]split[all][look];[look]{_LOOK},nullsink"
    return [
        *_start(ffmpeg),
        *("-skip_loop_filter", "all"),
        *_input(source, info, threads),
        *("-filter_threads", "1", "-filter_complex", look),
        *("-map", "[all]", *sound, "-fps_mode", "passthrough", "-f", "null", "-"),
    ]


def _start(ffmpeg: Path, *, progress: bool = True) -> list[str]:
    quiet = ("-hide_banner", "-nostdin", "-loglevel", "error", "-nostats")
    told = ("-progress", "pipe:1", "-stats_period", "0.2") if progress else ()
    return [str(ffmpeg), *quiet, *told, "-xerror", "-y"]


def _without(spare: Sequence[int], info: ClipInfo) -> list[str]:
    """For the input that follows."""
    return [f"-bsf:{info.video_stream_index}", f"noise=drop='{_any_of(spare)}'"] if spare else []


def _any_of(indices: Sequence[int]) -> str:
    """True for these. A sum of sums: FFmpeg takes expressions of any length, but of no more than a hundred levels."""
    if len(indices) == 1:
        return f"eq(n,{indices[0]})"
    half = len(indices) // 2
    return f"({_any_of(indices[:half])}+{_any_of(indices[half:])})"


def _input(source: Path, info: ClipInfo, threads: int) -> list[str]:
    decoder = ("-c:v", info.decoder) if info.decoder else ()
    return [
        *("-err_detect", "explode", "-threads", str(threads), *decoder),
        *("-f", info.container, "-format_whitelist", info.container, "-protocol_whitelist", "file"),
        *("-i", f"file:{source.absolute()}"),
    ]


def _output(out: Path, muxer: str) -> list[str]:
    return ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-f", muxer, f"file:{out.absolute()}"]


def _x264(frames: int, threads: int) -> list[str]:
    keys = "+".join(f"eq(n,{index})" for index in encoding.key_frames(frames))
    return [
        *("-c:v", "libx264", "-preset", encoding.PRESET, "-crf", str(encoding.CRF), "-threads", str(threads)),
        *("-profile:v", encoding.PROFILE, "-level:v", encoding.LEVEL, "-pix_fmt", encoding.PIXEL_FORMAT),
        *("-x264-params", encoding.x264_params(), "-forced-idr", "1", "-force_key_frames", f"expr:{keys}"),
        *("-fps_mode", "cfr", "-r", str(FPS)),
    ]


def _seconds(value: Fraction) -> str:
    """Nine decimals: exact to far less than one sample."""
    return f"{float(value):.9f}"
