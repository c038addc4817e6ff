from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from adreel.agents.agent import AgentInput
from adreel.agents.video_generator import ClipPlan, ClipsOrder, VideoGeneratorAgent, scene_for
from adreel.catalogue.loader import load_catalogue
from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.errors import CancelledError, GenerationError, InputError, PhotoError, TextError
from adreel.domain.films.clip import Segment
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.scene import ApprovedImage, CameraMovement, Scene, ViewType
from adreel.domain.ports import Shot
from adreel.domain.work.cancellation import CancellationToken
from adreel.domain.work.processor_shares import ProcessorShares
from adreel.domain.work.progress import FrameProgress, SilentReporter
from adreel.media.segments.decode import decode_frames
from adreel.media.segments.render import SegmentMaker, no_watch
from adreel.media.segments.store import SegmentStore, file_digest, segment_key
from adreel.providers.planning.scene_rules import RuleScenePlanner
from support.pictures import SMALL, Picture, TextureEngine, flat

VIEWS = list(ViewType)


@pytest.fixture
def images(tmp_path: Path) -> tuple[ApprovedImage, ...]:
    paths = [tmp_path / f"photo {number}.jpg" for number in range(3)]
    for path in paths:
        path.write_bytes(path.name.encode())
    return tuple(ApprovedImage(f"image_{n}", path, VIEWS[n]) for n, path in enumerate(paths))


def agent(tmp_path: Path, engine: TextureEngine) -> VideoGeneratorAgent:
    maker = SegmentMaker(SegmentStore(tmp_path / "cache" / "segments"), Path("unused"))
    return VideoGeneratorAgent(
        load_catalogue().videos, {"local": engine}, RuleScenePlanner(), maker, 2, clock=lambda: 0.0
    )


def order(images: tuple[ApprovedImage, ...], seed: int = 0) -> ClipsOrder:
    return ClipsOrder(images, "calm", 20, SMALL, seed)


async def test_one_clip_for_each_image_in_their_order(tmp_path: Path, images: tuple[ApprovedImage, ...]) -> None:
    output = await agent(tmp_path, TextureEngine()).process(AgentInput("s", order(images)))
    assert output.success
    assert output.data is not None
    assert [clip.source_image_id for clip in output.data.clips] == ["image_0", "image_1", "image_2"]
    assert [clip.segment.frames for clip in output.data.clips if clip.segment] == [20, 20, 20]
    assert output.data.failed_images == ()
    assert output.cost == Decimal("0.00")


async def test_the_same_order_draws_nothing_again(tmp_path: Path, images: tuple[ApprovedImage, ...]) -> None:
    engine = TextureEngine()
    first = await agent(tmp_path, engine).process(AgentInput("s", order(images)))
    again = await agent(tmp_path, engine).process(AgentInput("s", order(images)))
    assert len(engine.drawn) == 3
    assert first.data == again.data
    await agent(tmp_path, engine).process(AgentInput("s", order(images, seed=7)))
    assert len(engine.drawn) == 6


@pytest.mark.parametrize("error", [PhotoError("photo 1.jpg is broken"), RuntimeError("the engine broke")])
async def test_a_failure_keeps_the_other_clips(
    tmp_path: Path, images: tuple[ApprovedImage, ...], error: Exception
) -> None:
    output = await agent(tmp_path, TextureEngine("image_1", error)).process(AgentInput("s", order(images)))
    assert output.success
    assert output.data is not None
    assert [clip.source_image_id for clip in output.data.clips] == ["image_0", "image_2"]
    assert output.data.failed_images == ("image_1",)
    assert [type(told) for told in output.errors] == [PhotoError if isinstance(error, PhotoError) else GenerationError]
    assert "photo 1.jpg" in str(output.errors[0])


async def test_complete_failure_is_no_success(tmp_path: Path, images: tuple[ApprovedImage, ...]) -> None:
    output = await agent(tmp_path, TextureEngine("image_0")).process(AgentInput("s", order(images[:1])))
    assert not output.success
    assert output.data is None
    assert isinstance(output.errors[0], GenerationError)


async def test_an_unknown_model_and_a_wrong_length_are_reported(
    tmp_path: Path, images: tuple[ApprovedImage, ...]
) -> None:
    maker = agent(tmp_path, TextureEngine())
    unknown = await maker.process(AgentInput("s", ClipsOrder(images, "", 90, SMALL, 0, model_name="dream")))
    too_long = await maker.process(AgentInput("s", ClipsOrder(images, "", 3000, SMALL, 0)))
    assert "no model is called 'dream'" in str(unknown.errors[0])
    assert isinstance(too_long.errors[0], InputError)


async def test_stopping_ends_every_clip(tmp_path: Path, images: tuple[ApprovedImage, ...]) -> None:
    cancellation = CancellationToken()

    class Stop:
        def __init__(self) -> None:
            self.reports = 0
            self.lock = threading.Lock()

        def report(self, fraction: float, message: str) -> None:
            with self.lock:
                self.reports += 1
                if self.reports == 5:
                    cancellation.cancel()

    stop = Stop()
    with pytest.raises(CancelledError):
        await agent(tmp_path, TextureEngine()).process(AgentInput("s", order(images), stop, cancellation))
    assert stop.reports <= 5 + len(images), "each thread may report the frame that it had begun, no more"


@dataclass
class Rival:
    """A reporter that lets another user begin work on all cores at the fifth frame, when the first has used them for a while."""

    now: float = 0.0
    frames: int = 0
    at_work: ExitStack = field(default_factory=ExitStack)
    began: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.processor = ProcessorShares(2, lambda: self.now)

    def report(self, fraction: float, message: str) -> None:
        self.frames += 1
        if self.frames == 5:
            self.now += 10
            self.at_work.enter_context(self.processor.long_work("modest"))
            self.began.set()


@pytest.mark.parametrize("is_stopped", [False, True])
async def test_a_clip_stands_still_while_a_user_who_has_had_less_needs_the_cores(
    tmp_path: Path, images: tuple[ApprovedImage, ...], is_stopped: bool
) -> None:
    rival, cancellation = Rival(), CancellationToken()
    maker = SegmentMaker(SegmentStore(tmp_path / "segments"), Path("unused"))
    drawing = VideoGeneratorAgent(
        {}, {"local": TextureEngine()}, RuleScenePlanner(), maker, 2, processor=rival.processor
    )
    [scene] = await drawing.plan(images[:1], "calm")
    shot = Shot(images[0], scene, SMALL, 20, 0)
    task = asyncio.create_task(drawing.draw(shot, "local", FrameProgress(rival, cancellation, 20), user_id="greedy"))
    assert await asyncio.to_thread(rival.began.wait, 60)
    assert not (await asyncio.wait({task}, timeout=0.2))[0]
    assert rival.frames == 5
    if is_stopped:
        cancellation.cancel()
        with pytest.raises(CancelledError):
            await asyncio.wait_for(task, 60)
    else:
        rival.at_work.close()
        rival.now += 1
        assert (await asyncio.wait_for(task, 60)).frames == 20


async def test_progress_reaches_the_end(tmp_path: Path, images: tuple[ApprovedImage, ...]) -> None:
    class Seen:
        def __init__(self) -> None:
            self.fractions: list[float] = []

        def report(self, fraction: float, message: str) -> None:
            self.fractions.append(fraction)

    seen = Seen()
    await agent(tmp_path, TextureEngine()).process(AgentInput("s", order(images), seen))
    assert max(seen.fractions) == 1.0
    assert len(set(seen.fractions)) >= 50


def test_a_scene_is_found_for_every_image() -> None:
    def scene(view: ViewType) -> Scene:
        return Scene(view, "words", CameraMovement.STATIC, 0.1)

    image = ApprovedImage("a", Path("a.jpg"), ViewType.DETAIL)
    front, detail = scene(ViewType.FRONT), scene(ViewType.DETAIL)
    assert scene_for(image, 0, [detail, front]) is detail
    assert scene_for(image, 0, [front, detail]) is detail
    assert scene_for(image, 3, [front]).image_view is ViewType.DETAIL


class DarkEngine(TextureEngine):
    """Draws one photo's clip black, or unchanging."""

    def __init__(self, image: str, luma: int) -> None:
        super().__init__()
        self._dark, self._luma = image, luma
        self.version = f"dark {luma}"

    def frames(self, shot: Shot) -> Iterator[Picture]:
        if shot.image.id == self._dark:
            return flat(shot.size, shot.frames, self._luma)
        return super().frames(shot)


@pytest.mark.parametrize(("luma", "words"), [(16, "is black for 40 frames"), (120, "stands still for 39 frames")])
async def test_a_photo_whose_clip_shows_nothing_costs_that_clip(
    tmp_path: Path, images: tuple[ApprovedImage, ...], luma: int, words: str
) -> None:
    wanted = replace(order(images), clip_frames=40)
    for _ in range(2):  # The second time the clip comes from the cache.
        output = await agent(tmp_path, DarkEngine("image_1", luma)).process(AgentInput("s", wanted))
        assert output.data is not None
        assert [clip.source_image_id for clip in output.data.clips] == ["image_0", "image_2"]
        assert [str(error) for error in output.errors] == [
            f"photo 1.jpg: the clip of this photo {words}; choose another photo or camera move"
        ]


class RecordingEngine(TextureEngine):
    """Keeps the shots that it draws."""

    def __init__(self) -> None:
        super().__init__()
        self.shots: list[Shot] = []

    def frames(self, shot: Shot) -> Iterator[Picture]:
        self.shots.append(shot)
        yield from super().frames(shot)


async def test_a_plan_decides_length_move_and_words(tmp_path: Path, images: tuple[ApprovedImage, ...]) -> None:
    words = (ScreenText(TextRole.HEADLINE, "Morgen"),)
    plans = (ClipPlan(90, CameraMovement.STATIC, 0.2, words, "bold"), ClipPlan(30), ClipPlan(45, intensity=1.0))
    engine = RecordingEngine()
    output = await agent(tmp_path, engine).process(AgentInput("s", replace(order(images), plans=plans)))
    assert output.data is not None
    assert [clip.frames for clip in output.data.clips] == [90, 30, 45]
    second, third, first = sorted(engine.shots, key=lambda shot: shot.frames)
    planned = await RuleScenePlanner().plan(images, "calm")
    assert first.scene.camera_movement is CameraMovement.STATIC
    assert "the camera rests" in first.scene.scene_prompt
    assert (first.scene.motion_intensity, first.words, first.text_style) == (0.2, words, "bold")
    assert (second.scene, second.words) == (planned[1], ())
    assert third.scene == replace(planned[2], motion_intensity=1.0)


async def test_a_planned_move_gives_way_to_the_same_move_asked_for_beside_it(
    tmp_path: Path, images: tuple[ApprovedImage, ...]
) -> None:
    plain = await agent(tmp_path, TextureEngine()).process(AgentInput("s", order(images)))
    assert plain.data is not None
    planned = [clip.scene.camera_movement for clip in plain.data.clips if clip.scene]
    plans = (ClipPlan(20), ClipPlan(20, planned[0]), ClipPlan(20))
    output = await agent(tmp_path, TextureEngine()).process(AgentInput("s", replace(order(images), plans=plans)))
    assert output.data is not None
    moves = [clip.scene.camera_movement for clip in output.data.clips if clip.scene]
    assert moves[1] is planned[0]
    assert moves[0] is not moves[1] is not moves[2]


async def test_every_planned_length_must_be_possible(tmp_path: Path, images: tuple[ApprovedImage, ...]) -> None:
    plans = (ClipPlan(90), ClipPlan(90), ClipPlan(3000))
    output = await agent(tmp_path, TextureEngine()).process(AgentInput("s", replace(order(images), plans=plans)))
    assert "clips of 100 s are not possible" in str(output.errors[0])


WORDS = (ScreenText(TextRole.HEADLINE, "Made to last"), ScreenText(TextRole.PRICE, "$129", "$169"))


def shot(images: tuple[ApprovedImage, ...], words: tuple[ScreenText, ...] = (), style: str = "") -> Shot:
    scene = Scene(ViewType.FRONT, "", CameraMovement.STATIC, 0.1)
    return Shot(images[0], scene, FrameSize(480, 270), 120, 0, words, style)


async def drawn(tmp_path: Path, wanted: Shot) -> Segment:
    progress = FrameProgress(SilentReporter(), CancellationToken(), wanted.frames)
    return await agent(tmp_path, TextureEngine()).draw(wanted, "local", progress)


async def test_a_shot_without_words_keeps_its_key_and_its_frames(
    tmp_path: Path, images: tuple[ApprovedImage, ...]
) -> None:
    """The key as it was before shots had words: clips of older versions are still found."""
    plain = shot(images, style="bold")
    made = await drawn(tmp_path, plain)
    facts = (plain.scene, plain.size, plain.frames, plain.seed)
    assert made.key == segment_key("drawn", "local", "test", file_digest(plain.image.path), *facts)
    bare = SegmentMaker(SegmentStore(tmp_path / "other"), Path("unused")).from_frames(
        "bare", plain.size, plain.frames, lambda: TextureEngine().frames(plain), threads=2, on_frame=no_watch
    )
    assert made.digest == bare.digest


async def test_words_and_their_style_make_another_clip(tmp_path: Path, images: tuple[ApprovedImage, ...]) -> None:
    made = [
        await drawn(tmp_path, wanted)
        for wanted in (
            shot(images),
            shot(images, WORDS),
            shot(images, WORDS[:1]),
            shot(images, WORDS, "bold"),
        )
    ]
    assert len({segment.key for segment in made}) == len({segment.digest for segment in made}) == 4
    assert (await drawn(tmp_path, shot(images, WORDS))) == made[1]


async def test_words_appear_and_are_gone_before_the_crossfade(
    tmp_path: Path, images: tuple[ApprovedImage, ...]
) -> None:
    with_words, without = [await drawn(tmp_path, shot(images, words)) for words in (WORDS, ())]
    pairs = zip(decode_frames(with_words.video, 0, 120), decode_frames(without.video, 0, 120), strict=True)
    changed = [float(np.abs(new.astype(int) - old.astype(int)).mean()) for new, old in pairs]
    quiet, shown = [*changed[:4], *changed[106:]], changed[40:80]
    assert min(shown) > 4 * max(quiet)


async def test_words_that_cannot_be_read_in_the_time_are_an_error_of_their_clip(
    tmp_path: Path, images: tuple[ApprovedImage, ...]
) -> None:
    long = (ScreenText(TextRole.HEADLINE, "Nine words that are far too many for this"),)
    with pytest.raises(TextError, match=r"must last 4\.\d s; it lasts 4\.0 s"):
        await drawn(tmp_path, shot(images, long))
