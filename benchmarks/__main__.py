"""`python -m benchmarks [--repeat 5] [--part clips] [--quick]`: measures everything in one run and writes docs/benchmarks.md.

`--quick` is a look whether everything runs: one round, short clips. With that or a `--part`, the figures are only shown.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import document, films, script_edits
from benchmarks.material import check_same_film, make_clips, make_music, quiet
from benchmarks.measure import BenchmarkError, Contender, race, run_step
from benchmarks.motion import Motion
from benchmarks.own_films import ADREEL, Workshop
from benchmarks.report import ROOT

EXAMPLES = ROOT / "examples"
MOVIEPY = ("moviepy==2.2.1", "imageio-ffmpeg==0.8.1")
REPORT = ROOT / "docs" / "benchmarks.md"


def main() -> None:
    arguments = _arguments()
    rounds, seconds = (1, 1.0) if arguments.quick else (arguments.repeat, 3.0)
    parts = arguments.part or list(PARTS)
    with tempfile.TemporaryDirectory(prefix="adreel-bench-") as folder:
        results = document.Results(rounds, seconds)
        for part in parts:
            print(f"{part}: preparing (not measured)")
            PARTS[part](results, Path(folder))
    text = document.write(results)
    print(text)
    if not arguments.quick and set(parts) == set(PARTS):
        REPORT.write_text(text, encoding="utf-8")
        print(f"\nwritten to {REPORT.relative_to(ROOT)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--repeat", type=int, default=5, help="rounds; each figure is the median of them")
    parser.add_argument("--part", action="append", choices=list(PARTS), help="only this; may be given several times")
    parser.add_argument("--quick", action="store_true", help="one round of short clips")
    return parser.parse_args()


def clips_part(results: document.Results, folder: Path) -> None:
    filmed = example("watch-scene", "perfume-scene", "mug-angle", "perfume-front")
    clips, music = make_clips(filmed, folder, results.seconds), make_music(folder, 30)
    job = films.Job(clips, music, results.seconds, 1.0, folder)
    results.clips_to_film = race(film_contenders(job, moviepy_environment(folder)), results.rounds, print)
    (folder / "film.yuv").unlink()


def photos_part(results: document.Results, folder: Path) -> None:
    product = example("mug-front", "mug-angle", "mug-detail", "mug-portrait")
    results.photos_to_film = race(photo_contenders(product, folder, results.seconds), results.rounds, print)
    (folder / "photos.yuv").unlink()


def engine_part(results: document.Results, folder: Path) -> None:
    scene, plain = example("watch-scene", "mug-front")
    motion = Motion((scene, plain), round(results.seconds * films.FPS), folder)
    motion.dump_frames()
    results.drawing = race(motion.contenders(), results.rounds, print)
    results.jitters = motion.jitters()


def edits_part(results: document.Results, folder: Path) -> None:
    product = example("mug-front", "mug-angle", "mug-detail", "mug-portrait")
    results.edits = race(edit_contenders(product, folder), results.rounds, print)
    (folder / "edits.yuv").unlink()


def drafts_part(results: document.Results, folder: Path) -> None:
    product = example("mug-front", "mug-angle", "mug-detail", "mug-portrait")
    results.drafts = race(draft_contenders(product, folder), results.rounds, print)
    results.likeness = draft_likeness(product, folder)


def start_part(results: document.Results, _folder: Path) -> None:
    results.start = race([Contender("adreel --help", lambda: [[[str(ADREEL), "--help"]]])], 10, lambda _line: None)


PARTS = {
    "clips": clips_part,
    "photos": photos_part,
    "engine": engine_part,
    "edits": edits_part,
    "drafts": drafts_part,
    "start": start_part,
}


def example(*names: str) -> list[Path]:
    """Example photos by their names, such as `mug-front`."""
    photos = [EXAMPLES / name.split("-")[0] / f"{name}.jpg" for name in names]
    missing = [str(photo.relative_to(ROOT)) for photo in photos if not photo.is_file()]
    if missing:
        raise BenchmarkError(f"{', '.join(missing)} not there: run make examples")
    return photos


def moviepy_environment(folder: Path) -> Path:
    """A Python that has MoviePy, with the ffmpeg that everybody uses."""
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        raise BenchmarkError("uv is needed to set MoviePy up: run make bench")
    target = folder / "moviepy"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(target)], check=True)
    python = target / "bin" / "python"
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), *MOVIEPY], check=True
    )
    return python


def film_contenders(job: films.Job, python: Path) -> list[Contender]:
    def counted(name: str) -> str:
        return f"{films.count_frames(job.out(name))} frames"

    workshop = Workshop(job)
    workshop.stock()
    raw = films.raw_film(job)
    return [
        Contender(document.SPECIFIED, lambda: films.specification(job), verify=lambda: counted("spec")),
        Contender(document.SINGLE, lambda: films.single_pass(job), verify=lambda: counted("single")),
        Contender(document.MOVIEPY, lambda: films.moviepy(job, python), verify=lambda: counted("moviepy")),
        Contender(document.FLOOR, lambda: [[films.x264_alone(raw, job.out("floor"))]], verify=lambda: counted("floor")),
        *workshop.contenders(),
    ]


def photo_contenders(photos: list[Path], folder: Path, seconds: float) -> list[Contender]:
    data, film, raw = folder / "photo-data", folder / "photos.mp4", folder / "photos.yuv"
    script, ad = folder / "ad.toml", folder / "ad.mp4"
    script.write_text(script_edits.text(), encoding="utf-8")
    words = ["--name", films.NAME, "--cta", films.CTA, "--music", "upbeat", "--clip-seconds", str(seconds)]
    make = [
        "env",
        f"ADREEL_DATA_DIR={data}",
        str(ADREEL),
        "make",
        *map(str, photos),
        *words,
        "--out",
        str(film),
        "--overwrite",
    ]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    program = ["env", f"ADREEL_DATA_DIR={data}", str(ADREEL), "make", *map(str, photos)]
    make_ad = [*program, "--script", str(script), "--music", "upbeat", "--out", str(ad), "--overwrite"]
    dump = [sys.executable, "-m", "benchmarks.drawn_film", str(seconds), str(raw), *map(str, photos)]
    run_step([dump])
    check_same_film(raw, film)
    return [
        Contender(
            document.MAKE,
            lambda: [[make]],
            lambda: shutil.rmtree(data, ignore_errors=True),
            lambda: f"{films.count_frames(film)} frames",
        ),
        Contender(
            document.MAKE_AD,
            lambda: [[make_ad]],
            lambda: shutil.rmtree(data, ignore_errors=True),
            lambda: f"{films.count_frames(ad)} frames",
        ),
        Contender(document.MAKE_FLOOR, lambda: [[films.x264_alone(raw, folder / "photos-floor.mp4")]]),
    ]


def draft_contenders(photos: list[Path], folder: Path) -> list[Contender]:
    data, clock = folder / "draft-data", folder / "draft-clock.txt"
    program = ["env", "OPENBLAS_NUM_THREADS=1", sys.executable, "-m", "benchmarks.drafts"]

    def draft(name: str, work: str, until: str) -> Contender:
        return Contender(
            name,
            lambda: [[[*program, work, until, str(data), str(clock), *map(str, photos)]]],
            lambda: shutil.rmtree(data, ignore_errors=True),
            clock=clock,
        )

    return [draft(name, work, until) for name, (work, until, _) in document.DRAFTS.items()]


def draft_likeness(photos: list[Path], folder: Path) -> tuple[float, float]:
    """The mean and the least SSIM of a draft's frames against those of the film."""
    words = [sys.executable, "-m", "benchmarks.drafts", "likeness", str(folder / "likeness-data"), *map(str, photos)]
    mean, least = map(float, subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()[-2:])
    return mean, least


def edit_contenders(photos: list[Path], folder: Path) -> list[Contender]:
    data, clock, film, raw = folder / "edit-data", folder / "edit-clock.txt", folder / "edits.mp4", folder / "edits.yuv"
    program = ["env", "OPENBLAS_NUM_THREADS=1", sys.executable, "-m", "benchmarks.script_edits"]

    def edit(name: str, work: str) -> Contender:
        return Contender(
            name,
            lambda: [[[*program, work, str(data), str(clock), str(film), *map(str, photos)]]],
            lambda: shutil.rmtree(data, ignore_errors=True),
            lambda: f"{films.count_frames(film)} frames",
            clock,
        )

    words, end = edit(document.EDIT_WORDS, "words"), edit(document.EDIT_END, "end")
    run_step(words.steps()[0])
    run_step([quiet("-i", str(film), "-f", "rawvideo", "-pix_fmt", "yuv420p", str(raw))])
    return [
        Contender(document.EDIT_SINGLE, lambda: [[films.x264_alone(raw, folder / "edits-single.mp4")]]),
        words,
        end,
        edit(document.EDIT_LINE, "line"),
    ]


if __name__ == "__main__":
    try:
        main()
    except BenchmarkError as error:
        sys.exit(f"benchmarks: {error}")
