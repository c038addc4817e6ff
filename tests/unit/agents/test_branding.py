from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from adreel.agents.branding import branded, with_logo
from adreel.agents.script import storyboard, write_script
from adreel.domain.brand import BrandKit
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.logo import BrandLogo, LogoCorner, LogoMark
from adreel.domain.scripts.ad_request import AdRequest

KIT = BrandKit("morgen", color="#1F6F78", address="morgen.example", logo=BrandLogo(Path("logo.png")))


def test_a_film_of_a_script_gets_colour_words_and_logo() -> None:
    film, script = branded(KIT, FilmOptions(), write_script(AdRequest(("mug.jpg",), "Mug")))
    assert script is not None
    board = with_logo(storyboard(script, [Path("mug.jpg")], film, "", 3.0), KIT)
    assert board.film.color == "#1F6F78"
    assert {plan.mark for plan in board.plans} == {None}
    marked = with_logo(board, replace(KIT, mark=LogoCorner.TOP_RIGHT))
    assert {plan.mark for plan in marked.plans} == {LogoMark(KIT.logo or BrandLogo(), LogoCorner.TOP_RIGHT)}
    assert board.end_card is not None
    assert (board.end_card.logo, board.end_card.words.address) == (KIT.logo, "morgen.example")


def test_a_film_without_a_script_gets_the_colour() -> None:
    assert branded(KIT, FilmOptions(), None) == (FilmOptions(color="#1F6F78"), None)
