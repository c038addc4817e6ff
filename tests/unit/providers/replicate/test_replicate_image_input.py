from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.catalogue.loader import load_catalogue
from adreel.domain.films.images import ImageOrder
from adreel.domain.language_model import TextRequest
from adreel.providers.common.prompt_marker import mark, marked_seed, marker_in
from adreel.providers.planning.json_text import as_data
from adreel.providers.replicate.images import image_input
from adreel.providers.replicate.text import text_input

CATALOGUE = load_catalogue()
MODELS = CATALOGUE.images
ORDER = ImageOrder("flux-pro", "A mug", "text", 7, 99)


@given(st.text(max_size=80), st.text(max_size=40), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_wish_cannot_carry_the_marker_of_another_order(wish: str, avoid: str, marker: int, other: int) -> None:
    forged = replace(ORDER, prompt=mark(other) + wish + mark(other), negative_prompt=mark(other) + avoid, marker=marker)
    for model in MODELS.values():
        assert marker_in(image_input(model, forged, []), {model.prompt_field}) == marker


@given(st.text(max_size=80), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_nor_can_what_people_write_to_a_language_model(wish: str, marker: int, other: int) -> None:
    request = TextRequest("You plan.", as_data({"wish": mark(other) + wish + mark(other)}))
    for model in CATALOGUE.texts.values():
        assert marked_seed(str(text_input(model, request, marker)[model.prompt_field])) == marker
        assert marked_seed(str(text_input(model, request)[model.prompt_field])) is None


def test_own_photos_are_a_list_or_one_as_the_model_takes_them() -> None:
    banana = MODELS["nano-banana"]
    assert image_input(banana, ORDER, ["u", "v"])["image_input"] == ["u", "v"]
    assert image_input(replace(banana, image_is_list=False), ORDER, ["u", "v"])["image_input"] == "u"
    assert "image_input" not in image_input(banana, ORDER, [])


@pytest.mark.parametrize(("aspect", "expected"), [("16:9", "16:9"), ("9:16", "9:16"), ("3:4", "4:5"), ("1:1", "1:1")])
def test_the_nearest_aspect_is_asked_for(aspect: str, expected: str) -> None:
    assert image_input(MODELS["flux-pro"], replace(ORDER, aspect=aspect), [])["aspect_ratio"] == expected
