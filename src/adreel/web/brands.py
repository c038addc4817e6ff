"""What the page shows of brand kits: the list in the settings, and the choice on the Script and Finish screens."""

from __future__ import annotations

from dataclasses import dataclass

from adreel.domain.sessions.session import SessionRecord
from adreel.routers.common.brand_answers import brand_answer
from adreel.routers.common.responses import ResponseBuilder
from adreel.routers.common.services import Services
from adreel.routers.schemas.brands import Brand


@dataclass(frozen=True, slots=True)
class BrandChoice:
    """The user's kits, and the one of a session's films."""

    brands: list[Brand]
    brand: Brand | None = None

    @property
    def context(self) -> dict[str, object]:
        """The names that templates know."""
        return {"brands": self.brands, "brand": self.brand}


async def brand_list(services: Services, responses: ResponseBuilder, user_id: str) -> list[Brand]:
    return [brand_answer(each, responses) for each in await services.brands.list(user_id)]


async def brand_choice(services: Services, responses: ResponseBuilder, session: SessionRecord) -> BrandChoice:
    brands = await brand_list(services, responses, session.user_id)
    return BrandChoice(brands, next((each for each in brands if each.name == session.brand_kit), None))
