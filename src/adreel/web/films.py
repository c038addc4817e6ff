"""The films of a session as they are shown: one in front, its other formats beside it, earlier ones below; and the bill."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from adreel.domain.formats import ASPECTS
from adreel.domain.session import Asset, AssetKind, CostLine, SessionView
from adreel.routers.schemas.sessions import FinalVideo
from adreel.web.words import agent


@dataclass(frozen=True, slots=True)
class Showing:
    """`together` are the formats of one composition, `earlier` all other films, newest first."""

    film: FinalVideo
    together: tuple[FinalVideo, ...]
    earlier: tuple[FinalVideo, ...]


@dataclass(frozen=True, slots=True)
class Spent:
    """What one kind of work by one model came to."""

    stage: str
    model: str
    count: int
    cost: Decimal


def showing(view: SessionView, films: list[FinalVideo], wanted: str | None) -> Showing | None:
    """`wanted` is a film's id; without one, or for one that is not there, the session's final video. None without films."""
    if not films:
        return None
    known = {film.id: film for film in films}
    film = known.get(wanted or "") or known.get(view.session.final_video_id or "") or films[0]
    assets = {asset.id: asset for asset in view.of_kind(AssetKind.FINAL)}
    mine = _composition(assets[film.id])
    together: dict[str, FinalVideo] = {}
    for other in films:
        if _composition(assets[other.id]) == mine:
            together.setdefault(other.aspect, other)
    together[film.aspect] = film
    beside = {other.id for other in together.values()}
    earlier = tuple(other for other in films if other.id not in beside)
    return Showing(film, tuple(together[aspect] for aspect in ASPECTS if aspect in together), earlier)


def spent(lines: Iterable[CostLine]) -> list[Spent]:
    """The bill by stage and model, in the order in which the work was begun."""
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for line in lines:
        sums.setdefault((line.agent, line.model), []).append(line.amount)
    return [
        Spent(agent(name), model, len(amounts), sum(amounts, Decimal(0))) for (name, model), amounts in sums.items()
    ]


def _composition(film: Asset) -> tuple[object, object]:
    """What makes films versions of one another: the same wishes for the same clips."""
    return film.details.get("options"), film.details.get("clips")
