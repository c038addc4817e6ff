"""Drafts over an engine of textures: what is drawn, in which order, and what an edit draws again."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from io import BytesIO
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from adreel.agents.drafts.draft_films import DraftFilms, DraftOrder, DraftTools
from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.errors import InputError, PhotoError
from adreel.domain.films.clip import Clip
from adreel.domain.films.color import Color
from adreel.domain.films.film import AudioConfig, FilmSpec, Fit, TextOverlay, Transition
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.scene import ApprovedImage, CameraMovement, Scene, ViewType
from adreel.domain.ports import Shot
from adreel.media.audio.soundtrack import SoundtrackStore
from adreel.media.clips.examine import ClipExaminer
from adreel.media.end_cards.photo import whole_photo
from adreel.media.ffmpeg import process as ffmpeg
from adreel.media.segments.render import SegmentMaker
from adreel.media.segments.store import SegmentStore
from support.pictures import Picture, moving

FULL = FrameSize(640, 360)
SPEC = FilmSpec(
    size=FULL,
    text=TextOverlay(None, "Buy", Color(20, 80, 90)),
    audio=AudioConfig(),
    transition=Transition.CUT,
    fit=Fit.BLUR,
    intro_frames=30,
    outro_frames=30,
    seed=0,
    music_seed=0,
).as_draft()
WORDS = (ScreenText(TextRole.HEADLINE, "Made to last"),)


class Stage:
    """`drawn` are the frames that were drawn, by the seed of their shot."""

    subject = None

    def __init__(self, shot: Shot, drawn: list[tuple[int, int]]) -> None:
        self._pictures = list(moving(shot.size, shot.frames, shot.seed))
        self._seed, self._drawn = shot.seed, drawn

    def draw(self, index: int) -> Picture:
        self._drawn.append((self._seed, index))
        return self._pictures[index].copy()


class Textures:
    name, version = "local", "test"

    def __init__(self) -> None:
        self.staged: list[int] = []
        self.drawn: list[tuple[int, int]] = []
        self.broken = -1

    def stage(self, shot: Shot) -> Stage:
        self.staged.append(shot.seed)
        if shot.seed == self.broken:
            raise PhotoError("the photo is gone")
        return Stage(shot, self.drawn)


@pytest.fixture
def engine() -> Textures:
    return Textures()


@pytest.fixture
def drafts(engine: Textures, tmp_path: Path) -> DraftFilms:
    executable = ffmpeg.find_ffmpeg()
    maker = SegmentMaker(SegmentStore(tmp_path / "segments"), executable)
    examiner, sound = ClipExaminer(tmp_path / "examined", executable), SoundtrackStore(tmp_path / "sound")
    return DraftFilms(DraftTools(engine, maker, examiner, sound, whole_photo), 2)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), np.zeros((8, 8, 3), np.uint8))
    return path


def shot(photo: Path, seed: int, frames: int = 45, words: tuple[ScreenText, ...] = ()) -> Shot:
    image = ApprovedImage(f"image_{seed}", photo, ViewType.FRONT)
    scene = Scene(ViewType.FRONT, "", CameraMovement.PUSH_IN, 0.5)
    return Shot(image, scene, SPEC.size, frames, seed, words, "bold" if words else "", composed_for=FULL)


async def whole(parts: AsyncGenerator[bytes]) -> bytes:
    async with aclosing(parts):
        return b"".join([part async for part in parts])


def shown(film: bytes) -> list[Picture]:
    with av.open(BytesIO(film), "r") as opened:
        return [np.asarray(frame.to_ndarray(), np.uint8) for frame in opened.decode(video=0)]


def off(one: Picture, other: Picture) -> float:
    return float(np.abs(one.astype(int) - other).mean())


async def test_a_draft_shows_its_shots_and_cards_in_order(drafts: DraftFilms, photo: Path) -> None:
    film = shown(await whole(drafts.stream(DraftOrder((shot(photo, 1), shot(photo, 2)), SPEC))))
    assert len(film) == 45 + 45 + 30
    for seed, start in ((1, 0), (2, 45)):
        drawn = moving(SPEC.size, 45, seed)
        assert max(off(frame, one) for frame, one in zip(islice(film, start, start + 45), drawn, strict=True)) < 4


async def test_crossfades_mix_what_both_shots_show(drafts: DraftFilms, photo: Path) -> None:
    spec = replace(SPEC, transition=Transition.CROSSFADE)
    film = shown(await whole(drafts.stream(DraftOrder((shot(photo, 1), shot(photo, 2)), spec))))
    assert len(film) == 45 + 45 + 30 - 2 * 15
    left, right = (list(moving(SPEC.size, 45, seed)) for seed in (1, 2))
    middle = (left[30 + 7].astype(int) + right[7]) / 2
    assert off(film[30 + 7], middle.astype(np.uint8)) < 4


async def test_an_edit_draws_only_its_own_part_again(drafts: DraftFilms, engine: Textures, photo: Path) -> None:
    first = shot(photo, 1, 90, WORDS)
    before = await whole(drafts.stream(DraftOrder((first, shot(photo, 2)), SPEC)))
    engine.staged.clear()
    engine.drawn.clear()
    other = replace(first, words=(replace(WORDS[0], text="Made by hand"),))
    after = await whole(drafts.stream(DraftOrder((other, shot(photo, 2)), SPEC)))
    assert engine.staged == []
    assert {seed for seed, _ in engine.drawn} == {1}
    assert off(shown(before)[40], shown(after)[40]) > 0.5
    assert off(shown(before)[-40], shown(after)[-40]) == 0
    engine.drawn.clear()
    assert await whole(drafts.stream(DraftOrder((other, shot(photo, 2)), SPEC))) == after
    assert engine.drawn == []


async def test_a_fault_comes_after_the_parts_before_it(drafts: DraftFilms, engine: Textures, photo: Path) -> None:
    engine.broken = 2
    parts = drafts.stream(DraftOrder((shot(photo, 1), shot(photo, 2)), SPEC))
    sent = await anext(parts) + await anext(parts)
    with pytest.raises(PhotoError, match="the photo is gone"):
        await anext(parts)
    assert len(shown(sent)) == 45


async def test_a_reader_that_leaves_ends_the_drawing(drafts: DraftFilms, engine: Textures, photo: Path) -> None:
    order = DraftOrder(tuple(shot(photo, seed, 90) for seed in range(1, 9)), SPEC)
    async with aclosing(drafts.stream(order)) as parts:
        await anext(parts)
    assert len(engine.drawn) < 4 * 90


async def test_a_clip_of_a_file_is_shown_with_its_sound(drafts: DraftFilms, photo: Path, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    sources = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=2", "-f", "lavfi", "-i", "sine=d=2")
    ffmpeg.run([str(ffmpeg.find_ffmpeg()), "-v", "error", *sources, str(path)], limits=ffmpeg.Limits(seconds=60))
    clip = Clip("clip_1", 45, source=path)
    film = await whole(drafts.stream(DraftOrder((clip, shot(photo, 1)), SPEC)))
    assert len(shown(film)) == 45 + 45 + 30
    with av.open(BytesIO(film), "r") as opened:
        heard = np.concatenate([frame.to_ndarray()[0] for frame in opened.decode(audio=0)])
    assert np.abs(heard[:48_000]).max() > 10 * np.abs(heard[-24_000:]).max()


async def test_a_draft_longer_than_an_ad_is_refused(drafts: DraftFilms, photo: Path) -> None:
    order = DraftOrder(tuple(shot(photo, seed, 3000) for seed in range(2)), SPEC)
    with pytest.raises(InputError, match="a draft of 201 s is too long to be looked at; the most is 120 s"):
        await whole(drafts.stream(order))
