from __future__ import annotations

import pytest

from adreel.domain.errors import InputError, NotFoundError
from support_flows import Hall


async def test_without_a_hosted_model_images_are_uploaded(hall: Hall) -> None:
    session = await hall.sessions.create("ann")
    with pytest.raises(InputError, match="the local engine needs photos: upload them"):
        await hall.orchestrator.generate_images("ann", session.id, "a mug")
    with pytest.raises(NotFoundError):
        await hall.orchestrator.generate_images("bob", session.id, "a mug")
