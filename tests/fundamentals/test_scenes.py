"""A scene says how an image is filmed. Rules plan scenes without any account; a language model may do it instead."""

from __future__ import annotations

from pathlib import Path

from adreel.domain.films.scene import ApprovedImage, Mood, ViewType
from adreel.providers.planning.scene_rules import RuleScenePlanner, read_mood

IMAGES = [ApprovedImage("a", Path("a.jpg"), ViewType.FRONT), ApprovedImage("b", Path("b.jpg"), ViewType.DETAIL)]


def test_a_prompt_sets_the_mood() -> None:
    """The mood chooses pace, light and music."""
    assert read_mood("calm, warm morning light") is Mood.CALM
    assert read_mood("energetic and fast") is Mood.ENERGETIC


async def test_there_is_one_scene_for_each_image() -> None:
    """Scenes come in the order of their images, and neighbours do not repeat a camera movement."""
    scenes = await RuleScenePlanner().plan(IMAGES, "calm")
    assert [scene.image_view for scene in scenes] == [ViewType.FRONT, ViewType.DETAIL]
    assert scenes[0].camera_movement is not scenes[1].camera_movement
