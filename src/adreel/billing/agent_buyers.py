"""What agents buy through: clips as segments, images and spoken lines as files. See `domain.ports.ClipBuyer` and `ImageBuyer`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from adreel.agents.image_generator import BatchImageGeneratorAgent, image_failure
from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.billing.agent_purchases import AgentOrderSource, AgentPurchases, AgentRequest
from adreel.billing.clip_jobs import digest_of
from adreel.billing.clip_quality import failure_of, rejected
from adreel.billing.conforming import ClipConformer, ClipWords
from adreel.billing.purchase_factory import PurchaseFactory
from adreel.domain.costs.ledger import PurchaseKind
from adreel.domain.errors import GenerationError, InputError
from adreel.domain.films.clip import Segment
from adreel.domain.films.formats import to_seconds
from adreel.domain.films.images import ImageOrder
from adreel.domain.films.speech import SpeechEngine, SpeechOrder
from adreel.domain.ports import Bought, Shot
from adreel.domain.providers import RemoteJob, VideoOrder
from adreel.media.scratch import scratch_folder
from adreel.media.segments.store import file_digest
from adreel.services.storage_service import StorageService

Result = TypeVar("Result")

_NO_MARKER = 0
"""The order source replaces it by the marker of the purchase."""


@dataclass(frozen=True, slots=True)
class AgentClipBuyer:
    """A ClipBuyer. `work` is a folder for temporary files."""

    agent: VideoGeneratorAgent
    purchases: AgentPurchases[VideoOrder]
    conformer: ClipConformer
    work: Path

    async def buy(self, session_id: str, model_name: str, shot: Shot) -> Bought[Segment]:
        content = await asyncio.to_thread(_clip_content, model_name, shot)
        order = _video_order(model_name, shot)
        request = await self.purchases.request(session_id, model_name, content, order)
        with scratch_folder(self.work, "agent-") as folder:
            path = folder / "clip.mp4"
            accept = partial(self._segment, model_name, shot)
            return await self.purchases.buy(request, path, accept)

    async def _segment(self, model_name: str, shot: Shot, path: Path) -> Segment:
        """Raises GenerationError for a clip of no use."""
        async with self.agent.slots:
            conform = self.conformer.conformed
            words = ClipWords(shot.words, shot.text_style)
            made = await asyncio.to_thread(conform, model_name, shot.image.id, shot.size, shot.frames, path, words)
        if isinstance(made, str):
            raise rejected(model_name, made)
        return made.segment


@dataclass(frozen=True, slots=True)
class AgentImageBuyer:
    """An ImageBuyer."""

    purchases: AgentPurchases[ImageOrder]

    async def buy(
        self, session_id: str, order: ImageOrder, path: Path, examine: Callable[[Path], Result]
    ) -> Bought[Result]:
        async def accept(file: Path) -> Result:
            return await asyncio.to_thread(examine, file)

        return await self.purchases.buy(await self._request(session_id, order), path, accept)

    async def is_held(self, session_id: str, order: ImageOrder) -> bool:
        return await self.purchases.purchases.is_held(await self._request(session_id, order))

    async def _request(self, session_id: str, order: ImageOrder) -> AgentRequest[ImageOrder]:
        content = await asyncio.to_thread(_image_content, order)
        return await self.purchases.request(session_id, order.model, content, order)


def clip_buyer(
    factory: PurchaseFactory, storage: StorageService, agent: VideoGeneratorAgent, conformer: ClipConformer, work: Path
) -> AgentClipBuyer:
    """The buyer of an agent's clips, at the agent's hosted engines."""
    source = AgentOrderSource(PurchaseKind.CLIP, agent.remote, _with_seed)
    purchases = AgentPurchases(source, factory.of(source), factory.sessions, storage, failure_of)
    return AgentClipBuyer(agent, purchases, conformer, work)


def image_buyer(factory: PurchaseFactory, storage: StorageService, agent: BatchImageGeneratorAgent) -> AgentImageBuyer:
    """The buyer of an agent's images, at the agent's hosted engines."""
    source = AgentOrderSource(PurchaseKind.IMAGE, agent.engine, _with_marker)
    return AgentImageBuyer(AgentPurchases(source, factory.of(source), factory.sessions, storage, _image_failure))


@dataclass(frozen=True, slots=True)
class LineBuyer:
    """Buys spoken lines, each once for the same words, voice, language and model in a session."""

    purchases: AgentPurchases[SpeechOrder]

    async def buy(self, session_id: str, order: SpeechOrder, path: Path, keep: Callable[[Path], None]) -> None:
        """Buys a line, writes its file to `path` and gives it to `keep`, which raises GenerationError for one of no use. Raises
        as `domain.ports.ClipBuyer.buy` does, and that GenerationError."""

        async def accept(file: Path) -> None:
            await asyncio.to_thread(keep, file)

        request = await self.purchases.request(session_id, order.model, line_content(order), order)
        bought = await self.purchases.buy(request, path, accept)
        if isinstance(bought.result, GenerationError):
            raise bought.result


def line_content(order: SpeechOrder) -> str:
    """The digest of all that a line depends on."""
    return digest_of("agent line", order.model, order.text, order.voice, order.language)


def line_source(vendors: Mapping[str, SpeechEngine]) -> AgentOrderSource[SpeechOrder]:
    """Orders of lines, at `vendors` by the name of the model."""

    def vendor_of(model: str) -> SpeechEngine:
        if model not in vendors:
            raise InputError(
                f"no speech model {model!r} can be used here; choose one of {', '.join(vendors) or 'none'}"
            )
        return vendors[model]

    return AgentOrderSource(PurchaseKind.SPEECH, vendor_of, _with_line_marker)


def line_buyer(factory: PurchaseFactory, storage: StorageService, vendors: Mapping[str, SpeechEngine]) -> LineBuyer:
    """The buyer of spoken lines, at `vendors` by the name of the model."""
    source = line_source(vendors)
    return LineBuyer(AgentPurchases(source, factory.of(source), factory.sessions, storage, _line_failure))


def _with_line_marker(order: SpeechOrder, marker: int) -> SpeechOrder:
    return replace(order, marker=marker)


def _line_failure(model: str, remote: RemoteJob) -> GenerationError:
    return GenerationError(f"{model} did not speak the line ({remote.status}): {remote.error or 'it gave no reason'}")


def _with_seed(order: VideoOrder, marker: int) -> VideoOrder:
    return replace(order, seed=marker)


def _with_marker(order: ImageOrder, marker: int) -> ImageOrder:
    return replace(order, marker=marker)


def _image_failure(model: str, remote: RemoteJob) -> GenerationError:
    return image_failure(model, remote)


def _video_order(model_name: str, shot: Shot) -> VideoOrder:
    return VideoOrder(
        model=model_name,
        image=shot.image.path,
        prompt=shot.scene.scene_prompt,
        seconds=to_seconds(shot.frames),
        motion_intensity=shot.scene.motion_intensity,
        camera_movement=shot.scene.camera_movement,
        seed=_NO_MARKER,
        aspect=shot.size.aspect,
    )


def _clip_content(model_name: str, shot: Shot) -> str:
    image = (shot.image.id, file_digest(shot.image.path))
    return digest_of("agent clip", model_name, image, asdict(shot.scene), asdict(shot.size), shot.frames, shot.seed)


def _image_content(order: ImageOrder) -> str:
    anchors = [file_digest(anchor) for anchor in order.anchors]
    words = (order.prompt, order.negative_prompt)
    return digest_of("agent image", order.model, words, order.seed, order.aspect, anchors)
