"""Builds ffmpeg argument lists. Pure functions; `process` runs the commands.

Paths are absolute and prefixed with ``file:``, so that no name is parsed as an option or a protocol. Input is opened with the
sniffed demuxer and the file protocol only; decoding stops at the first damage.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.film import Fit
from adreel.domain.films.formats import FPS, SAMPLE_RATE, SAMPLES_PER_FRAME, FrameSize
from adreel.media.clips.info import ClipInfo
from adreel.media.ffmpeg.filters import conform_chain, fitted_chain
from adreel.media.segments import x264 as encoding

STANDS_STILL = re.compile(r"^lavfi\.(black_start|freezedetect\.freeze_start)=", re.MULTILINE)
"""Lines that the command of `verify_args` prints where the clip is black, or frozen for a second."""

# Small and at the film's frame rate, so that slide shows are judged by the frames that the segment will show. Thresholds are
# laxer than those of `segments.inspect`: a fault found there and not here was not in the clip.
_BITS = 8
_DETECT = (
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
    dropped: Sequence[int] = (),
    profile: EncoderProfile = EncoderProfile.STANDARD,
) -> list[str]:
    """Makes a closed segment of exactly `frames` pictures from a clip: same stream headers as `encoder.SegmentEncoder` of its
    `profile`.

    `dropped`: indices of video packets that are not decoded (see `conform.droppable_packets`); needs an ffmpeg that
    `filters_packets`.
    """
    return [
        *_start(ffmpeg),
        *_drop(dropped, info),
        *_input(source, info, threads),
        *("-map", f"0:{info.video_stream_index}", "-an", "-sn", "-dn"),
        *("-filter_threads", str(threads), "-vf", conform_chain(info, size, frames, fit)),
        *_x264(frames, threads, profile),
        *(part for name, value in encoding.muxer_options().items() for part in (f"-{name}", value)),
        *_output(out, "mp4"),
    ]


def pictures_args(
    ffmpeg: Path, source: Path, info: ClipInfo, size: FrameSize, pictures: int, fit: Fit, threads: int
) -> list[str]:
    """Writes a clip's first `pictures` pictures, each once, to standard output as consecutive I420 frames of `size`."""
    return [
        *_start(ffmpeg, progress=False),
        *_input(source, info, threads),
        *("-map", f"0:{info.video_stream_index}", "-an", "-sn", "-dn"),
        *("-filter_threads", str(threads), "-vf", fitted_chain(info, size, fit)),
        *("-fps_mode", "passthrough", "-frames:v", str(pictures)),
        *("-c:v", "rawvideo", "-pix_fmt", encoding.PIXEL_FORMAT, "-f", "rawvideo", "pipe:1"),
    ]


def conformed_pictures_args(
    ffmpeg: Path,
    source: Path,
    info: ClipInfo,
    size: FrameSize,
    frames: int,
    fit: Fit,
    threads: int,
    dropped: Sequence[int] = (),
) -> list[str]:
    """Writes exactly the pictures that `conform_args` encodes to standard output as consecutive I420 frames of `size`."""
    return [
        *_start(ffmpeg, progress=False),
        *_drop(dropped, info),
        *_input(source, info, threads),
        *("-map", f"0:{info.video_stream_index}", "-an", "-sn", "-dn"),
        *("-filter_threads", str(threads), "-vf", conform_chain(info, size, frames, fit)),
        *("-frames:v", str(frames)),
        *("-c:v", "rawvideo", "-pix_fmt", encoding.PIXEL_FORMAT, "-f", "rawvideo", "pipe:1"),
    ]


def sound_args(ffmpeg: Path, source: Path, info: ClipInfo, out: Path, frames: int) -> list[str]:
    """Writes a clip's own sound as 16-bit stereo WAV, exactly `frames` long, aligned with the first picture.

    Sound that starts later is padded with silence, sound that starts earlier is trimmed; gaps in its timestamps become
    silence.
    """
    samples = frames * SAMPLES_PER_FRAME
    chain = (
        # With -copyts the timestamps are the container's own, as the probe read them.
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
    """Decodes picture and sound without output; prints a line matching `STANDS_STILL` for each black or frozen stretch.

    Skips the deblocking filter: it is a fifth of the cost and reveals no damage.
    """
    sound = () if info.audio_stream_index is None else ("-map", f"0:{info.audio_stream_index}", "-af", _STEREO)
    detect = f"[0:{info.video_stream_index}]split[all][look];[look]{_DETECT},nullsink"
    return [
        *_start(ffmpeg, log="level+info"),
        *("-skip_loop_filter", "all"),
        *_input(source, info, threads),
        *("-filter_threads", "1", "-filter_complex", detect),
        *("-map", "[all]", *sound, "-fps_mode", "passthrough", "-f", "null", "-"),
    ]


def copy_args(ffmpeg: Path, source: Path, info: ClipInfo, out: Path) -> list[str]:
    """Copies packets into a transport stream from the first key picture on; where timestamps start anew they go on.

    Packets that are marked corrupt are copied: decoding the copy shows whether they are.
    """
    return [
        *_start(ffmpeg, stops=False),
        *_opened(source, info),
        *_mapped(info),
        *("-c", "copy", "-muxdelay", "0", "-muxpreload", "0"),
        *_output(out, "mpegts"),
    ]


def steady_args(ffmpeg: Path, source: Path, info: ClipInfo, size: tuple[int, int] | None, out: Path) -> list[str]:
    """Decodes a clip and encodes it in one format, as good as lossless: its picture in `size`, unless None, its sound as PCM.

    ffmpeg starts its filters anew at each change, so they hold nothing back and depend on nothing before.
    """
    return [
        *_start(ffmpeg),
        *_input(source, info, threads=1),
        *_mapped(info),
        *(("-vf", _on_canvas(info, *size), *_NEAR_LOSSLESS) if size else ("-c:v", "copy")),
        *("-af", _STEREO, "-c:a", "pcm_s16le"),
        *_output(out, "matroska"),
    ]


_STEREO = f"aresample={SAMPLE_RATE}:ochl=stereo:osf=s16"
_NEAR_LOSSLESS = ("-fps_mode", "passthrough", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "4", "-threads", "1")


def _on_canvas(info: ClipInfo, width: int, height: int) -> str:
    """Fits each picture, whatever its size and shape of pixels, into one of `width` x `height` square pixels."""
    colors = f":in_color_matrix={info.matrix}:out_color_matrix={info.matrix}" if info.matrix else ""
    span = "pc" if info.full_range else "tv"
    return ",".join(
        [
            *(["bwdif=mode=send_frame:deint=all"] if info.interlaced else []),
            "scale=w=trunc(iw*sar/2)*2:h=ih,setsar=1",
            f"scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2:out_range={span}{colors}",
            f"format={'yuv420p10le' if info.bit_depth > _BITS else 'yuv420p'}",
            f"pad={width}:{height}:-1:-1",
        ]
    )


def _mapped(info: ClipInfo) -> list[str]:
    sound = () if info.audio_stream_index is None else ("-map", f"0:{info.audio_stream_index}")
    return ["-map", f"0:{info.video_stream_index}", *sound, "-sn", "-dn"]


def _start(ffmpeg: Path, *, progress: bool = True, stops: bool = True, log: str = "error") -> list[str]:
    """`stops`: at the first damage. `log`: what ffmpeg writes to standard error."""
    quiet = ("-hide_banner", "-nostdin", "-loglevel", log, "-nostats")
    reporting = ("-progress", "pipe:1", "-stats_period", "0.2") if progress else ()
    return [str(ffmpeg), *quiet, *reporting, *(["-xerror"] if stops else []), "-y"]


def _drop(packets: Sequence[int], info: ClipInfo) -> list[str]:
    """Input options; they apply to the input that follows."""
    return [f"-bsf:{info.video_stream_index}", f"noise=drop='{_any_of(packets)}'"] if packets else []


def _any_of(indices: Sequence[int]) -> str:
    """An expression that is true for these indices. Nested sums: FFmpeg limits an expression's depth to about 100 levels."""
    if len(indices) == 1:
        return f"eq(n,{indices[0]})"
    half = len(indices) // 2
    return f"({_any_of(indices[:half])}+{_any_of(indices[half:])})"


def _input(source: Path, info: ClipInfo, threads: int) -> list[str]:
    decoder = ("-c:v", info.decoder) if info.decoder else ()
    return ["-err_detect", "explode", "-threads", str(threads), *decoder, *_opened(source, info)]


def _opened(source: Path, info: ClipInfo) -> list[str]:
    """By the sniffed demuxer only, and no other file."""
    return [
        *("-f", info.container, "-format_whitelist", info.container, "-protocol_whitelist", "file"),
        *("-i", f"file:{source.absolute()}"),
    ]


def _output(out: Path, muxer: str) -> list[str]:
    return ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-f", muxer, f"file:{out.absolute()}"]


def _x264(frames: int, threads: int, profile: EncoderProfile) -> list[str]:
    preset, crf = encoding.PROFILES[profile].preset, encoding.PROFILES[profile].crf
    keys = "+".join(f"eq(n,{index})" for index in encoding.key_frames(frames))
    return [
        *("-c:v", "libx264", "-preset", preset, "-crf", str(crf), "-threads", str(threads)),
        *("-profile:v", encoding.PROFILE, "-level:v", encoding.LEVEL, "-pix_fmt", encoding.PIXEL_FORMAT),
        *("-x264-params", encoding.x264_params(profile), "-forced-idr", "1", "-force_key_frames", f"expr:{keys}"),
        *("-fps_mode", "cfr", "-r", str(FPS)),
    ]


def _seconds(value: Fraction) -> str:
    """Nine decimals: the error is far below one sample."""
    return f"{float(value):.9f}"
