from __future__ import annotations

import threading
from decimal import Decimal
from pathlib import Path

import pytest

from adreel.agents.base import AgentInput
from adreel.agents.video_generator import ClipsOrder, VideoGeneratorAgent, scene_for
from adreel.catalogue.loader import load_catalogue
from adreel.domain.errors import CancelledError, GenerationError, InputError, PhotoError
from adreel.domain.scene import ApprovedImage, CameraMovement, Scene, ViewType
from adreel.media.rendering import SegmentMaker
from adreel.media.segments import SegmentStore
from adreel.providers.rules import RuleScenePlanner
from support import SMALL, TextureEngine

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
    class Stop:
        def __init__(self) -> None:
            self.calls = 0
            self.lock = threading.Lock()

        def report(self, fraction: float, message: str) -> None:
            pass

        def check(self) -> None:
            with self.lock:
                self.calls += 1
                if self.calls > 5:
                    raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        await agent(tmp_path, TextureEngine()).process(AgentInput("s", order(images), Stop()))


async def test_progress_reaches_the_end(tmp_path: Path, images: tuple[ApprovedImage, ...]) -> None:
    class Seen:
        def __init__(self) -> None:
            self.fractions: list[float] = []

        def report(self, fraction: float, message: str) -> None:
            self.fractions.append(fraction)

        def check(self) -> None:
            pass

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
