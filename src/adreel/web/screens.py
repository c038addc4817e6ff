"""Builds the template context of each screen from the services' records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adreel.agents.options import matched_genre
from adreel.domain.accounts.user import User
from adreel.domain.ad import Ad
from adreel.domain.errors import AdreelError
from adreel.domain.sessions.session import Asset, AssetKind, SessionEvent, SessionRecord, SessionView
from adreel.domain.sessions.stage import Action
from adreel.routers.common.options import MEGABYTE, AppOptions
from adreel.routers.common.responses import ResponseBuilder
from adreel.routers.common.services import Services
from adreel.routers.schemas.sessions import SessionAnswer
from adreel.services.sessions import examples
from adreel.web import choices
from adreel.web.allowance import allowance
from adreel.web.brands import brand_choice, brand_list
from adreel.web.clip_choices import ScriptClips, last_choice, made_clips, script_clips, without_clip
from adreel.web.finishing import (
    CAPTIONS,
    FilmView,
    all_clips,
    caption_looks,
    chosen_for,
    film_view,
    option_controls,
    ordered_clips,
    spent,
    with_brand,
)
from adreel.web.image_order import chosen_first
from adreel.web.limits import limit_lines
from adreel.web.placements import passport_view, placement_choices
from adreel.web.script import CURRENCIES, ScriptView, recipe_choices, script_view, style_choices, write_form
from adreel.web.steps import Step, may, step_links, work_view

Context = dict[str, object]

_RECENT = 24
_EVENTS, _MARGIN = 200, 100
PHOTO_TYPES = "image/jpeg,image/png,image/webp,image/avif,image/heic,image/heif,.heic,.heif"


@dataclass(frozen=True, slots=True)
class Screens:
    """Contexts for one request of one user."""

    services: Services
    options: AppOptions
    responses: ResponseBuilder
    user: User | None

    def common(self, screen: str, title: str) -> Context:
        """The context that all templates share."""
        return {
            "screen": screen,
            "title": title,
            "who": self.user.email if self.user else None,
            "auth": self.options.auth_required,
            "accept": PHOTO_TYPES,
            "max_upload_mb": self.options.max_file // MEGABYTE,
            "max_files": self.options.max_files,
            "ideas": choices.ideas_price(self.services),
        }

    async def start(self, user_id: str, cursor: str | None, query: str) -> Context:
        """`query`: words that the texts of the films contain."""
        page = await self.services.sessions.list(user_id, _RECENT, cursor, query)
        recent = [(title_of(item.session), self.responses.summary(item)) for item in page.items]
        return self.common("start", "New film") | {
            "recent": recent,
            "query": query.strip(),
            "next_cursor": page.next_cursor,
            "is_first_page": cursor is None,
            "image_models": choices.image_models(self.services),
            "image_providers": choices.image_providers(),
            "aspects": choices.aspects(),
            "examples": examples.examples(),
            "keep_days": self.options.keep_days,
            "allowance": await allowance(self.services, user_id, None),
        }

    async def session(self, view: SessionView, step: Step, film_id: str | None) -> Context:
        """The context of a session at `step`. `film_id` is the film to show, or to start a variant from."""
        events = await self._events(view)
        record = view.session
        answer = self.responses.session(view)
        context: Context = self.common(step, title_of(record)) | {
            "session": answer,
            "steps": step_links(view),
            "step": step,
            "work": work_view(view, events),
            "names": {image.id: image.name for image in answer.generated_images},
            "last_seq": events[-1].seq if events else record.last_seq,
            "allowance": await allowance(self.services, record.user_id, record),
        }
        return {**context, **await self._more(view, answer, step, film_id)}

    async def draft(self, view: SessionView, ad: Ad) -> Context:
        """The context of the script screen for a script that is not stored."""
        context = await self.session(view, Step.SCRIPT, None)
        return context | _script(view, ad)

    async def settings(self, user_id: str) -> Context:
        return self.common("settings", "Settings") | {
            "keys": await self.services.auth.api_keys(user_id),
            "webhooks": await self.services.user_webhooks.list(user_id),
            "providers": choices.provider_states(self.services),
            "budget": await self.services.ledger.budget(user_id),
            "limits": limit_lines(
                await self.services.limits.limits(user_id), await self.services.limits.usage(user_id)
            ),
            "keep_days": self.options.keep_days,
            "brands": await brand_list(self.services, self.responses, user_id),
            "fonts": choices.fonts(),
            "genres": choices.genres(),
        }

    async def _more(
        self, view: SessionView, answer: SessionAnswer, step: Step, film_id: str | None
    ) -> Mapping[str, object]:
        if step is Step.IMAGES:
            return {
                "image_models": choices.image_models(self.services),
                "aspects": choices.aspects(),
                "images": chosen_first(answer),
            }
        if step is Step.SCRIPT:
            stored = await self.services.sessions.script(view.session.user_id, view.session.id)
            brand = await brand_choice(self.services, self.responses, view.session)
            return self._script_choices(view, answer) | _script(view, stored) | brand.context
        if step is Step.CLIPS:
            return self._clips(view, answer, await self._script_clips(view))
        shown = film_view(view, answer.films, film_id)
        if step is Step.FINISH:
            return await self._finish(view, answer, shown if film_id else None)
        return await self._result(view, shown)

    def _script_choices(self, view: SessionView, answer: SessionAnswer) -> Context:
        return {
            "thumbs": {image.id: image.thumbnail_url for image in answer.generated_images},
            "aspects": choices.aspects(),
            "last": last_choice(view),
            "recipes": recipe_choices(),
            "styles": style_choices(),
            "currencies": CURRENCIES,
        }

    async def _script_clips(self, view: SessionView) -> ScriptClips | None:
        script = await self.services.scripts.get(view.session.user_id, view.session.id)
        return script_clips(script, self.services.catalogue.videos.values())

    def _clips(self, view: SessionView, answer: SessionAnswer, script: ScriptClips | None) -> Mapping[str, object]:
        return {
            "may_choose": may(view.session, Action.APPROVE_CLIPS),
            "clips": all_clips(answer),
            "thumbs": {image.id: image.thumbnail_url for image in answer.generated_images},
            "models": choices.video_models(self.services),
            "durations": choices.DURATIONS,
            "aspects": choices.aspects(),
            "made": made_clips(view),
            "last": last_choice(view),
            "script_clips": script,
            # The clips of a script are of its beats: an image may have none, or several.
            "without": () if script else without_clip(view),
        }

    async def _finish(self, view: SessionView, answer: SessionAnswer, of: FilmView | None) -> Mapping[str, object]:
        film = of.film if of else None
        aspects = tuple(dict.fromkeys(version.aspect for version in of.together)) if of else ()
        choice = await brand_choice(self.services, self.responses, view.session)
        chosen = with_brand(chosen_for(answer, film, aspects), choice.brand, answer)
        return choice.context | {
            "may_compose": may(view.session, Action.COMPOSE),
            "may_choose": may(view.session, Action.APPROVE_CLIPS),
            "chosen": chosen,
            "controls": option_controls(chosen.options),
            "captions": [(each.value, label) for each, label in CAPTIONS.items()],
            "caption_looks": caption_looks(),
            "ordered": ordered_clips(answer),
            "genres": choices.genres(),
            "matched": matched_genre(view.session.video_prompt),
            "product_color": await self._product_color(view),
            "fonts": choices.fonts(),
            "script": await self._stored_script(view),
            "aspects": choices.aspects(),
        }

    async def _stored_script(self, view: SessionView) -> ScriptView | None:
        ad = await self.services.sessions.script(view.session.user_id, view.session.id)
        return None if ad is None else script_view(ad, view)

    async def _product_color(self, view: SessionView) -> str:
        """As `#1f2a37`; "" when the photo cannot be read now: the page works without it."""
        try:
            return (await self.services.cards.product_color(view)).hex
        except AdreelError:
            return ""

    async def _result(self, view: SessionView, shown: FilmView | None) -> Mapping[str, object]:
        total, lines = await self.services.sessions.costs(view.session.user_id, view.session.id)
        return {
            "film": shown.film if shown else None,
            "passport": passport_view(_asset(view, shown.film.id)) if shown else None,
            "placements": placement_choices(self.services.films.placements),
            "may_compose": may(view.session, Action.COMPOSE),
            "together": shown.together if shown else (),
            "earlier": shown.earlier if shown else (),
            "total": total,
            "spent": spent(lines),
        }

    async def _events(self, view: SessionView) -> Sequence[SessionEvent]:
        """The newest events, enough to show the progress of a running job."""
        last = view.session.last_seq
        return await self.services.progress.replay(view.session.id, max(0, last - _EVENTS), _EVENTS + _MARGIN)


def _asset(view: SessionView, film_id: str) -> Asset | None:
    return next((film for film in view.of_kind(AssetKind.FINAL) if film.id == film_id), None)


def _script(view: SessionView, ad: Ad | None) -> Context:
    return {"script": None if ad is None else script_view(ad, view), "write": write_form(ad, view)}


def title_of(session: SessionRecord) -> str:
    """The session's title: the name that the user gave it, the product name, or the first line of the product prompt."""
    name = str(session.text_overlay.get("product_name") or "").strip()
    first_line = session.product_prompt.strip().partition("\n")[0]
    return session.name or name or first_line or "Untitled film"
