"""CPU seconds of an ad of 15 seconds with voice and captions and without, both of the same frames."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import av

from benchmarks.measure import Contender, Series, race
from benchmarks.report import ROOT

SILENT, SPEAKS = "an ad of 15 s", "the same, with voice and captions"
_SCRIPT = """
version = 1
product = "Morgen Mug"
facts = ["Holds 350 ml", "Dishwasher safe", "Hand-glazed stoneware"]
style = "bold"
[offer]
price = "24.90"
currency = "EUR"
[end]
cta = "Order yours"
[[beats]]
name = "hook"
shot = { photo = 1 }
words = [{ role = "headline", text = "Morgen Mug" }]
spoken = "Meet the Morgen Mug."
seconds = 3.2
[[beats]]
name = "make"
shot = { photo = 2 }
words = [{ role = "headline", text = "Hand-glazed stoneware" }]
spoken = "Hand-glazed stoneware."
seconds = 3.2
[[beats]]
name = "size"
shot = { photo = 3 }
words = [{ role = "headline", text = "Holds 350 ml" }]
spoken = "It holds 350 ml."
seconds = 3.2
[[beats]]
name = "offer"
shot = { photo = 4 }
words = [{ role = "price", text = "€24.90" }]
spoken = "Just €24.90."
seconds = 3.2
"""


def cost(folder: Path, rounds: int, say: Callable[[str], None]) -> dict[str, Series]:
    """Films with nothing cached, each a process of its own, in turns."""
    script = folder / "ad.toml"
    script.write_text(_SCRIPT, encoding="utf-8")
    speaking = ("--voice", "on", "--captions", "on", "--caption-style", "spoken")
    return race([_ad(SILENT, script, ()), _ad(SPEAKS, script, speaking)], rounds, say)


def _ad(name: str, script: Path, more: tuple[str, ...]) -> Contender:
    out, data = script.with_name(f"{len(more)}.mp4"), script.with_name(f"data-{len(more)}")
    photos = sorted(map(str, (ROOT / "examples" / "mug").glob("*.jpg")))[:4]
    made = [sys.executable, "-m", "adreel", "make", *photos, "--script", str(script), "--music", "upbeat", *more]
    command = ["env", f"ADREEL_DATA_DIR={data}", *made, "--out", str(out), "--overwrite"]
    return Contender(name, lambda: [[command]], partial(_emptied, data), partial(_frames, out))


def _emptied(data: Path) -> None:
    import shutil

    shutil.rmtree(data, ignore_errors=True)


def _frames(film: Path) -> str:
    with av.open(str(film)) as container:
        return f"{container.streams.video[0].frames} frames"
