"""The stand-in's language models give plans that adreel can use."""

from __future__ import annotations

from pathlib import Path

import pytest

from adreel.domain.films.scene import ApprovedImage, ViewType
from adreel.providers.planning.json_text import as_data
from adreel.providers.planning.prompt_answer import SYSTEM as ART_DIRECTOR
from adreel.providers.planning.prompt_answer import read_prompts
from adreel.providers.planning.scene_answer import read_scenes
from adreel.providers.planning.scene_director import SYSTEM as DIRECTOR
from adreel.testing.replicate.answers import answer_to


@pytest.mark.parametrize("views", [["front"], ["front", "detail", "detail", "lifestyle", "angle"]])
def test_a_scene_plan_has_a_scene_for_each_image(views: list[str]) -> None:
    asked = as_data({"video_description": 'calm {"light"}', "image_views": views})
    images = [ApprovedImage(str(place), Path("a.jpg"), ViewType(view)) for place, view in enumerate(views)]
    for prompt in (f"{DIRECTOR}\n{asked}", asked):
        read = read_scenes(answer_to({"prompt": prompt}), images)
        assert not read.faults
        assert [scene.image_view for scene in read.scenes] == views


@pytest.mark.parametrize("count", [1, 8])
def test_a_plan_of_images_has_as_many_as_are_wanted(count: int) -> None:
    asked = as_data({"product_description": "a blue mug", "count": count})
    read = read_prompts(answer_to({"prompt": f"{ART_DIRECTOR}\n{asked}"}), count)
    assert not read.faults
    assert len(read.prompts) == count
    assert all("a blue mug" in prompt.prompt for prompt in read.prompts)


@pytest.mark.parametrize("prompt", ["again", "{", '{"a": 1}', "{" * 5000, '{"image_views": 3}', ""])
def test_other_questions_are_answered_too(prompt: str) -> None:
    assert answer_to({"prompt": prompt}).startswith("This is the stand-in")
