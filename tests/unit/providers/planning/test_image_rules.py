from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.domain.films.scene import ViewType
from adreel.providers.planning.image_rules import category_of, image_prompts, style_keywords


@pytest.mark.parametrize(
    ("prompt", "category"),
    [
        ("A handmade stoneware coffee mug", "kitchen and tableware"),
        ("white running sneakers", "footwear"),
        ("a luxury wristwatch, gold watch", "watches and jewellery"),
        ("wireless headphones for commuters", "electronics"),
        ("team spirit", "product"),
        ("", "product"),
    ],
)
def test_the_category_is_read_from_whole_words(prompt: str, category: str) -> None:
    assert category_of(prompt).name == category


def test_the_style_comes_from_the_prompts_words_and_mood() -> None:
    assert style_keywords("A matte black luxury mug, matte") == ("matte", "black", "luxury", "premium", "elegant")
    assert style_keywords("thing") == ("clean", "commercial")


def test_the_first_four_pictures_show_all_views() -> None:
    views = [prompt.view_type for prompt in image_prompts("a mug", 4)]
    assert views == [ViewType.FRONT, ViewType.DETAIL, ViewType.ANGLE, ViewType.LIFESTYLE]


@given(st.text(max_size=2000), st.integers(1, 8))
def test_there_are_as_many_different_prompts_as_asked_for_whatever_the_words(prompt: str, count: int) -> None:
    prompts = image_prompts(prompt, count)
    assert len({each.prompt for each in prompts}) == count
    assert all(len(each.prompt) < 1200 and each.negative_prompt and "\n" not in each.prompt for each in prompts)


def test_braces_in_a_prompt_stay_words() -> None:
    assert "{place} mug" in image_prompts("{place} mug", 1)[0].prompt
