from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.domain.films.scene import ApprovedImage, CameraMovement, Mood, ViewType
from adreel.providers.planning.scene_rules import MOODS, RuleScenePlanner, read_mood

VIEWS = list(ViewType)


def images(count: int) -> list[ApprovedImage]:
    return [ApprovedImage(f"image {n}", Path(f"{n}.jpg"), VIEWS[n % len(VIEWS)]) for n in range(count)]


@pytest.mark.parametrize(
    ("prompt", "mood"),
    [
        ("", Mood.NEUTRAL),
        ("A mug on a table", Mood.NEUTRAL),
        ("Slow and calm morning mood", Mood.CALM),
        ("ENERGETIC, fast and bold!", Mood.ENERGETIC),
        ("a luxurious, elegant watch", Mood.LUXURY),
        ("Neon city at night", Mood.NIGHT),
        ("happy fun for kids", Mood.PLAYFUL),
        ("calm, calm, but energetic", Mood.CALM),
        ("a fundamental change", Mood.NEUTRAL),
    ],
)
def test_the_mood_is_read_from_the_words(prompt: str, mood: Mood) -> None:
    assert read_mood(prompt) is mood


@pytest.mark.parametrize(
    ("prompt", "move"),
    [
        ("zoom out slowly", CameraMovement.PULL_OUT),
        ("slow zoom", CameraMovement.PUSH_IN),
        ("hand-held look", CameraMovement.HANDHELD),
        ("locked-off", CameraMovement.STATIC),
    ],
)
async def test_a_named_move_is_used_throughout(prompt: str, move: CameraMovement) -> None:
    scenes = await RuleScenePlanner().plan(images(4), prompt)
    assert {scene.camera_movement for scene in scenes} == {move}


async def test_several_named_moves_alternate() -> None:
    scenes = await RuleScenePlanner().plan(images(4), "orbit around it")
    assert {scene.camera_movement for scene in scenes} == {CameraMovement.ARC_LEFT, CameraMovement.ARC_RIGHT}
    assert all(a.camera_movement is not b.camera_movement for a, b in pairwise(scenes))


@given(st.text(max_size=200), st.integers(1, 12))
async def test_every_prompt_gives_usable_scenes(prompt: str, count: int) -> None:
    approved = images(count)
    scenes = await RuleScenePlanner().plan(approved, prompt)
    assert [scene.image_view for scene in scenes] == [image.view_type for image in approved]
    assert all(0 <= scene.motion_intensity <= 1 for scene in scenes)
    assert scenes == await RuleScenePlanner().plan(approved, prompt)


async def test_moves_vary_and_prompts_are_detailed() -> None:
    scenes = await RuleScenePlanner().plan(images(8), "Morning coffee by the window")
    assert all(a.camera_movement is not b.camera_movement for a, b in pairwise(scenes))
    assert len({scene.camera_movement for scene in scenes}) >= 4
    assert all("Morning coffee by the window" in scene.scene_prompt for scene in scenes)
    assert all(len(scene.scene_prompt) > 80 for scene in scenes)


async def test_moods_differ_in_pace() -> None:
    calm = await RuleScenePlanner().plan(images(4), "calm")
    energetic = await RuleScenePlanner().plan(images(4), "energetic")
    assert all(a.motion_intensity + 0.3 < b.motion_intensity for a, b in zip(calm, energetic, strict=True))


def test_every_mood_has_rules() -> None:
    assert set(MOODS) == set(Mood)
