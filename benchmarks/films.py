"""The other ways from clips to a film: the specification's pipeline, one filter graph, MoviePy, and x264 alone."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av

import adreel
from benchmarks.material import CLIP_KINDS, quiet
from benchmarks.measure import Command

NAME = "Morning Mug"
CTA = "Order today"
OTHER_CTA = "Only this week"
FONT = Path(adreel.__file__).parent / "assets" / "fonts" / "Montserrat_700Bold.ttf"
WIDTH, HEIGHT, FPS = 1920, 1080, 30
X264 = ("-c:v", "libx264", "-preset", "medium", "-crf", "23", "-pix_fmt", "yuv420p")
SPECIFIED_CARD = ("-c:v", "libx264", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac", "-b:a", "192k")
PAD = f"pad={WIDTH}:{HEIGHT}:(ow-iw)/2:(oh-ih)/2"
SPECIFIED_FIT = f"scale={WIDTH}:{HEIGHT}:force_original_aspect_ratio=decrease,{PAD}"
SCALE = f"min({WIDTH}/(iw*sar)\\,{HEIGHT}/ih)"
FIT = f"scale=trunc({SCALE}*iw*sar/2)*2:trunc({SCALE}*ih/2)*2,{PAD}"
"""Also right for pixels that are not square, which the specified one is not."""


@dataclass(frozen=True, slots=True)
class Job:
    """What every contender gets. Lengths in seconds."""

    clips: Sequence[Path]
    music: Path
    clip_seconds: float
    card_seconds: float
    folder: Path

    @property
    def frames(self) -> int:
        """Of a film that has everything."""
        return round((self.clip_seconds * len(self.clips) + 2 * self.card_seconds) * FPS)

    def out(self, name: str) -> Path:
        return self.folder / f"{name}.mp4"


def count_frames(film: Path) -> int:
    """Pictures in the file, by its packets."""
    with av.open(str(film)) as container:
        return sum(1 for packet in container.demux(container.streams.video[0]) if packet.size)


def _words(text: str) -> str:
    return f"drawtext=fontfile={FONT}:text='{text}':fontsize=96:fontcolor=white:x=(w-text_w)/2:y=(h-text_h)/2"


def specification(job: Job) -> list[list[Command]]:
    """Three encodes and the concat demuxer, word for word as specified; wrong on unlike clips, see the frame count."""
    cards = [job.folder / "spec_intro.mp4", job.folder / "spec_outro.mp4"]
    script = job.folder / "spec.txt"
    script.write_text("".join(f"file '{path}'\n" for path in (cards[0], *job.clips, cards[1])), encoding="utf-8")
    size = f"size={WIDTH}x{HEIGHT}:duration={job.card_seconds}"
    make_cards = [
        quiet("-f", "lavfi", "-i", f"color=c=black:{size}", "-vf", _words(text), *SPECIFIED_CARD, str(card))
        for card, text in zip(cards, (NAME, CTA), strict=True)
    ]
    stitch = quiet(
        "-f", "concat", "-safe", "0", "-i", str(script), "-i", str(job.music), "-vf", SPECIFIED_FIT, *X264, *AAC
    )
    return [*([card] for card in make_cards), [[*stitch, "-shortest", "-movflags", "+faststart", str(job.out("spec"))]]]


def _graph(job: Job) -> tuple[list[str], str]:
    """Inputs, and the graph that conforms and joins them to [v]."""
    frames = round(job.clip_seconds * FPS)
    card = f"color=c=black:s={WIDTH}x{HEIGHT}:r={FPS}:d={job.card_seconds}"
    inputs = [part for clip in job.clips for part in ("-i", str(clip))]
    conform = (
        f"setpts=PTS-STARTPTS,{FIT},setsar=1,fps={FPS},format=yuv420p,tpad=stop_mode=clone:stop=8,"
        f"trim=end_frame={frames},setpts=PTS-STARTPTS"
    )
    chains = [f"[{index}:v]{conform}[c{index}]" for index in range(len(job.clips))]
    chains += [
        f"{card},{_words(NAME)},setsar=1,format=yuv420p[intro]",
        f"{card},{_words(CTA)},setsar=1,format=yuv420p[outro]",
    ]
    order = "".join(f"[c{index}]" for index in range(len(job.clips)))
    chains.append(f"[intro]{order}[outro]concat=n={len(job.clips) + 2}:v=1:a=0[v]")
    return inputs, ";".join(chains)


def _sound(job: Job) -> str:
    """The graph that mixes the clips' own sound under the music to [a], as long as the picture."""
    voices: list[str] = []
    chains: list[str] = []
    for index in (index for index, kind in enumerate(CLIP_KINDS[: len(job.clips)]) if kind.sound):
        delay = round((job.card_seconds + index * job.clip_seconds) * 1000)
        chains.append(f"[{index}:a]aresample=48000,aformat=channel_layouts=stereo,adelay={delay}:all=1[s{index}]")
        voices.append(f"[s{index}]")
    seconds = job.frames / FPS
    mix = f"[{len(job.clips)}:a]{''.join(voices)}amix=inputs={len(voices) + 1}:normalize=0:duration=longest"
    fade = f"afade=t=out:st={seconds - 1}:d=1"
    return ";".join([*chains, f"{mix},apad,atrim=end={seconds},{fade}[a]"])


def single_pass(job: Job) -> list[list[Command]]:
    """One filter graph, one encode: right on unlike clips, and everything again for every change."""
    inputs, graph = _graph(job)
    command = quiet(
        *inputs, "-i", str(job.music), "-filter_complex", f"{graph};{_sound(job)}", "-map", "[v]", "-map", "[a]"
    )
    return [[[*command, *X264, "-r", str(FPS), *AAC, "-movflags", "+faststart", str(job.out("single"))]]]


def raw_film(job: Job) -> Path:
    """The single pass's pictures before encoding, I420."""
    inputs, graph = _graph(job)
    target = job.folder / "film.yuv"
    command = quiet(*inputs, "-filter_complex", graph, "-map", "[v]", "-r", str(FPS))
    subprocess.run([*command, "-f", "rawvideo", "-pix_fmt", "yuv420p", str(target)], check=True)
    return target


def x264_alone(raw: Path, target: Path, *extra: str) -> Command:
    """The floor: nothing but encoding frames that lie ready."""
    source = ("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS), "-i", str(raw))
    return quiet(*source, *X264, *extra, str(target))


def moviepy(job: Job, python: Path) -> list[list[Command]]:
    """MoviePy 2 in its own environment."""
    script = Path(__file__).with_name("moviepy_film.py")
    numbers = [str(job.clip_seconds), str(job.card_seconds)]
    texts = [str(FONT), NAME, CTA, str(job.music), str(job.out("moviepy"))]
    return [[[str(python), str(script), *numbers, *texts, *map(str, job.clips)]]]
