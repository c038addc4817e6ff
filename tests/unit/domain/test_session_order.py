from __future__ import annotations

from typing import Any

from adreel.domain.sessions.details import read_details
from adreel.domain.sessions.session import Asset, AssetKind, SessionView
from support.records import EMPTY_SESSION, NOW
from support.sessions import DETAILS


def asset(name: str, kind: AssetKind, source: str | None = None, **details: Any) -> Asset:
    return Asset(
        id=name,
        session_id="s",
        kind=kind,
        storage_key=name,
        content_hash="0",
        content_type="x/y",
        size_bytes=1,
        created_at=NOW,
        source_image_id=source,
        details=DETAILS if kind is AssetKind.CLIP else read_details(kind, details),
    )


def names(view: SessionView, kind: AssetKind) -> list[str]:
    return [each.id for each in view.of_kind(kind)]


def made(name: str, index: int, batch: int) -> Asset:
    return asset(name, AssetKind.IMAGE, product="mug", asked_model="m", count=2, batch=batch, index=index)


def test_what_was_ready_first_does_not_change_the_order() -> None:
    images = [made("b", 1, 0), asset("own", AssetKind.IMAGE), made("a", 0, 0), made("d", 1, 1), made("c", 0, 1)]
    clips = [asset(f"clip {source}", AssetKind.CLIP, source) for source in ("d", "gone", "own", "a", "own")]
    view = SessionView(EMPTY_SESSION, tuple(images + clips))
    assert names(view, AssetKind.IMAGE) == ["a", "b", "own", "c", "d"]
    assert names(view, AssetKind.CLIP) == ["clip a", "clip own", "clip own", "clip d", "clip gone"]
