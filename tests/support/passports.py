"""Passports of films that were not made."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from adreel.domain.costs.ledger import CallState, PaidCall, PurchaseKind
from adreel.domain.films.box import Box
from adreel.domain.films.shown_words import ShownWords, to_plain
from adreel.placements.checking import judgement_json
from adreel.placements.judge import judge
from adreel.placements.loader import load_placements
from adreel.provenance.attestations import adcp_provenance, attestations
from adreel.provenance.history import FilmHistory, Ingredient
from support.measured import GOOD

NOW = datetime(2026, 12, 1, tzinfo=UTC)
BOUGHT = FilmHistory((Ingredient("clip 1", None, "replicate/wan"),))
DRAWN = FilmHistory((Ingredient("photo 1", None),), drawn=1)


def shown(text: str, first: int, last: int) -> ShownWords:
    return ShownWords("headline", text, Box(1, 2, 3, 4), first, last, 40.0, ("Inter (Inter_700Bold.ttf)",))


def call(key: str, state: CallState, amount: str, provider_id: str | None = "p1") -> PaidCall:
    kind, paid = PurchaseKind.CLIP, Decimal(amount)
    facts = (key, "s", "ann", kind, "replicate", "wan", 1, state, paid, paid, provider_id, None)
    return PaidCall(*facts, created_at=NOW, posted_at=NOW, settled_at=NOW)


def stored_passport(history: FilmHistory = BOUGHT, **changes: Any) -> dict[str, Any]:
    judgement = judge(GOOD, load_placements()["meta-reels"])
    return {
        "passport": 1,
        "film": {
            "sha256": "0" * 64,
            "bytes": 1_500_000,
            "width": 1920,
            "height": 1080,
            "frames": 90,
            "fps": 30,
            "seconds": 3.0,
            "placement": "meta-reels",
            "made_at": NOW.isoformat(),
            "made_with": "adreel",
        },
        "credentials": {"statement": ["It is <signed>."], "source_type": "composite", "xmp_source_type": "composite"},
        "provenance": adcp_provenance(history, NOW),
        "attestations": attestations(history),
        "verdict": {**judgement_json(judgement), "done": ["video at 20 kbit/s"], "left": []},
        "checks": [{"name": "frames", "passed": True, "detail": "90 of 90"}],
        "sources": {
            "parts": [],
            "fonts": [{"name": "<b>", "licence": "OFL"}],
            "music": None,
            "voice": None,
            "programs": [],
        },
        "words": to_plain((shown("Holds 350 ml", 5, 60),)),
        **changes,
    }
