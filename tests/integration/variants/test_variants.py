"""Variants of a small film: those that differ are kept, near-twins are left out by name."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from adreel.agents.film_orders import MakeOrder
from adreel.bootstrap.local import build_maker
from adreel.bootstrap.settings import Settings
from adreel.domain.ad import Ad, Beat, BeatShot, ScreenText, TextRole
from adreel.domain.errors import ConflictError, InputError
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import ASPECTS
from adreel.variants.running import VariantEvent, VariantsOrder, make_variants
from adreel.variants.variant import Axis
from support.pictures import texture
from support.small_films import SMALL_ASPECTS

AD = Ad(
    "",
    (
        Beat("hook", BeatShot(1), (ScreenText(TextRole.HEADLINE, "Morgen"),), seconds=2.6),
        Beat("fact", BeatShot(2), (ScreenText(TextRole.BULLET, "Holds 350 ml"),), seconds=2.6),
    ),
    facts=("Holds 350 ml",),
)


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeOrder:
    for aspect, size in SMALL_ASPECTS.items():
        monkeypatch.setitem(ASPECTS, aspect, size)
    photos = [tmp_path / f"{seed}.png" for seed in (5, 9)]
    for photo, seed in zip(photos, (5, 9), strict=True):
        cv2.imwrite(str(photo), texture(360, 240, seed) // seed * 5)
    return MakeOrder(tuple(photos), tmp_path / "unused.mp4", film=FilmOptions(music="none", outro_seconds=0), script=AD)


async def test_only_films_that_differ_are_kept(base: MakeOrder, tmp_path: Path) -> None:
    maker = build_maker(Settings(data_dir=tmp_path / "data", content_credentials=False))
    out, events = tmp_path / "out", list[VariantEvent]()
    order = VariantsOrder(base, out, 3, (Axis.SHOT, Axis.STYLE))
    result = await make_variants(order, maker, events.append)

    names = [each.name for each in result.kept]
    assert names[0] == "shot1-editorial"
    assert {name.partition("-")[0] for name in names} == {"shot1", "shot2"}
    assert {film.stem for film in out.glob("*.mp4")} == set(names), "near-twins are deleted"
    assert all(each.distance and each.distance.whole >= result.least for each in result.kept[1:])
    assert all(each.twin in names and each.distance.whole < result.least for each in result.refused if each.distance)
    assert result.refused, "the same opening in another style is a near-twin"
    assert [event.name for event in events if event.refused is None] == names

    table = json.loads((out / "variants.json").read_text())
    assert [each["name"] for each in table["variants"]] == names
    assert table["variants"][1]["recipe"]["shot"] == 1
    page = (out / "variants.html").read_text()
    assert all(f"stills/{name}.webp" in page and (out / "stills" / f"{name}.webp").is_file() for name in names)
    assert result.refused[0].name in page
    with pytest.raises(ConflictError, match="has variants already"):
        await make_variants(order, maker)


async def test_an_order_needs_a_script_and_a_number(base: MakeOrder, tmp_path: Path) -> None:
    maker = build_maker(Settings(data_dir=tmp_path / "data", content_credentials=False))
    with pytest.raises(InputError, match="made of a script"):
        await make_variants(VariantsOrder(MakeOrder(base.photos, base.out), tmp_path / "a"), maker)
    with pytest.raises(InputError, match="choose 2 to 48"):
        await make_variants(VariantsOrder(base, tmp_path / "b", 1), maker)
    unread = replace(
        base, script=replace(AD, seconds=3.0, beats=tuple(replace(beat, seconds=None) for beat in AD.beats))
    )
    with pytest.raises(InputError, match="the film is to last 3 s"):
        await make_variants(VariantsOrder(unread, tmp_path / "c", axes=(Axis.SHOT,)), maker)
