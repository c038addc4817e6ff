"""What the routes work with: the services of one running app, put together by whoever starts it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol

from adreel.catalogue.models import Catalogue
from adreel.domain.session import Json, SessionRecord
from adreel.domain.user import User
from adreel.orchestrator.card_previews import CardPreviews
from adreel.orchestrator.webhooks import Webhooks
from adreel.routers.tickets import TicketSigner
from adreel.services.auth_service import AuthService
from adreel.services.defaults import MakeId, new_id
from adreel.services.idempotency_service import IdempotencyService
from adreel.services.ledger_service import LedgerService
from adreel.services.links import LinkSigner
from adreel.services.music_previews import MusicPreviews
from adreel.services.progress_service import ProgressService
from adreel.services.session_service import SessionService
from adreel.services.storage_service import StorageService
from adreel.services.thumbnail_service import ThumbnailService
from adreel.services.usage_service import UsageService

Check = Callable[[], Awaitable[None]]
"""Raises AdreelError when something that the service needs is not as it must be."""


class Authenticator(Protocol):
    """Says who is asking."""

    async def identify(self, token: str) -> User:
        """Whose token this is. Raises AuthError."""
        ...

    async def local_user(self) -> User:
        """The one person of a machine where nobody has to log in."""
        ...


class Started(Protocol):
    """Work that has begun. `estimated_duration` in seconds."""

    @property
    def status(self) -> str: ...
    @property
    def estimated_duration(self) -> int: ...
    @property
    def message(self) -> str: ...
    @property
    def job_id(self) -> str: ...


class Orchestrator(Protocol):
    """Starts and stops work in sessions. Raises NotFoundError, StageError, InputError, BudgetError."""

    async def generate_images(
        self, user_id: str, session_id: str, prompt: str, count: int, model: str | None
    ) -> Started: ...

    async def generate_clips(
        self, user_id: str, session_id: str, video_prompt: str, clip_duration: float, model: str, aspect: str
    ) -> Started: ...

    async def regenerate_clip(self, user_id: str, clip_id: str) -> Started: ...

    async def compose_final_video(
        self,
        user_id: str,
        session_id: str,
        text_overlay: Json,
        audio_config: Json,
        intro_duration: float,
        outro_duration: float,
        transition: str,
        aspects: Sequence[str],
    ) -> Started: ...

    async def cancel(self, user_id: str, session_id: str) -> SessionRecord: ...


def _nothing() -> AbstractAsyncContextManager[None]:
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Services:
    """`auth` says who is asking, `accounts` keeps logins and keys (usually one and the same).

    `checks` are what ``/ready`` asks, by name. `providers` are those that can be used here (``local``; ``replicate`` with a
    token); `wanting` says by provider what to set so that it can be. `running` is entered before the first request and left
    after the last: event delivery, an embedded worker.
    `webhooks` takes what providers tell; None when they are not asked to.
    """

    sessions: SessionService
    progress: ProgressService
    storage: StorageService
    auth: Authenticator
    accounts: AuthService
    orchestrator: Orchestrator
    idempotency: IdempotencyService
    usage: UsageService
    ledger: LedgerService
    thumbnails: ThumbnailService
    cards: CardPreviews
    music: MusicPreviews
    links: LinkSigner
    tickets: TicketSigner
    catalogue: Catalogue
    checks: Mapping[str, Check]
    providers: frozenset[str] = frozenset({"local"})
    wanting: Mapping[str, str] = field(default_factory=dict[str, str])
    webhooks: Webhooks | None = None
    make_id: MakeId = new_id
    running: Callable[[], AbstractAsyncContextManager[None]] = field(default=_nothing)
