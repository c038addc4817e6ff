"""adreel: product photos in, finished 1080p product video ads out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adreel.version import __version__

if TYPE_CHECKING:
    from adreel.hosted.orders import HostedOrder
    from adreel.maker import ComposeOrder, Delivery, MakeOrder
    from adreel.options import FilmOptions
    from adreel.studio import Studio

__all__ = ["ComposeOrder", "Delivery", "FilmOptions", "HostedOrder", "MakeOrder", "Studio", "__version__"]

_HOME = {
    "ComposeOrder": "adreel.maker",
    "Delivery": "adreel.maker",
    "FilmOptions": "adreel.options",
    "HostedOrder": "adreel.hosted.orders",
    "MakeOrder": "adreel.maker",
    "Studio": "adreel.studio",
}


def __getattr__(name: str) -> object:
    """Brings in a name of the Python API when it is asked for: importing adreel itself costs nothing."""
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module 'adreel' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
