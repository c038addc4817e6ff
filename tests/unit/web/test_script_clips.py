from __future__ import annotations

from decimal import Decimal

from adreel.catalogue.loader import load_catalogue
from adreel.domain.films.formats import to_frames
from adreel.domain.scripts.ad_timing import AdLengths
from adreel.orchestrator.session_scripts import SessionScript
from adreel.web.clip_choices import script_clips
from support.ads import MUG

VIDEOS = load_catalogue().videos
PAID = next(
    model for model in VIDEOS.values() if model.priced_by_second and model.min_seconds <= 2 <= model.max_seconds
)


def of(*seconds: float) -> SessionScript:
    return SessionScript(MUG, AdLengths(tuple(map(to_frames, seconds)), 60))


def test_clips_of_a_script_are_counted_and_cost_what_their_lengths_cost() -> None:
    found = script_clips(of(2.0, 2.0, 3.0), [PAID, VIDEOS["local"]])
    assert found is not None
    assert (found.count, found.seconds, found.end) == (3, 7.0, 2.0)
    assert Decimal(found.prices["local"]) == 0
    assert Decimal(found.prices[PAID.name]) >= 3 * PAID.price_of(2.0)


def test_a_model_that_cannot_make_one_of_the_clips_has_no_price() -> None:
    found = script_clips(of(2.0, 1000.0), [PAID])
    assert found is not None
    assert PAID.name not in found.prices


def test_nothing_has_a_price_while_the_words_do_not_fit() -> None:
    found = script_clips(SessionScript(MUG, None), VIDEOS.values())
    assert found is not None
    assert not found.prices
    assert script_clips(None, VIDEOS.values()) is None
