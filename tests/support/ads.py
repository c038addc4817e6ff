"""Scripts for tests: a whole one, and strategies for any."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from adreel.domain.ad import Ad, Beat, BeatShot, EndCard, Offer, ScreenText, TextRole
from adreel.domain.films.scene import CameraMovement, ViewType

MUG = Ad(
    product="Morgen Mug",
    beats=(
        Beat(
            "hook",
            BeatShot(1, ViewType.FRONT, CameraMovement.PUSH_IN, 0.4),
            (ScreenText(TextRole.HEADLINE, "Morgen Mug"),),
        ),
        Beat(
            "benefit",
            BeatShot(2),
            (ScreenText(TextRole.BULLET, "Holds 350 ml"),),
            spoken="It holds 350 ml.",
            weight=1.5,
        ),
        Beat("offer", BeatShot(1), (ScreenText(TextRole.PRICE, "€24.90", "€34.90"),), seconds=2.5),
    ),
    end=EndCard("Order yours", "morgen.example", "Morgen Ltd."),
    brand="Morgen",
    facts=("Holds 350 ml", "Dishwasher safe"),
    offer=Offer(Decimal("24.90"), "EUR", Decimal("34.90"), "Save 28 %", date(2026, 12, 24)),
    recipe="offer",
    style="bold",
    prompt="calm, warm morning light",
    photos=("mug-front.jpg", "mug-detail.jpg"),
    seconds=12.0,
)
"""Every field of the format has a value somewhere in it."""

_letters = st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n")


def texts(longest: int = 40) -> st.SearchStrategy[str]:
    return st.text(_letters, min_size=1, max_size=longest).filter(lambda text: bool(text.strip()))


def _maybe(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | values


_share = st.floats(0, 1).map(lambda value: round(value, 3))
_amounts = st.integers(0, 10**6).map(lambda cents: Decimal(cents).scaleb(-2))
_shots = st.builds(
    BeatShot,
    st.integers(1, 40),
    _maybe(st.sampled_from(ViewType)),
    _maybe(st.sampled_from(CameraMovement)),
    _maybe(_share),
)
_words = st.lists(st.builds(ScreenText, st.sampled_from(TextRole), texts(), _maybe(texts())), max_size=3).map(tuple)
_beats = st.lists(
    st.builds(
        Beat,
        texts(),
        _shots,
        _words,
        _maybe(texts()),
        _maybe(st.floats(0.5, 30)),
        st.floats(0.01, 100),
        _maybe(texts()),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda beat: beat.name,
).map(tuple)


def _offer(price: Decimal, saved: Decimal, currency: str, badge: str | None, until: date | None) -> Offer:
    return Offer(price, currency, price + saved if saved else None, badge, until)


_offers = st.builds(
    _offer, _amounts, _amounts, st.sampled_from(["USD", "EUR", "JPY"]), st.none() | texts(), st.none() | st.dates()
)
ADS: st.SearchStrategy[Ad] = st.builds(
    Ad,
    product=st.just("") | texts(),
    beats=_beats,
    end=st.builds(EndCard, _maybe(texts()), _maybe(texts()), _maybe(texts())),
    brand=_maybe(texts()),
    facts=st.lists(texts(), max_size=3).map(tuple),
    offer=_maybe(_offers),
    recipe=texts(),
    style=texts(),
    prompt=st.just("") | texts(),
    photos=st.lists(texts(), max_size=3).map(tuple),
    seconds=_maybe(st.floats(0.5, 600)),
)
"""Any script that the format holds."""
