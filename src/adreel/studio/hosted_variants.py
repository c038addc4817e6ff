"""Variants of a film whose clips were bought: other words, order, pace and music over the same clips. Nothing is bought."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from adreel.agents.boards import board_of
from adreel.agents.film_orders import Delivery, JoinOrder, MakeOrder
from adreel.agents.maker import FilmMaker
from adreel.agents.script import Storyboard
from adreel.billing.clip_quality import fit_of_resolution
from adreel.domain.ad import Ad, BeatShot
from adreel.domain.errors import InputError
from adreel.domain.films.clip import Clip
from adreel.domain.sessions.session import Asset, AssetKind
from adreel.media.cache_uses import used_by
from adreel.media.scratch import scratch_folder
from adreel.studio.hosted_plan import HostedPlan
from adreel.studio.sessions import SessionsApi


class BoughtVariants:
    """A maker of variants (`adreel.variants.running.Maker`). `studio` is open, `plan` is the film as its script has it."""

    def __init__(self, studio: SessionsApi, maker: FilmMaker, plan: HostedPlan, work: Path) -> None:
        self._studio = studio
        self._maker = maker
        self._plan = plan
        self._work = work
        self._clips: dict[BeatShot, Asset] = {}
        self._photo: Asset

    async def open(self) -> BoughtVariants:
        """Finds the clips of all beats. Raises InputError unless all of them have been bought."""
        plan = self._plan
        if plan.scripted is None:
            raise InputError("variants are made of a script; give one, or facts to write it from")
        if plan.estimate.items:
            raise InputError(
                "variants are made of clips that have been bought, and some of this script's have not: make its film first "
                f"(about ${plan.estimate.total})"
            )
        view = await self._studio.session(plan.session_id)
        made = await asyncio.to_thread(plan.scripted.made, view, plan.order, plan.choice.video)
        for place, clip in enumerate(made):
            if clip is not None:
                self._clips.setdefault(self._shot(place), clip)
        self._photo = next(each for each in view.of_kind(AssetKind.IMAGE) if each.model is None)
        return self

    async def make(self, order: MakeOrder) -> Delivery:
        """Joins the film of a variant. Raises AdreelError."""
        board = await asyncio.to_thread(board_of, order, on_beats=False)
        with used_by(self._plan.session_id), scratch_folder(self._work, "variant-") as folder:
            look = await self._studio.save(self._photo, folder / "look")
            clips = [await self._beat(board, order.script, place, folder) for place in range(len(board.plans))]
            facts = (tuple(clips), order.out, board.prompt, look, board.film, order.existing)
            return await self._maker.join(JoinOrder(*facts, board=board))

    def _shot(self, place: int) -> BeatShot:
        assert self._plan.order.script is not None  # noqa: S101 (see `open`)
        return _bare(self._plan.order.script, place)

    async def _beat(self, board: Storyboard, script: Ad | None, place: int, folder: Path) -> Clip:
        """The clip of the shot that this beat of a variant shows, cut to its length, with its words."""
        assert script is not None  # noqa: S101 (variants have scripts)
        clip, plan = self._clips[_bare(script, place)], board.plans[place]
        details = clip.clip_details
        return Clip(
            id=f"{clip.id}-{place}",
            frames=min(plan.frames, details.clip_frames),
            source=await self._studio.save(clip, folder / f"{place}.mp4"),
            source_image_id=board.images[place].id,
            scene=details.scene,
            model=clip.model,
            smooth=True,
            fit=fit_of_resolution(details.segment.size, details.resolution),
            words=plan.words,
            text_style=plan.text_style,
            mark=plan.mark,
        )


def _bare(script: Ad, place: int) -> BeatShot:
    """The shot of a beat without the strength of its move, which a pace changes."""
    return replace(script.beats[place].shot, intensity=None)
