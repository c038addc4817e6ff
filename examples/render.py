"""Render the example product photos: `uv run --group examples python examples/render.py [--product mug] [--preview]`."""

import argparse
import importlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

import mitsuba as mi

if TYPE_CHECKING:
    from studio.scene import Image, View

PRODUCTS = ("mug", "perfume", "watch")
HERE = Path(__file__).resolve().parent


def main() -> None:
    """Render the chosen products' views into the folders beside this script (previews into out/examples)."""
    wanted = _arguments()
    mi.set_variant(wanted.variant)
    for product in [wanted.product] if wanted.product else PRODUCTS:
        render_product(product, wanted.view, wanted.preview)


def render_product(product: str, only: str | None, preview: bool) -> None:
    """Expose, denoise, develop and save every view of a product."""
    # The studio's modules read the Mitsuba variant when they are imported, so this comes after set_variant.
    views = importlib.import_module(f"studio.{product}").views()
    develop = importlib.import_module("studio.develop")
    folder = HERE.parent / "out" / "examples" / product if preview else HERE / product
    folder.mkdir(parents=True, exist_ok=True)
    for view in views:
        if only not in (None, view.name):
            continue
        start = time.monotonic()
        picture = develop.develop(_linear_light(view, preview), view)
        path = develop.save(picture, folder / f"{product}-{view.name}")
        size = f"{picture.width} x {picture.height}, {path.stat().st_size / 1e6:.2f} MB"
        print(f"{path.name}: {size}, {time.monotonic() - start:.0f} s", flush=True)


def _linear_light(view: "View", preview: bool) -> "Image":
    scene, denoiser = importlib.import_module("studio.scene"), importlib.import_module("studio.denoise")
    negative = scene.expose(view, 0.25 if preview else 1.0, 16 if preview else view.spp)
    return denoiser.denoise(negative)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--product", choices=PRODUCTS, help="only this product")
    parser.add_argument("--view", help="only the view of this name")
    parser.add_argument("--preview", action="store_true", help="quarter size, few samples, into out/examples")
    parser.add_argument(
        "--variant", default="scalar_rgb", help="llvm_ad_rgb is about five times faster where LLVM is installed"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
