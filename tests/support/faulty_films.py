"""Small films with faults, made by ffmpeg, and a placement whose films last two seconds."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import imageio_ffmpeg

from adreel.media.ffmpeg.process import find_ffmpeg
from adreel.placements.checking import FilmChecker

RULES: Mapping[str, tuple[str, str]] = {
    "aspect": ("aspect_one_of", '["16:9"]'),
    "container": ("one_of", '["mp4"]'),
    "video_codec": ("one_of", '["h264"]'),
    "chroma": ("one_of", '["4:2:0"]'),
    "square_pixels": ("is", "true"),
    "progressive": ("is", "true"),
    "rotation": ("one_of", "[0]"),
    "constant_rate": ("is", "true"),
    "frame_rate": ("one_of", "[30]"),
    "seconds": ("between", "[1.4, 2.5]"),
    "video_streams": ("one_of", "[1]"),
    "index_first": ("is", "true"),
    "edit_list": ("is", "false"),
    "has_audio": ("is", "true"),
    "silent": ("is", "false"),
    "audio_codec": ("one_of", '["aac"]'),
    "audio_channels": ("one_of", "[2]"),
    "loudness": ("within", "[-17, 3]"),
    "black_start_frames": ("at_most", "0"),
    "black_end_frames": ("at_most", "0"),
    "empty_start_frames": ("at_most", "0"),
    "empty_end_frames": ("at_most", "0"),
    "abrupt_end": ("is", "false"),
    "bars": ("at_most", "0"),
    "frozen_seconds": ("at_most", "0.9"),
    "size": ("covers_one_of", '["144x100", "108x100"]'),
    "bytes": ("at_most", "4_000_000"),
    "bit_depth": ("one_of", "[8]"),
    "color": ("one_of", '["bt709", "unspecified"]'),
    "full_range": ("is", "false"),
    "fragmented": ("is", "false"),
    "audio_streams": ("at_most", "1"),
    "other_streams": ("one_of", "[0]"),
    "audio_rate": ("at_least", "44100"),
    "audio_kbps": ("at_least", "32"),
    "sound_seconds": ("at_least", "1"),
    "true_peak": ("at_most", "0.5"),
}
"""The rules of a placement whose films last two seconds, so that tests are cheap; each about another field."""

PICTURE = "testsrc2=s=192x108:r=30:d=2"
FADE = "volume=6dB,afade=t=out:st=1.3:d=0.5"
SOUND = f"sine=440:r=48000:d=2,{FADE},aformat=channel_layouts=stereo"
ENCODED = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "20", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest")
FIRST = ("-movflags", "+faststart")


def source(picture: str = PICTURE, sound: str | None = SOUND, chain: str = "null") -> list[str]:
    heard = [] if sound is None else ["-f", "lavfi", "-i", sound]
    return ["-f", "lavfi", "-i", picture, *heard, "-vf", chain, *ENCODED]


def box(place: str, enable: str = "1", color: str = "black") -> str:
    return f"drawbox={place}:{color}:t=fill:enable='{enable}'"


def ffmpeg(*args: str | Path) -> str:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-y", *map(str, args)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120).stderr


def checker_in(folder: Path) -> FilmChecker:
    """A checker that knows the placements `short`, `longer` and `rich`."""
    rules = "".join(
        f'[[placements.short.rules]]\nfield = "{field}"\noperator = "{operator}"\nvalue = {value}\nlevel = "reject"\n'
        for field, (operator, value) in RULES.items()
    )
    lengths = (
        '[[placements.longer.rules]]\nfield = "seconds"\noperator = "between"\nvalue = [6, 30]\nlevel = "reject"\n'
    )
    rich = '[[placements.rich.rules]]\nfield = "video_kbps"\noperator = "at_least"\nvalue = 100\nlevel = "reject"\n'
    own = folder / "own.toml"
    own.write_text(
        f'[placements.short]\ntitle = "Two seconds"\naspect = "16:9"\n{rules}'
        f'[placements.rich]\ntitle = "100 kbit/s"\naspect = "16:9"\n{rich}'
        f'[placements.longer]\ntitle = "6 to 30 seconds"\naspect = "16:9"\n{lengths}'
    )
    return FilmChecker(find_ffmpeg(), own)


def broken(checker: FilmChecker, film: Path, placement: str = "short") -> set[str]:
    """The fields whose rules a film breaks."""
    report = checker.check(film, [placement])
    assert report.error == ""
    return {verdict.rule.field for verdict in report.judgements[0].verdicts if verdict.failed}
