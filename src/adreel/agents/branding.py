"""Applies a brand kit to a film that is made on the spot."""

from __future__ import annotations

from dataclasses import replace

from adreel.agents.script import Storyboard
from adreel.domain.ad import Ad
from adreel.domain.brand import BrandKit, branded_ad, branded_options, check_kit
from adreel.domain.films.film_options import FilmOptions


def branded(kit: BrandKit, film: FilmOptions, script: Ad | None) -> tuple[FilmOptions, Ad | None]:
    """The options and the script with what the kit says where they say nothing. Raises InputError for an unusable kit."""
    check_kit(kit)
    return branded_options(kit, film), script and branded_ad(kit, script)


def with_logo(board: Storyboard, kit: BrandKit) -> Storyboard:
    """The storyboard with the brand's logo on its end card, and over its clips if the kit says so."""
    plans = tuple(replace(plan, mark=kit.logo_mark) for plan in board.plans)
    return replace(board, plans=plans, end_card=board.end_card and replace(board.end_card, logo=kit.logo))
