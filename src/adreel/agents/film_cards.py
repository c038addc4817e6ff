"""The cards of a film: their specifications, their checks, and their segments."""

from __future__ import annotations

from pathlib import Path

from adreel.domain.errors import InputError
from adreel.domain.films.clip import Segment
from adreel.domain.films.film import EndCardLook, FilmSpec, Transition
from adreel.domain.ports import ProductPictures
from adreel.media.cards.card import CardKind, CardSpec, check_card
from adreel.media.cards.fonts import resolve_font
from adreel.media.end_cards.end_card import EndCardSpec, check_end_card
from adreel.media.end_cards.intro_card import IntroCardSpec, check_intro
from adreel.media.end_cards.photo import photo_digest
from adreel.media.segments.render import SegmentMaker


def draw_card(kind: CardKind, spec: FilmSpec, maker: SegmentMaker, pictures: ProductPictures) -> Segment:
    """The segment of a film's intro or outro, made or found. `pictures` reads the product of a photo.

    Raises TextError, InputError, PhotoError, RenderError."""
    cuttable, maker = spec.transition is not Transition.CUT, maker.of(spec.profile)
    if kind is CardKind.INTRO and spec.shows_product_first:
        product = _product_of(spec)
        return maker.intro(intro_of(spec), photo_digest(product), lambda: pictures(product), cuttable=cuttable)
    if kind is CardKind.OUTRO and spec.end_card is not None:
        photo = spec.end_card.photo
        digest = photo_digest(photo)
        return maker.end_card(end_card_of(spec, spec.end_card), digest, lambda: pictures(photo), cuttable=cuttable)
    return maker.card(card_of(kind, spec), cuttable=cuttable)


def card_of(kind: CardKind, spec: FilmSpec) -> CardSpec:
    """Returns the specification of a film's intro or outro card. Raises TextError for an unknown font."""
    is_intro = kind is CardKind.INTRO
    text, frames = (spec.text.product_name, spec.intro_frames) if is_intro else (spec.text.cta, spec.outro_frames)
    return CardSpec(kind, text or "", spec.size, frames, spec.text.color, resolve_font(spec.text.font))


def end_card_of(spec: FilmSpec, look: EndCardLook) -> EndCardSpec:
    """Returns the specification of a film's end card."""
    return EndCardSpec(look, spec.text.cta, spec.text.color, spec.size, spec.outro_frames)


def intro_of(spec: FilmSpec) -> IntroCardSpec:
    """Returns the specification of a film's intro with the product."""
    return IntroCardSpec(spec.intro_style, spec.text.product_name or "", spec.text.color, spec.size, spec.intro_frames)


def _product_of(spec: FilmSpec) -> Path:
    if spec.product_photo is None:
        raise InputError(
            f"an intro in the style {spec.intro_style} shows the product, and the film has no photo of it; choose the style plain"
        )
    return spec.product_photo


def check_cards(spec: FilmSpec) -> None:
    """Typesets a film's cards in its size. Raises TextError for text that does not fit, shows nothing or cannot be read in the
    time, InputError for an unknown text style."""
    if spec.shows_product_first:
        check_intro(intro_of(spec))
    elif spec.has_intro:
        check_card(card_of(CardKind.INTRO, spec))
    if spec.has_outro and spec.end_card is not None:
        check_end_card(end_card_of(spec, spec.end_card))
    elif spec.has_outro:
        check_card(card_of(CardKind.OUTRO, spec))
