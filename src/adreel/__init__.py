"""adreel: product photos in, finished 1080p product video ads out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adreel.version import __version__

if TYPE_CHECKING:
    from adreel.agents.film_orders import ComposeOrder, Delivery, MakeOrder
    from adreel.agents.output import Existing
    from adreel.agents.speaking import SayOrder
    from adreel.domain.ad import Ad
    from adreel.domain.films.film_options import FilmOptions
    from adreel.domain.films.speech import HostedVoice
    from adreel.domain.scripts.ad_format.reading import parse_ad
    from adreel.domain.scripts.ad_format.writing import to_toml
    from adreel.domain.scripts.ad_request import AdRequest
    from adreel.domain.scripts.locales import localized, parse_locale
    from adreel.studio.hosted_order import HostedOrder
    from adreel.studio.studio import Studio

__all__ = [
    "Ad",
    "AdRequest",
    "ComposeOrder",
    "Delivery",
    "Existing",
    "FilmOptions",
    "HostedOrder",
    "HostedVoice",
    "MakeOrder",
    "SayOrder",
    "Studio",
    "__version__",
    "localized",
    "parse_ad",
    "parse_locale",
    "to_toml",
]

_HOME = {
    "Ad": "adreel.domain.ad",
    "AdRequest": "adreel.domain.scripts.ad_request",
    "ComposeOrder": "adreel.agents.maker",
    "Delivery": "adreel.agents.maker",
    "Existing": "adreel.agents.output",
    "FilmOptions": "adreel.domain.films.film_options",
    "HostedOrder": "adreel.studio.hosted_order",
    "HostedVoice": "adreel.domain.films.speech",
    "MakeOrder": "adreel.agents.maker",
    "SayOrder": "adreel.agents.speaking",
    "Studio": "adreel.studio.studio",
    "localized": "adreel.domain.scripts.locales",
    "parse_locale": "adreel.domain.scripts.locales",
    "parse_ad": "adreel.domain.scripts.ad_format.reading",
    "to_toml": "adreel.domain.scripts.ad_format.writing",
}


def __dir__() -> list[str]:
    """The names of the Python API, whether they are loaded yet or not."""
    return sorted(__all__)


def __getattr__(name: str) -> object:
    """Brings in a name of the Python API when it is asked for: importing adreel itself costs nothing."""
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module 'adreel' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
