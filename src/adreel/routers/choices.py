"""The available options and limits, from which a page builds its forms."""

from __future__ import annotations

from fastapi import APIRouter

from adreel.domain.films.film import Transition
from adreel.domain.films.formats import ASPECTS
from adreel.domain.films.scene import ViewType
from adreel.media.cards.fonts import DISPLAY_FONTS
from adreel.media.music import GENRES
from adreel.routers.common.deps import CurrentUser, OptionsDep, ServicesDep
from adreel.routers.common.options import MEGABYTE
from adreel.routers.common.problems import problems
from adreel.routers.schemas.service import Choice, Options

router = APIRouter(tags=["models"])


@router.get("/api/options", responses=problems(401))
async def list_options(services: ServicesDep, options: OptionsDep, _user: CurrentUser) -> Options:
    """Lists genres, fonts, formats and upload limits, and the features that are available."""
    return Options(
        genres=[Choice(name=name, title=name.capitalize()) for name in GENRES],
        fonts=[Choice(name=name, title=name) for name in DISPLAY_FONTS],
        aspects=list(ASPECTS),
        transitions=list(Transition),
        view_types=list(ViewType),
        max_upload_mb=options.max_file // MEGABYTE,
        max_photos=options.max_files,
        auth=options.auth_required,
        keep_days=options.keep_days,
        has_image_model=any(model.provider in services.providers for model in services.catalogue.images.values()),
    )
