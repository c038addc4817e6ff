"""Small films with one fault each, and small films without any: what ffmpeg is given, and the fields that are wrong."""

from __future__ import annotations

from collections.abc import Mapping

from support.faulty_films import FIRST, PICTURE, SOUND, box, source

WHOLE = "0:0:iw:ih"
MOVING = "color={}:s=192x108:r=30:d=2[ground];color={}:s=40x60:r=30:d=2[product];[ground][product]overlay=x=30+n:y=20"
DARK_TOP = f"{box('0:0:iw:ih/2')},gblur=sigma=12:enable='1'"

GOOD: Mapping[str, list[str]] = {
    "plain": [*source(), *FIRST],
    "dark": [*source(chain="eq=brightness=-0.35:contrast=0.5"), *FIRST],
    "dark above a soft edge": [*source(chain=DARK_TOP), *FIRST],
    "product on black": [*source(MOVING.format("black", "white")), *FIRST],
    "on white": [*source(MOVING.format("white", "red")), *FIRST],
    "b-frames": [*source(), "-bf", "3", "-preset", "medium", *FIRST],
}
FAULTY: Mapping[str, tuple[list[str], set[str]]] = {
    "black tail": ([*source(chain=box(WHOLE, "gte(t,1.8)")), *FIRST], {"black_end_frames", "abrupt_end"}),
    "black head": ([*source(chain=box(WHOLE, "lt(n,2)")), *FIRST], {"black_start_frames"}),
    "one black frame at the end": (
        [*source(chain=box(WHOLE, "gte(n,59)")), *FIRST],
        {"black_end_frames", "abrupt_end"},
    ),
    "empty tail": ([*source(chain=box(WHOLE, "gte(t,1.8)", "white")), *FIRST], {"empty_end_frames", "abrupt_end"}),
    "empty head": ([*source(chain=box(WHOLE, "lt(n,3)", "gray")), *FIRST], {"empty_start_frames"}),
    "silent": ([*source(sound="anullsrc=r=48000:cl=stereo:d=2"), *FIRST], {"silent", "loudness", "audio_kbps"}),
    "no sound": ([*source(sound=None), *FIRST], {"has_audio"}),
    "29.97": ([*source(PICTURE.replace("r=30", "r=30000/1001")), *FIRST], {"frame_rate"}),
    "25": ([*source(PICTURE.replace("r=30", "r=25")), *FIRST], {"frame_rate"}),
    "variable rate": (
        [*source(chain="select='not(eq(mod(n,7),3))'"), "-fps_mode", "vfr", *FIRST],
        {"constant_rate", "frame_rate"},
    ),
    "short": ([*source(), "-t", "1.3", *FIRST], {"seconds", "abrupt_end"}),
    "long": (
        [*source(PICTURE.replace("d=2", "d=3"), SOUND.replace("d=2", "d=3").replace("st=1.3", "st=2.3")), *FIRST],
        {"seconds"},
    ),
    "loud": ([*source(sound=SOUND.replace("volume=6dB", "volume=18dB")), *FIRST], {"loudness"}),
    "quiet": ([*source(sound=SOUND.replace("volume=6dB", "volume=-12dB")), *FIRST], {"loudness"}),
    "cut sound": ([*source(sound=SOUND.replace(",afade=t=out:st=1.3:d=0.5", "")), *FIRST], {"abrupt_end"}),
    "index last": (source(), {"index_first"}),
    "4:2:2": ([*source(), "-pix_fmt", "yuv422p", *FIRST], {"chroma"}),
    "4:4:4": ([*source(), "-pix_fmt", "yuv444p", *FIRST], {"chroma"}),
    "anamorphic": ([*source(chain="scale=96:108,setsar=2"), *FIRST], {"square_pixels"}),
    "interlaced": ([*source(chain="setfield=tff"), "-flags", "+ilme+ildct", *FIRST], {"progressive"}),
    "square": ([*source(chain="crop=108:108"), *FIRST], {"aspect"}),
    "mono": ([*source(), "-ac", "1", *FIRST], {"audio_channels"}),
    "mp3": ([*source(), "-c:a", "libmp3lame", *FIRST], {"audio_codec"}),
    "mpeg-4 part 2": ([*source(), "-c:v", "mpeg4", "-q:v", "3", *FIRST], {"video_codec"}),
    "frozen": ([*source(chain="trim=end=0.8,tpad=stop_mode=clone:stop_duration=1.2"), *FIRST], {"frozen_seconds"}),
    "another shot at the end": ([*source(chain="negate=enable='gte(t,1.8)'"), *FIRST], {"abrupt_end"}),
    "bar of 1 px above": ([*source(chain=box("0:0:iw:1")), *FIRST], {"bars"}),
    "bar of 1 px at the left": ([*source(chain=box("0:0:1:ih")), *FIRST], {"bars"}),
    "bar of 2 px below": ([*source(chain=box("0:ih-2:iw:2")), *FIRST], {"bars"}),
    "letterbox": ([*source(chain=f"{box('0:0:iw:20')},{box('0:ih-20:iw:20')}"), *FIRST], {"bars"}),
    "bars on all sides": (
        [*source(chain="scale=128:72,pad=192:108:32:18"), *FIRST],
        {"bars"},
    ),
    "pillarbox": ([*source(chain=f"{box('0:0:30:ih')},{box('iw-30:0:30:ih')}"), *FIRST], {"bars"}),
}
COPIES: Mapping[str, tuple[list[str], list[str], set[str]]] = {
    "two video streams": ([], ["-map", "0", "-map", "0:v", *FIRST], {"video_streams"}),
    "edit list": (["-ss", "0.4"], [*FIRST], {"edit_list"}),
    "rotated": (["-display_rotation", "90"], [*FIRST], {"rotation", "aspect"}),
    "matroska": ([], ["-f", "matroska"], {"container"}),
    "mov": ([], ["-f", "mov", *FIRST], {"container"}),
}
"""Copies of the plain film: input options, output options, fields that are wrong."""

MENDED = (
    *("black tail", "black head", "29.97", "25", "variable rate", "long", "loud", "quiet", "cut sound", "index last"),
    *(
        "4:2:2",
        "anamorphic",
        "interlaced",
        "mp3",
        "mono",
        "bar of 1 px above",
        "two video streams",
        "edit list",
        "matroska",
    ),
)
NOT_MENDED = {
    "no sound": "sound is no",
    "short": "length is 1.3",
    "letterbox": "black bars is 20",
    "silent": "silent is yes",
}

BRIEF = SOUND.replace("d=2", "d=0.8").replace("st=1.3", "st=0.2")
LARGE = PICTURE.replace("192x108", "960x540")


def lasting(seconds: float) -> list[str]:
    """The plain film at another length."""
    sound = SOUND.replace("d=2", f"d={seconds}").replace("st=1.3", f"st={seconds - 0.7:.1f}")
    return [*source(PICTURE.replace("d=2", f"d={seconds}"), sound), *FIRST]


def tagged(matrix: str, primaries: str, transfer: str) -> list[str]:
    """The plain film, stating these colours."""
    names = {"colorspace": matrix, "color_primaries": primaries, "color_trc": transfer}
    chain = f"setparams={':'.join(f'{name}={value}' for name, value in names.items())}"
    return [*source(chain=chain), *FIRST]


MORE_FAULTY: Mapping[str, tuple[list[str], set[str]]] = {
    "22 kHz": ([*source(), "-ar", "22050", *FIRST], {"audio_rate"}),
    "low bit rate of the sound": ([*source(), "-b:a", "16k", *FIRST], {"audio_kbps"}),
    "time code": ([*source(), "-timecode", "00:00:00:00", *FIRST], {"other_streams"}),
    "two tracks of sound": ([*source(), "-map", "0:v", "-map", "1:a", "-map", "1:a", *FIRST], {"audio_streams"}),
    "fragmented": ([*source(), "-movflags", "+frag_keyframe+delay_moov+default_base_moof"], {"fragmented"}),
    "colours of standard definition": (tagged("smpte170m", "smpte170m", "smpte170m"), {"color"}),
    "wide colours": (tagged("bt2020nc", "bt2020", "bt2020-10"), {"color"}),
    "high dynamic range": (tagged("bt2020nc", "bt2020", "smpte2084"), {"color"}),
    "contradicting colours": (tagged("smpte170m", "bt709", "bt709"), {"color"}),
    "full range": ([*source(chain="scale=out_range=pc"), "-color_range", "pc", *FIRST], {"full_range"}),
    "10 bits": ([*source(), "-pix_fmt", "yuv420p10le", *FIRST], {"bit_depth"}),
    "grey": ([*source(), "-pix_fmt", "gray", *FIRST], {"full_range"}),
    "odd size": ([*source(chain="scale=191:107,setsar=1"), "-pix_fmt", "yuv444p", *FIRST], {"chroma"}),
    "hevc": ([*source(), "-c:v", "libx265", "-x265-params", "log-level=none", *FIRST], {"video_codec"}),
    "vp9": ([*source(), "-c:v", "libvpx-vp9", "-b:v", "500k", "-cpu-used", "8", *FIRST], {"video_codec"}),
    "opus": ([*source(), "-c:a", "libopus", *FIRST], {"audio_codec"}),
    "ac3": ([*source(), "-c:a", "ac3", *FIRST], {"audio_codec"}),
    "webm": (
        [*source(), "-c:v", "libvpx-vp9", "-b:v", "500k", "-cpu-used", "8", "-c:a", "libopus", "-f", "webm"],
        {"container", "video_codec", "audio_codec"},
    ),
    "mpeg transport stream": ([*source(), "-f", "mpegts"], {"container"}),
    "avi": ([*source(), "-c:a", "libmp3lame", "-f", "avi"], {"container", "audio_codec"}),
    "50": ([*source(PICTURE.replace("r=30", "r=50")), *FIRST], {"frame_rate"}),
    "24": ([*source(PICTURE.replace("r=30", "r=24")), *FIRST], {"frame_rate"}),
    "15": ([*source(PICTURE.replace("r=30", "r=15")), *FIRST], {"frame_rate"}),
    "5.1": ([*source(sound=SOUND.replace("stereo", "5.1")), "-ac", "6", *FIRST], {"audio_channels"}),
    "clipped": ([*source(sound=SOUND.replace("volume=6dB", "volume=40dB")), *FIRST], {"loudness", "true_peak"}),
    "short sound": (
        [*(each for each in source(sound=BRIEF) if each != "-shortest"), *FIRST],
        {"sound_seconds"},
    ),
    "too small": ([*source(chain="scale=128:72"), *FIRST], {"size"}),
    "4:3": ([*source(chain="crop=144:108"), *FIRST], {"aspect"}),
    "bar of 200 px at both sides": (
        [*source(LARGE, chain=f"{box('0:0:200:ih')},{box('iw-200:0:200:ih')}"), *FIRST],
        {"bars"},
    ),
    "bar of 1 px below, larger": ([*source(LARGE, chain=box("0:ih-1:iw:1")), *FIRST], {"bars"}),
    "bar of 3 px at the right": ([*source(chain=box("iw-3:0:3:ih")), *FIRST], {"bars"}),
    "still throughout": (
        [*source(chain="trim=end_frame=1,tpad=stop_mode=clone:stop_duration=1.967"), *FIRST],
        {"frozen_seconds"},
    ),
    "one empty frame at the start": ([*source(chain=box(WHOLE, "lt(n,1)", "blue")), *FIRST], {"empty_start_frames"}),
    "large file": ([*source(LARGE, chain="noise=alls=60:allf=t"), "-qp", "1", *FIRST], {"bytes"}),
}
MORE_COPIES: Mapping[str, tuple[list[str], list[str], set[str]]] = {
    "upside down": (["-display_rotation", "180"], [*FIRST], {"rotation"}),
    "picture begins late": (["-itsoffset", "0.4"], ["-map", "0:v", "-map", "1:a", *FIRST], {"edit_list"}),
}
LOW_RATE = [*source(MOVING.format("white", "red")), "-qp", "40", *FIRST]
"""A film of a lower bit rate than the placement `rich` takes."""

LENGTHS: Mapping[str, float] = {"5.9 s": 5.9, "31 s": 31.0}
"""Films that are too short or too long for a placement of 6 to 30 s."""

MORE_MENDED = (
    *(
        "22 kHz",
        "low bit rate of the sound",
        "time code",
        "two tracks of sound",
        "fragmented",
        "full range",
        "10 bits",
        "odd size",
    ),
    *(
        "colours of standard definition",
        "hevc",
        "vp9",
        "opus",
        "ac3",
        "webm",
        "mpeg transport stream",
        "avi",
        "50",
        "24",
        "15",
    ),
    *(
        "5.1",
        "clipped",
        "bar of 1 px below, larger",
        "bar of 3 px at the right",
        "grey",
        "picture begins late",
        "large file",
    ),
    *("one empty frame at the start", "upside down"),
)
MORE_NOT_MENDED = {
    "high dynamic range": "colours is hdr",
    "contradicting colours": "colours is mixed",
    "wide colours": "colours is bt2020",
    "still throughout": "longest frozen stretch is 2",
    "bar of 200 px at both sides": "black bars is 200",
    "too small": "frame size is 128x72",
    "4:3": "aspect is 1.333:1",
    "short sound": "length of the sound is 0.8",
}

_GROUND = "color={}:s=192x108:r=30:d=2"
CONTENTS: Mapping[str, list[str]] = {
    "tests": source(),
    "dark": source(chain="eq=brightness=-0.35:contrast=0.5"),
    "night": source(chain="eq=brightness=-0.3:contrast=0.6,vignette=PI/3"),
    "low contrast": source(chain="eq=contrast=0.25"),
    "grey": source(chain="hue=s=0"),
    "warm": source(chain="colorbalance=rs=0.3:bs=-0.3"),
    "grain": source(chain="noise=alls=12:allf=t"),
    "soft": source(chain="gblur=sigma=6"),
    "dark above a soft edge": source(chain=DARK_TOP),
    "vignette": source(chain="vignette=PI/2.5"),
    "product on black": source(MOVING.format("black", "white")),
    "product on near black": source(MOVING.format("0x101014", "gray")),
    "product on white": source(MOVING.format("white", "red")),
    "pale product on white": source(MOVING.format("white", "0xe8e8e8")),
    "gradients": source("gradients=s=192x108:r=30:d=2:speed=0.05:seed=3"),
    "fractal": source("mandelbrot=s=192x108:r=30,trim=end=2,setpts=PTS-STARTPTS"),
    "cells": source("life=s=192x108:r=30:ratio=0.3:seed=5:mold=10,trim=end=2,setpts=PTS-STARTPTS"),
    "bars of colour moving": source(
        "smptebars=s=192x108:r=30:d=2",
        chain="scroll=h=0.02,setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709",
    ),
    "begins pale": source(chain="eq=brightness='0.3*max(0,1-2*t)':eval=frame"),
    "thin frame of grey": source(chain=box("0:0:iw:1", color="0x707070")),
}
"""Pictures and sound without a fault, some of them close to one."""

ENCODINGS: Mapping[str, tuple[str, ...]] = {
    "fast": (),
    "b-frames": ("-bf", "3", "-preset", "medium", "-crf", "18", "-b:a", "192k"),
    "baseline": (
        "-profile:v",
        "baseline",
        "-g",
        "15",
        "-colorspace",
        "bt709",
        "-color_primaries",
        "bt709",
        "-color_trc",
        "bt709",
    ),
}
SIXTY_GOOD: Mapping[str, list[str]] = {
    f"{content}, {encoding}": [*CONTENTS[content], *options, *FIRST]
    for content in CONTENTS
    for encoding, options in ENCODINGS.items()
}
