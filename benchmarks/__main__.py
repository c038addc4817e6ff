"""`python -m benchmarks [--repeat 5] [--quick]`: measures everything in one run and writes docs/benchmarks.md.

`--quick` is a look whether everything runs: one round, short clips, nothing written.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import document, films
from benchmarks.material import make_clips, make_music, raw_frames
from benchmarks.measure import BenchmarkError, Contender, race
from benchmarks.motion import Motion
from benchmarks.own_films import ADREEL, Workshop
from benchmarks.report import ROOT

EXAMPLES = ROOT / "examples"
MOVIEPY = ("moviepy==2.2.1", "imageio-ffmpeg==0.8.1")
REPORT = ROOT / "docs" / "benchmarks.md"


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="adreel-bench-") as folder:
        results = measure(Path(folder), 1 if arguments.quick else arguments.repeat, quick=arguments.quick)
    text = document.write(results)
    print(text)
    if not arguments.quick:
        REPORT.write_text(text, encoding="utf-8")
        print(f"\nwritten to {REPORT.relative_to(ROOT)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--repeat", type=int, default=5, help="rounds; each figure is the median of them")
    parser.add_argument("--quick", action="store_true", help="one round of short clips, nothing written")
    return parser.parse_args()


def measure(folder: Path, rounds: int, *, quick: bool) -> document.Results:
    seconds = 1.0 if quick else 3.0
    filmed = example("watch-scene", "perfume-scene", "mug-angle", "perfume-front")
    product = example("mug-front", "mug-angle", "mug-detail", "mug-portrait")
    scene, plain = example("watch-scene", "mug-front")
    print("preparing clips, frames and MoviePy's environment (not measured)")
    job = films.Job(make_clips(filmed, folder, seconds), make_music(folder, 30), seconds, 1.0, folder)
    python = moviepy_environment(folder)
    print("from clips to the film")
    clips_to_film = race(film_contenders(job, python), rounds, print)
    (folder / "film.yuv").unlink()
    print("from photos to the film")
    photos_to_film = race(photo_contenders(product, folder, seconds), rounds, print)
    (folder / "photos.yuv").unlink()
    print("the local engine")
    motion = Motion((scene, plain), round(seconds * films.FPS), folder)
    motion.dump_frames()
    drawing = race(motion.contenders(), rounds, print)
    print("the command line")
    start = race([Contender("adreel --help", lambda: [[[str(ADREEL), "--help"]]])], 10, lambda _line: None)
    return document.Results(rounds, seconds, clips_to_film, photos_to_film, drawing, motion.jitters(), start)


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
    subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), *MOVIEPY], check=True)
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
    words = ["--name", films.NAME, "--cta", films.CTA, "--music", "upbeat", "--clip-seconds", str(seconds)]
    make = ["env", f"ADREEL_DATA_DIR={data}", str(ADREEL), "make", *map(str, photos), *words, "--out", str(film)]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    raw_frames(film, raw)
    return [
        Contender(
            document.MAKE,
            lambda: [[make]],
            lambda: shutil.rmtree(data, ignore_errors=True),
            lambda: f"{films.count_frames(film)} frames",
        ),
        Contender(document.MAKE_FLOOR, lambda: [[films.x264_alone(raw, folder / "photos-floor.mp4")]]),
    ]


if __name__ == "__main__":
    try:
        main()
    except BenchmarkError as error:
        sys.exit(f"benchmarks: {error}")
