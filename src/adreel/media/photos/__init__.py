"""Photos: opening, decoding, memory estimates, and isolated reader processes for untrusted files.

from adreel.media.photos import load_photo

rgb = load_photo(Path("mug.heic")).rgb
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adreel.media.photos.photo import load_photo

__all__ = ["load_photo"]


def __getattr__(name: str) -> object:
    """Imports Pillow and NumPy only for those who decode here: a reader process imports this package as well."""
    if name != "load_photo":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from adreel.media.photos.photo import load_photo

    return load_photo
