"""Wires the drafts of sessions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from adreel.bootstrap.core import Core
from adreel.bootstrap.local import open_drafts
from adreel.domain.films.color import Color
from adreel.domain.films.formats import ASPECTS
from adreel.domain.sessions.session import SessionView
from adreel.orchestrator.flows.film_inputs import FilmInputs
from adreel.orchestrator.previews.card_previews import CardPreviews
from adreel.orchestrator.previews.session_drafts import SessionDrafts
from adreel.providers.local.engine import LocalEngine
from adreel.providers.local.photo.palette import brand_color
from adreel.services.storage_service import LocalFiles


def open_session_drafts(
    core: Core, files: LocalFiles, engine: LocalEngine, color_of: Callable[[SessionView], Awaitable[Color]]
) -> SessionDrafts:
    """Opens the drafts of sessions. `files` fetches photos and clips, `color_of` finds the colour of a session's product. Raises
    SetupError."""
    inputs = FilmInputs(files, core.photos, brand_color, ASPECTS)
    return SessionDrafts(
        core.sessions, inputs, open_drafts(core.settings, engine), core.catalogue.videos, color_of, core.brands
    )


def open_local_session_drafts(core: Core) -> SessionDrafts:
    """The same for a program that has no server. Raises SetupError."""
    files = LocalFiles(core.storage, core.settings.data_dir / "cache" / "files")
    colors = CardPreviews(core.sessions, files, core.photos, brand_color)
    return open_session_drafts(core, files, LocalEngine(core.photos.reader.load), colors.product_color)
