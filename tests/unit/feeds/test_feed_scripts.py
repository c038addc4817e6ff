"""Templates with slots, conditions, and names of files."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adreel.domain.errors import InputError
from adreel.feeds.batches.conditions import all_hold, read_condition
from adreel.feeds.batches.names import file_name
from adreel.feeds.product import Measure, Product, Sale
from adreel.feeds.scripts.recipe import RecipeScript
from adreel.feeds.scripts.slots import MissingError, SlotValues, filled
from adreel.feeds.scripts.template import read_template
from adreel.providers.planning.script_words import Language, language_of

NOW = datetime(2026, 11, 30, tzinfo=UTC)
MUG = Product(
    row=2,
    id="P1",
    title="Morgen Mug, hand-glazed and large",
    images=("a.jpg",),
    price=Decimal("34.90"),
    currency="EUR",
    sale=Sale(Decimal("24.90"), None, datetime(2026, 12, 24, tzinfo=UTC)),
    brand="Morgen",
    facts=("Holds 350 ml", "Hand-glazed stoneware"),
    measure=Measure(Decimal(500), "ml"),
    base=Measure(Decimal(100), "ml"),
    fields={"colour": "Blue"},
)
ENGLISH: Language = language_of(["Holds water"])
TEMPLATE = """
version = 1
product = "{title:20!}"
style = "bold"
[end]
cta = "Order yours"
[[beats]]
name = "hook"
shot = { photo = 1 }
words = [{ role = "headline", text = "{title:20!}" }]
[[beats]]
name = "fact"
shot = { photo = 3 }
words = [{ role = "bullet", text = "{benefit.1:40}" }]
[[beats]]
name = "offer"
shot = { photo = 1 }
words = [{ role = "price", text = "{price}", struck = "{was}" }]
"""


def fill(text: str, product: Product = MUG) -> str | None:
    return filled(text, SlotValues(product, NOW, ENGLISH))


def test_slots_have_the_products_words() -> None:
    assert fill("{title:20}") == "Morgen Mug"
    assert fill("{brand} {column.Colour}") == "Morgen Blue"
    assert fill("{benefit.2}") == "Hand-glazed stoneware"
    assert fill("{price} {was}") == "€24.90 €34.90"
    assert fill("{saving}") == "28%"
    assert fill("{unit_price}") == "€4.98 / 100\u00a0ml"
    assert fill("{{x}}") == "{x}"


def test_a_text_whose_slot_is_empty_is_left_out_or_replaced() -> None:
    assert fill("{benefit.3}") is None
    assert fill("{benefit.1:5}") is None, "a part of a statement may say something else"
    assert fill("{benefit.3|Made by hand}") == "Made by hand"
    with pytest.raises(MissingError, match=r"needs \{benefit\.3!\}"):
        fill("{benefit.3!}")


def test_what_a_shop_writes_is_never_a_slot() -> None:
    assert fill("{title}", replace(MUG, title="Mug {price}")) == "Mug {price}"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ('product = "{titel}"', "no slot '{titel}'"),
        ('product = "{title"', "brace that begins no slot"),
        ('product = "x"\nphotos = ["a.jpg"]', "names no photos"),
        (
            "beats = [{ name = 'hook', shot = { photo = 1 }, spoken = 'Hi.', recording = '/etc/passwd' }]",
            "ad.toml, beat 'hook': a template names no recordings",
        ),
        ("product = ", "not valid TOML"),
    ],
)
def test_mistakes_of_a_template_are_found_before_any_product(wrong: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_template(f"version = 1\n{wrong}\n", "ad.toml")


def test_a_template_becomes_a_script_without_the_beats_that_lost_their_words() -> None:
    template = read_template(TEMPLATE, "ad.toml")
    ad = template.ad(MUG, 2, NOW)
    assert [beat.name for beat in ad.beats] == ["hook", "fact", "offer"]
    assert [beat.shot.photo for beat in ad.beats] == [1, 1, 1], "photos in turn"
    assert ad.offer is not None
    assert (ad.offer.price, ad.offer.was) == (Decimal("24.90"), Decimal("34.90"))
    bare = template.ad(replace(MUG, facts=(), price=None, sale=None), 1, NOW)
    assert [beat.name for beat in bare.beats] == ["hook"]
    assert bare.offer is None


def test_a_sale_that_is_over_is_not_shown() -> None:
    ad = read_template(TEMPLATE, "ad.toml").ad(MUG, 1, datetime(2026, 12, 25, tzinfo=UTC))
    assert ad.offer is not None
    assert (ad.offer.price, ad.offer.was) == (Decimal("34.90"), None)


def test_a_recipe_writes_the_script_of_a_product() -> None:
    ad = RecipeScript("bumper").ad(MUG, 1, NOW)
    assert (ad.recipe, ad.product, ad.brand) == ("bumper", MUG.title, "Morgen")


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("price>=20", True),
        ("price < 20", False),
        ("brand=morgen", True),
        ("brand!=Morgen", False),
        ("title~hand", True),
        ("colour=blue", True),
        ("size=1", False),
        ("size!=1", True),
    ],
)
def test_conditions_choose_products(condition: str, holds: bool) -> None:
    assert all_hold([read_condition(condition)], MUG) is holds


@pytest.mark.parametrize("text", ["price", "price>cheap", "=3"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"condition|not a number"):
        read_condition(text)


def test_names_of_files_are_safe_and_differ_as_ids_do() -> None:
    assert file_name("P-1.a") == "P-1.a"
    hostile = ["../../etc/passwd", "a/b", "a b", "con", "..", "", "🦄", "x" * 300, "a\x00b", ".hidden", "a."]
    names = [file_name(each) for each in hostile]
    assert len(set(names)) == len(hostile)
    for name in names:
        assert "/" not in name
        assert "\x00" not in name
        assert not name.startswith(".")
        assert len(name) < 120
