"""Plans scenes with a language model, and without it when it fails."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from adreel.domain.errors import BudgetError, GenerationError
from adreel.domain.films.scene import ApprovedImage, CameraMovement, Scene, ViewType
from adreel.domain.language_model import LanguageModel, TextRequest
from adreel.domain.ports import ScenePlanner
from adreel.providers.planning.json_text import RULE, as_data
from adreel.providers.planning.scene_answer import ReadScenes, SceneAnswer, completed, matched, read_scenes

_log = logging.getLogger(__name__)

SYSTEM = f"""You are the scene director of short product video ads. Each approved product image becomes one shot of a few \
seconds, made by an image-to-video model. You plan these shots.

Keep the creative vision that the customer describes: its mood, pace, light and style run through all shots, and the shots \
belong to one film. The product must stay exactly as in its image: never add, remove or change parts of it, never ask for text \
or logos. Vary the camera from shot to shot unless the customer wants one move throughout.

{RULE}

In the user message, "video_description" is the customer's wish and "image_views" lists the views of the approved images in \
their order. A view is the framing of a shot: which side of the product an image shows is not known, so do not \
name one. Write one scene for each view, in that order, each with
- image_view: the view, copied from the list
- scene_prompt: 20 to 60 English words on what is seen: light, surroundings, what moves, atmosphere
- camera_movement: one of {", ".join(CameraMovement)}
- motion_intensity: a number from 0 (barely moving) to 1 (strong)

Answer with one JSON object and nothing else: one key "scenes" that holds the list of these scenes. \
Image views are {", ".join(ViewType)}."""


@dataclass(frozen=True, slots=True)
class DirectedScenes:
    """One scene for each image. `planner` is what planned them; `warning` says why that is not the language model alone."""

    scenes: list[Scene]
    planner: str
    warning: str | None = None


class LlmScenePlanner:
    """A ScenePlanner that asks a language model, once more when its answer is of no use, then plans by `rules`."""

    def __init__(self, model: LanguageModel, rules: ScenePlanner) -> None:
        self.name = model.name
        self._model = model
        self._rules = rules

    async def plan(self, images: Sequence[ApprovedImage], video_prompt: str) -> list[Scene]:
        """One scene for each image, in their order. Failures of the model are logged, and returned by `direct`."""
        return (await self.direct(images, video_prompt)).scenes

    async def direct(self, images: Sequence[ApprovedImage], video_prompt: str) -> DirectedScenes:
        """As `plan`, and names the planner."""
        spare = await self._rules.plan(images, video_prompt)
        if not images:
            return DirectedScenes([], self.name)
        answer, failure = await self._asked(images, video_prompt)
        scenes = completed(images, answer, spare)
        missing = sum(scene is None for scene in matched(images, answer))
        if not missing:
            return DirectedScenes(scenes, self.name)
        planner = self._rules.name if missing == len(images) else f"{self.name}, {self._rules.name}"
        which = "all scenes" if missing == len(images) else f"{missing} of {len(images)} scenes"
        warning = f"{which} planned by rules instead of {self.name}: {failure}"
        _log.warning("%s", warning)
        return DirectedScenes(scenes, planner, warning)

    async def _asked(self, images: Sequence[ApprovedImage], prompt: str) -> tuple[tuple[SceneAnswer, ...], str]:
        """The better one of at most two answers, and its faults."""
        facts: dict[str, object] = {
            "video_description": prompt,
            "image_views": [str(image.view_type) for image in images],
        }
        try:
            text = await self._model.write(TextRequest(SYSTEM, as_data(facts)))
        except (GenerationError, BudgetError) as error:
            return (), str(error)
        first = read_scenes(text, images)
        if not first.faults:
            return first.scenes, ""
        again = {**facts, "your_last_answer": text, "what_is_wrong_with_it": "; ".join(first.faults)}
        try:
            second = read_scenes(await self._model.write(TextRequest(SYSTEM, as_data(again))), images)
        except (GenerationError, BudgetError) as error:
            return first.scenes, f"{'; '.join(first.faults)}; asked again: {error}"
        better = max(first, second, key=lambda answer: _count(images, answer))
        return better.scenes, "; ".join(better.faults)


def _count(images: Sequence[ApprovedImage], answer: ReadScenes) -> int:
    return sum(scene is not None for scene in matched(images, answer.scenes))
