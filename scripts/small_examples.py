"""Makes the photos that adreel ships of those in examples/: JPEG, at most 1600 pixels long, about 150 KB each.

    python scripts/small_examples.py

Which ones, says src/adreel/assets/examples/examples.toml. The results are committed; nobody needs to run this to use adreel.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "src" / "adreel" / "assets" / "examples"
SIDE = 1600
MAX_BYTES = 150_000
QUALITIES = range(88, 70, -3)


def shrink(source: Path, target: Path) -> None:
    """Writes the photo at the best quality that keeps it small."""
    with Image.open(source) as image:
        small = image.convert("RGB")
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    for quality in QUALITIES:
        small.save(target, "JPEG", quality=quality, optimize=True, progressive=True)
        if target.stat().st_size <= MAX_BYTES:
            break
    print(f"{target.relative_to(ROOT)}: {small.width}x{small.height}, {target.stat().st_size} bytes")


def main() -> None:
    products = tomllib.loads((TARGET / "examples.toml").read_text(encoding="utf-8"))
    for product, facts in products.items():
        for photo in facts["photos"]:
            name = f"{photo['name']}.jpg"
            shrink(ROOT / "examples" / product / name, TARGET / name)


if __name__ == "__main__":
    main()
