"""Drafts of a session's film, which play while they are drawn: of its approved clips, or of a script before there are any."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace

from adreel.agents.captioning import shot_captions
from adreel.agents.drafts.draft_films import DraftFilms, DraftOrder
from adreel.agents.film_cards import check_cards
from adreel.agents.narration import BeatRooms, fitted, overlap_of, with_speech
from adreel.agents.options import check_request, spec_of
from adreel.agents.script import BeatLine, TimedScript, end_card_look, script_film
from adreel.agents.video_generator import scene_for
from adreel.billing.clip_jobs import ClipsJob
from adreel.catalogue.models import VideoModel
from adreel.domain.ad import Ad
from adreel.domain.errors import BusyError, InputError
from adreel.domain.films.captions import Captions
from adreel.domain.films.clip import Clip
from adreel.domain.films.color import Color
from adreel.domain.films.film_options import FilmOptions, read_request
from adreel.domain.films.formats import ASPECTS, FrameSize
from adreel.domain.films.scene import ApprovedImage, ViewType
from adreel.domain.ports import Shot, Speaker
from adreel.domain.sessions.session import SessionView
from adreel.media.cache_uses import used_by
from adreel.orchestrator.film_brands import NO_BRANDS, Brands
from adreel.orchestrator.film_speech import check_speech, with_shot_captions
from adreel.orchestrator.flows.film_inputs import FilmInputs
from adreel.orchestrator.script_jobs import FilmClip, film_of, scripted_clips
from adreel.orchestrator.session_choices import LOCAL, approved_clips
from adreel.orchestrator.session_scripts import BEAT_SECONDS, usual_photos, with_length
from adreel.orchestrator.wanted_films import WantedFilms
from adreel.providers.planning.scene_rules import RuleScenePlanner
from adreel.services.sessions.concurrency import ConcurrencyLimiter
from adreel.services.sessions.service import SessionService

_AT_ONCE, _WAITING = 8, 4
_OF_A_USER = 3
"""Drafts of one user at a time: the one that is watched, and those that its page has just given up."""

_RETRY_SECONDS = 2
_NO_JOB = "draft"


@dataclass(frozen=True, slots=True)
class DraftRequest:
    """`script`: of which a draft is made, beat by beat, without clips; None for the approved clips, with the session's script if
    it has one. `options` are those of the film, `aspect` its format."""

    options: FilmOptions
    aspect: str
    script: Ad | None = None


class SessionDrafts:
    """`models` are the catalogue's clip models, `color_of` finds the colour of a session's product, `brands` its brand kit."""

    def __init__(
        self,
        sessions: SessionService,
        inputs: FilmInputs,
        drafts: DraftFilms,
        models: Mapping[str, VideoModel],
        color_of: Callable[[SessionView], Awaitable[Color]],
        brands: Brands = NO_BRANDS,
    ) -> None:
        self._brands = brands
        self._sessions = sessions
        self._inputs = inputs
        self._drafts = drafts
        self._models = models
        self._color_of = color_of
        self._limiter = ConcurrencyLimiter("drafts", _AT_ONCE, _WAITING)
        self._open: Counter[str] = Counter()

    async def stream(self, user_id: str, session_id: str, request: DraftRequest) -> AsyncGenerator[bytes]:
        """Yields fragmented MP4 as `OpenDraft.parts` does. Nothing is stored and nothing is bought.

        Raises NotFoundError, StageError without approved clips or images, InputError, TextError, MusicError and ClaimError for
        what the film would refuse, BusyError when too many drafts are drawn; then as `OpenDraft.parts` does.
        """
        with self._counted(user_id):
            view = await self._sessions.get(user_id, session_id)
            check_request(request.options)
            async with self._limiter.acquire(user_id):
                # Not around the parts: each may be asked for in another context.
                with used_by(session_id):
                    make = self._of_clips if request.script is None else self._of_script
                    order = await make(view, replace(request, options=replace(request.options, draft=True)))
                    draft = await self._drafts.begin(order, user_id)
                async with aclosing(draft), aclosing(draft.parts()) as parts:
                    async for part in parts:
                        yield part

    async def stored(self, user_id: str, session_id: str, aspect: str) -> DraftRequest:
        """What the session has: its approved clips with the options of its last film; without clips its script, if it has one.
        Raises NotFoundError, InputError for an option of another version."""
        view = await self._sessions.get(user_id, session_id)
        record = view.session
        body = {name: value for name, value in (record.film_options or {}).items() if name != "aspects"}
        options = read_request({**body, "text_overlay": record.text_overlay or {}}, record.seed)
        ad = None if record.clip_order else await self._sessions.script(user_id, session_id)
        return DraftRequest(options, aspect, ad)

    @contextmanager
    def _counted(self, user_id: str) -> Generator[None]:
        """Raises BusyError for one draft too many."""
        if self._open[user_id] >= _OF_A_USER:
            raise BusyError(f"{_OF_A_USER} drafts are being drawn for you; try again in a moment", _RETRY_SECONDS)
        self._open[user_id] += 1
        try:
            yield
        finally:
            self._open[user_id] -= 1
            if not self._open[user_id]:
                del self._open[user_id]

    async def _of_clips(self, view: SessionView, request: DraftRequest) -> DraftOrder:
        clips, aspect = approved_clips(view), request.aspect
        ad = await self._sessions.script(view.session.user_id, view.session.id)
        draws = {name: model.provider == LOCAL for name, model in self._models.items()}
        wanted = WantedFilms((aspect,), ())
        brand = await self._brands.of(view.session)
        speaks = request.options.speaks
        recordings = await self._brands.recordings(view.session.user_id, ad) if ad and speaks else {}
        job = await asyncio.to_thread(wanted.job, _NO_JOB, view, clips, request.options, ad, brand, recordings)
        own, speaker = await self._brands.brought(job.files), await self._brands.speaker(job.pronunciations, recordings)
        await asyncio.to_thread(wanted.check, job, clips, draws, self._inputs.sizes, own, speaker)
        film = with_shot_captions(
            await asyncio.to_thread(film_of, job, clips, draws, speaker), self._inputs.sizes[aspect]
        )
        spec = await self._inputs.spec(job, film, aspect, await self._color_of(view), own)
        spec = with_speech(spec, film.lines, [(clip.asset.id, clip.frames) for clip in film.clips])

        async def item(clip: FilmClip) -> Shot | Clip:
            is_drawn = draws.get(clip.asset.model or "", False)
            return await (self._inputs.shot if is_drawn else self._inputs.file_clip)(clip, view, spec)

        return DraftOrder(tuple([await item(clip) for clip in film.clips]), spec)

    async def _of_script(self, view: SessionView, request: DraftRequest) -> DraftOrder:
        brand, aspect = await self._brands.of(view.session), request.aspect
        own = await self._brands.brought(brand.files)
        script = _whole(request.script, view)
        ad = brand.ad(script) or script
        job = ClipsJob(
            job_id=_NO_JOB,
            session_id=view.session.id,
            user_id=view.session.user_id,
            images=(),
            prompt=view.session.video_prompt or ad.prompt,
            model=LOCAL,
            frames=0,
            size=ASPECTS[aspect],
            seed=view.session.seed,
        )
        job = await asyncio.to_thread(scripted_clips, job, ad, view, self._models[LOCAL], drawn=True)
        branded = own.options(brand.options(request.options, ad))
        check_speech(branded, ad, ())
        recordings = await self._brands.recordings(view.session.user_id, ad) if branded.speaks else {}
        speaker = await self._brands.speaker(brand.pronunciations, recordings)
        timed, lines = await asyncio.to_thread(_timed, ad, branded, job.prompt, speaker)
        color = await self._color_of(view)
        options = replace(timed.options, aspect=aspect)
        spec = await asyncio.to_thread(spec_of, options, job.prompt, color, ASPECTS)
        images = [await self._image(job, index) for index in range(len(job.images))]
        end = replace(end_card_look(ad, images[0].path), logo=own.logo) if timed.lengths.end else None
        spec = replace(spec, product_photo=images[0].path, end_card=end)
        await asyncio.to_thread(check_cards, spec)
        scenes = await RuleScenePlanner().plan(images, job.prompt)
        shots: list[Shot | Clip] = []
        for index, image in enumerate(images):
            clip = job.clip(index, scene_for(image, index, scenes), 0)
            facts = (image, clip.scene, spec.size, timed.lengths.beats[index], clip.seed, clip.words, clip.text_style)
            shot = Shot(*facts, composed_for=spec.composed_for)
            shots.append(_captioned(shot, lines.get(index), options, self._inputs.sizes[aspect]))
        spec = with_speech(
            spec,
            {str(index): line for index, line in lines.items()},
            [(str(index), shot.frames) for index, shot in enumerate(shots)],
        )
        return DraftOrder(tuple(shots), spec)

    async def _image(self, job: ClipsJob, index: int) -> ApprovedImage:
        image = job.images[index]
        path = await self._inputs.files.path(image.key, image.content_hash)
        return ApprovedImage(image.id, path, ViewType(image.view_type))


def _whole(ad: Ad | None, view: SessionView) -> Ad:
    """The script with the photos and the length that it would have if it were stored. Raises StageError without images."""
    if ad is None:
        raise InputError("there is no script of which a draft could be made; write one")
    return with_length(replace(ad, photos=ad.photos or usual_photos(view)))


def _timed(ad: Ad, options: FilmOptions, prompt: str, speaker: Speaker) -> tuple[TimedScript, Mapping[int, BeatLine]]:
    """The times of a script, and its lines by the place of their beat where its options have them spoken. Speaks."""

    def timed(script: Ad) -> TimedScript:
        return script_film(script, options, prompt, BEAT_SECONDS, on_beats=False)

    if not options.speaks:
        return timed(ad), {}
    overlap = overlap_of(options.transition)
    spoken = fitted(ad, lambda script: BeatRooms(timed(script).lengths.beats, overlap), speaker)
    return timed(spoken.script), spoken.lines


def _captioned(shot: Shot, line: BeatLine | None, options: FilmOptions, size: FrameSize) -> Shot:
    """The shot with captions of its line, where the options put them into the picture. `size` is that of the film."""
    if line is None or options.captions is not Captions.ON:
        return shot
    captions = shot_captions(line, shot.frames, options, size)
    return replace(shot, captions=captions, caption_style=options.caption_style.value)
