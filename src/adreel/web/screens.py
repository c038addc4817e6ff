"""What each screen shows: from the records of the services to the names that its template knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adreel.domain.session import SessionEvent, SessionRecord, SessionView
from adreel.domain.stage import Action
from adreel.domain.user import User
from adreel.routers.options import MEGABYTE, AppOptions
from adreel.routers.schemas.sessions import SessionAnswer
from adreel.routers.services import Services
from adreel.routers.shapes import Shapes
from adreel.services import examples
from adreel.web import choices
from adreel.web.films import Showing, showing, spent
from adreel.web.finishing import all_clips, chosen_for, ordered_clips
from adreel.web.steps import Step, may, step_links
from adreel.web.work import work_view

Context = dict[str, object]

_RECENT = 24
_EVENTS, _LATER = 200, 100
PHOTO_TYPES = "image/jpeg,image/png,image/webp,image/avif,image/heic,image/heif,.heic,.heif"


@dataclass(frozen=True, slots=True)
class Screens:
    """For one request of one person."""

    services: Services
    options: AppOptions
    shapes: Shapes
    user: User | None

    def common(self, screen: str, title: str) -> Context:
        """What every template is given."""
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

    async def start(self, user_id: str, cursor: str | None) -> Context:
        page = await self.services.sessions.list(user_id, _RECENT, cursor)
        recent = [(title_of(item.session), self.shapes.summary(item)) for item in page.items]
        return self.common("start", "New film") | {
            "recent": recent,
            "next_cursor": page.next_cursor,
            "is_first_page": cursor is None,
            "image_models": choices.image_models(self.services),
            "examples": examples.examples(),
        }

    async def session(self, view: SessionView, step: Step, film_id: str | None) -> Context:
        """The session at one of its steps. `film_id` is the film that is shown, or that a variant is made of."""
        events = await self._events(view)
        record = view.session
        answer = self.shapes.session(view)
        made: Context = self.common(step, title_of(record)) | {
            "session": answer,
            "steps": step_links(view),
            "step": step,
            "work": work_view(view, events),
            "last_seq": events[-1].seq if events else record.last_seq,
        }
        return {**made, **await self._more(view, answer, step, film_id)}

    async def settings(self, user_id: str) -> Context:
        return self.common("settings", "Settings") | {
            "keys": await self.services.accounts.api_keys(user_id),
            "budget": await self.services.ledger.budget(user_id),
        }

    async def _more(
        self, view: SessionView, answer: SessionAnswer, step: Step, film_id: str | None
    ) -> Mapping[str, object]:
        if step is Step.IMAGES:
            return {"image_models": choices.image_models(self.services)}
        if step is Step.CLIPS:
            return self._clips(view, answer)
        found = showing(view, answer.films, film_id)
        if step is Step.FINISH:
            return self._finish(view, answer, found if film_id else None)
        return await self._result(view, found)

    def _clips(self, view: SessionView, answer: SessionAnswer) -> Mapping[str, object]:
        return {
            "may_choose": may(view.session, Action.APPROVE_CLIPS),
            "clips": all_clips(answer),
            "thumbs": {image.id: image.thumbnail_url for image in answer.generated_images},
            "models": choices.video_models(self.services),
            "durations": choices.DURATIONS,
            "aspects": choices.aspects(),
        }

    def _finish(self, view: SessionView, answer: SessionAnswer, of: Showing | None) -> Mapping[str, object]:
        film = of.film if of else None
        aspects = tuple(version.aspect for version in of.together) if of else ()
        return {
            "may_compose": may(view.session, Action.COMPOSE),
            "may_choose": may(view.session, Action.APPROVE_CLIPS),
            "chosen": chosen_for(answer, film, aspects),
            "ordered": ordered_clips(answer),
            "genres": choices.genres(),
            "fonts": choices.fonts(),
            "aspects": choices.aspects(),
        }

    async def _result(self, view: SessionView, found: Showing | None) -> Mapping[str, object]:
        total, lines = await self.services.sessions.costs(view.session.user_id, view.session.id)
        return {
            "film": found.film if found else None,
            "together": found.together if found else (),
            "earlier": found.earlier if found else (),
            "total": total,
            "spent": spent(lines),
        }

    async def _events(self, view: SessionView) -> Sequence[SessionEvent]:
        """The newest that were told, enough to say how far work under way has come."""
        last = view.session.last_seq
        return await self.services.progress.replay(view.session.id, max(0, last - _EVENTS), _EVENTS + _LATER)


def title_of(session: SessionRecord) -> str:
    """What a person would call the session."""
    name = str(session.text_overlay.get("product_name") or "").strip()
    first_line = session.product_prompt.strip().partition("\n")[0]
    return name or first_line or "Untitled film"
