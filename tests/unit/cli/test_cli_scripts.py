"""The options of a script at the command line."""

from __future__ import annotations

import inspect
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from adreel.agents.film_orders import Delivery, MakeOrder
from adreel.catalogue.recipes import recipes
from adreel.cli import films, scripts
from adreel.cli.main import app
from adreel.cli.script_options import ScriptOptions
from adreel.domain.errors import ClaimError, InputError
from adreel.domain.scripts.ad_format.reading import parse_ad
from adreel.domain.scripts.ad_format.writing import to_toml
from adreel.domain.scripts.ad_timing import MOVEMENT_FRAMES
from support.ads import MUG
from support.photo_files import gradient


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    from PIL import Image

    Image.fromarray(gradient()).save(tmp_path / "mug.png")
    return tmp_path / "mug.png"


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> list[MakeOrder]:
    """The orders that would be made."""
    found: list[MakeOrder] = []

    class Recorder:
        async def make(self, order: MakeOrder, sink: object) -> Delivery:
            found.append(order)
            raise InputError("recorded")

    def deliver(work: Any, orders: list[MakeOrder], as_json: bool) -> None:
        import asyncio

        for order in orders:
            with pytest.raises(InputError, match="recorded"):
                asyncio.run(work(Recorder(), None, order))

    monkeypatch.setattr(films, "_deliver", deliver)
    return found


def run(*args: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args], input=stdin)


def test_a_script_is_written_to_standard_output(photo: Path, tmp_path: Path) -> None:
    facts = tmp_path / "facts.txt"
    facts.write_text("\ufeff# about the mug\nHolds 350 ml\n\n  Hand-glazed stoneware  \n", encoding="utf-8")
    written = run(
        "script", photo, "--facts", facts, "--fact", "In 4 colours", "--name", "Mug", "--price", "24.90", "--was", "34.90",
        "--currency", "EUR", "--until", "2026-12-24", "--cta", "Order yours", "--address", "morgen.example", "--legal", "Ltd.",
        "--brand", "Morgen", "--text-style", "minimal", "--seconds", "20", "--prompt", "calm",
    )  # fmt: skip
    assert written.exit_code == 0, written.output
    ad = parse_ad(written.stdout)
    assert ad.facts == ("Holds 350 ml", "Hand-glazed stoneware", "In 4 colours")
    assert (ad.product, ad.brand, ad.style, ad.seconds, ad.prompt) == ("Mug", "Morgen", "minimal", 20, "calm")
    assert (ad.end.cta, ad.end.address, ad.end.legal) == ("Order yours", "morgen.example", "Ltd.")
    assert ad.photos == (photo.as_posix(),)
    assert written.stdout.startswith("# The script of an ad.")
    assert "adreel make --script" in written.stdout


def test_json_is_the_same_script(photo: Path) -> None:
    said = ("script", photo, "--name", "Mug", "--fact", "Holds 350 ml")
    assert parse_ad(run(*said, "--json").stdout) == parse_ad(run(*said).stdout)


def test_photos_in_a_script_begin_at_its_folder(tmp_path: Path, orders: list[MakeOrder]) -> None:
    script = tmp_path / "ad.toml"
    script.write_text(to_toml(MUG), encoding="utf-8")
    run("make", "--script", script)
    run("make", "other.jpg", "--script", script)
    assert [order.script for order in orders] == [MUG, MUG]
    assert orders[0].photos == (tmp_path / "mug-front.jpg", tmp_path / "mug-detail.jpg")
    assert orders[1].photos == (Path("other.jpg"),)


def test_a_script_is_read_from_standard_input(orders: list[MakeOrder]) -> None:
    run("make", "--script", "-", stdin=to_toml(MUG))
    assert orders[0].script == MUG
    assert orders[0].photos == (Path("mug-front.jpg"), Path("mug-detail.jpg"))


def test_name_and_call_to_action_of_the_command_replace_those_of_the_script(
    tmp_path: Path, orders: list[MakeOrder]
) -> None:
    script = tmp_path / "ad.toml"
    script.write_text(to_toml(MUG), encoding="utf-8")
    run("make", "--script", script, "--name", "Abend", "--cta", "")
    assert orders[0].script is not None
    assert (orders[0].script.product, orders[0].script.end.cta) == ("Abend", None)


def test_make_writes_the_script_itself(photo: Path, orders: list[MakeOrder]) -> None:
    said = (photo, "--name", "Mug", "--fact", "Holds 350 ml", "--price", "20")
    run("make", *said)
    assert orders[0].script == parse_ad(run("script", *said).stdout)


def test_an_order_without_any_of_it_has_no_script(photo: Path, orders: list[MakeOrder]) -> None:
    run("make", photo, "--name", "Mug", "--cta", "Go", "--prompt", "calm")
    assert [order.script for order in orders] == [None]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--was", "3"], "--was is part of an offer, which needs a --price"),
        (["--price", "cheap"], "the offer: the field 'price' must be an amount"),
        (["--price", "5", "--was", "4"], "'was' must be above the price"),
        (["--price", "5", "--until", "soon"], "'until' must be a day"),
        (["--facts", "gone.txt"], "cannot read gone.txt"),
        (["--recipe", "lunch"], "no recipe is called 'lunch'"),
        (["--fact", "Holds 350 ml", "--script", "ad.toml"], "--fact: the script says this already"),
        (["--script", "gone.toml"], "cannot read gone.toml"),
        (["--script", "ad.toml", "--images", "2"], "leave out --images"),
        (
            ["--fact", "Holds 350 ml", "--intro-seconds", "1"],
            "--intro-seconds: a film of a script has no plain intro card",
        ),
        (["--fact", "Cold?", "--engine", "nowhere"], "unknown engine 'nowhere'"),
        (["--script", "gone.toml", "--engine", "replicate"], "cannot read gone.toml"),
    ],
)
def test_options_that_cannot_be_used_are_named(photo: Path, args: list[str], words: str) -> None:
    result = run("make", photo, *args)
    assert isinstance(result.exception, InputError)
    assert words in str(result.exception)


def test_a_call_to_action_without_a_source_is_refused(photo: Path) -> None:
    result = run("script", photo, "--name", "Mug", "--cta", "Get 50 % off")
    assert isinstance(result.exception, ClaimError)


def test_a_script_needs_photos(tmp_path: Path) -> None:
    script = tmp_path / "ad.toml"
    script.write_text("version = 1\n[[beats]]\nname = 'a'\nshot = { photo = 1 }\n", encoding="utf-8")
    result = run("make", "--script", script)
    assert "names no photos" in str(result.exception)


def test_both_commands_have_every_option_of_a_script() -> None:
    wanted = {field.name for field in fields(ScriptOptions)}
    for command in (films.make, scripts.script):
        assert wanted <= set(inspect.signature(command).parameters)


def test_the_help_names_every_recipe_and_text_style() -> None:
    shown = run("script", "--help").output.replace("\n", " ")
    assert [name for name in (*recipes(), *MOVEMENT_FRAMES) if name not in shown] == []


def test_a_brand_kit_fills_in_what_the_options_leave_open(
    photo: Path, orders: list[MakeOrder], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ADREEL_DATA_DIR", str(tmp_path / "data"))
    run = CliRunner()
    added = run.invoke(app, ["brand", "add", "morgen", "--title", "Morgen", "--address", "a.example", "--legal", "L."])
    assert added.exit_code == 0, added.output
    assert run.invoke(app, ["brand", "list"]).output == "morgen\n"
    assert "a.example" in run.invoke(app, ["brand", "show", "morgen"]).output
    made = run.invoke(app, ["make", str(photo), "--brand-kit", "morgen", "--address", "own.example"])
    assert made.exit_code == 0, made.output
    (order,) = orders
    assert order.script is not None
    assert order.brand is not None
    assert (order.script.brand, order.script.end.address, order.script.end.legal) == ("Morgen", "own.example", "L.")
    assert run.invoke(app, ["brand", "remove", "morgen"]).exit_code == 0
    assert run.invoke(app, ["make", str(photo), "--brand-kit", "morgen"]).exit_code != 0


def test_a_brand_kit_goes_with_a_script_from_a_file(
    photo: Path, orders: list[MakeOrder], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ADREEL_DATA_DIR", str(tmp_path / "data"))
    run = CliRunner()
    assert run.invoke(app, ["brand", "add", "morgen", "--color", "#1F6F78"]).exit_code == 0
    script = tmp_path / "ad.toml"
    script.write_text(run.invoke(app, ["script", str(photo), "--name", "Mug"]).output)
    made = run.invoke(app, ["make", str(photo), "--script", str(script), "--brand-kit", "morgen"])
    assert made.exit_code == 0, made.output
    assert orders[0].brand is not None
    assert orders[0].brand.color == "#1F6F78"


def test_rules_have_no_budget(photo: Path) -> None:
    result = run("script", photo, "--fact", "Holds 350 ml", "--budget", "1")
    assert isinstance(result.exception, InputError)
    assert "--budget: rules cost nothing" in str(result.exception)
