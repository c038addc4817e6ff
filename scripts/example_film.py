"""Makes the example film of the start page from examples/mug: half a megabyte, 640 pixels wide, and its poster.

    python scripts/example_film.py

The results are committed; running this is not needed to use adreel.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from adreel.media.ffmpeg.process import find_ffmpeg
from adreel.media.thumbnails import of_film

ROOT = Path(__file__).resolve().parent.parent
FILM = ROOT / "src" / "adreel" / "assets" / "examples" / "film.mp4"
POSTER = ROOT / "src" / "adreel" / "web" / "static" / "media" / "example.webp"
WORDS = ("--prompt", "Calm morning light, slow and close", "--name", "Morgen")
CTA = ("--cta", "Slow coffee, early light. Order yours.", "--transition", "crossfade")
SMALL = ("-vf", "scale=640:-2", "-c:v", "libx264", "-preset", "veryslow", "-crf", "27", "-c:a", "aac", "-b:a", "80k")


def main() -> None:
    photos = sorted((ROOT / "examples" / "mug").glob("*.jpg"))
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "film.mp4"
        make = [sys.executable, "-m", "adreel", "make", *map(str, photos), *WORDS, *CTA, "--out", str(film)]
        subprocess.run(make, check=True)
        small = [str(find_ffmpeg(None)), "-y", "-i", str(film), *SMALL, "-movflags", "+faststart", str(FILM)]
        subprocess.run(small, check=True)
        POSTER.parent.mkdir(exist_ok=True)
        POSTER.write_bytes(of_film(film))
    for made in (FILM, POSTER):
        print(f"{made.relative_to(ROOT)}: {made.stat().st_size} bytes")


if __name__ == "__main__":
    main()
