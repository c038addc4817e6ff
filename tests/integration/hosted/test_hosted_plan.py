"""What is found of an order before anything is bought."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from adreel import Studio
from adreel.bootstrap.core import open_core
from adreel.bootstrap.films import settings_from
from adreel.domain.errors import BudgetError, InputError, MusicError, PhotoError, TextError
from adreel.domain.ledger import Purchase
from adreel.hosted.orders import HostedOrder
from adreel.options import FilmOptions
from adreel.services.auth_service import AuthService
from support_replicate import write_image

ACCOUNT = "r8_secret"


@pytest.fixture
def order(tmp_path: Path) -> HostedOrder:
    photos = [
        write_image(tmp_path / f"{name}.png", (value, 90, 90), (320, 240)) for name, value in (("a", 9), ("b", 99))
    ]
    return HostedOrder(tuple(photos), tmp_path / "ad.mp4")


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    # Nothing listens there: an estimate asks nobody.
    return Studio(data_dir=tmp_path / "data", replicate_api_token=ACCOUNT, replicate_base_url="http://127.0.0.1:9/v1")


async def test_an_estimate_changes_nothing(studio: Studio, order: HostedOrder) -> None:
    plan = await studio.estimate(order)
    assert (plan.estimate.total, plan.budget, plan.spent, plan.photos) == (Decimal("0.31"), 20, 0, 2)
    async with studio:
        assert await studio.sessions() == ()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"film": FilmOptions(cta="x" * 300)}, TextError, "200"),
        ({"film": FilmOptions(music="polka")}, MusicError, "upbeat"),
        ({"film": FilmOptions(aspect="21:9")}, InputError, "16:9"),
        ({"budget": Decimal("0.30")}, BudgetError, r"\$0.31, but only \$0.30 of the film's budget of \$0.30"),
        ({"budget": Decimal(-1)}, InputError, "not possible"),
        ({"out": Path("ad.avi")}, InputError, r"\.mp4"),
        ({"photos": (Path("missing.jpg"),)}, PhotoError, r"missing\.jpg"),
    ],
)
async def test_what_cannot_be_made_is_refused(
    studio: Studio, order: HostedOrder, change: dict[str, object], error: type[Exception], words: str
) -> None:
    given = {"photos": order.photos, "out": order.out, **change}
    with pytest.raises(error, match=words):
        await studio.estimate(HostedOrder(**given))  # pyright: ignore[reportArgumentType]


async def test_the_account_must_have_enough_for_the_whole(studio: Studio, order: HostedOrder, tmp_path: Path) -> None:
    async with open_core(settings_from(data_dir=tmp_path / "data", replicate_api_token=ACCOUNT)) as core:
        user = (await AuthService(core.database).local_user()).id
        await core.ledger.set_budget(user, Decimal("0.30"))
        with pytest.raises(BudgetError, match="account's budget"):
            await studio.estimate(order)


async def test_an_order_whose_session_was_deleted_gets_another(
    studio: Studio, order: HostedOrder, tmp_path: Path
) -> None:
    first = await studio.estimate(order)
    assert (await studio.estimate(order)).session_id == first.session_id
    settings = settings_from(data_dir=tmp_path / "data", replicate_api_token=ACCOUNT)
    async with open_core(settings) as core:
        user = (await AuthService(core.database).local_user()).id
        await core.sessions.resume(user, first.session_id, "", 0, Decimal(1))
        key = f"{first.session_id}:image-a:0:1"
        await core.ledger.reserve(Purchase(key, first.session_id, user, "replicate", "flux-pro", Decimal("0.05")))
        assert (await studio.estimate(order)).session_id == first.session_id
        # A budget below what is gone already is used up, no more.
        lowered = await core.sessions.resume(user, first.session_id, "", 0, Decimal("0.01"))
        assert lowered.budget_cap == Decimal("0.05")
        await core.sessions.delete(user, first.session_id)
    second = await studio.estimate(order)
    assert second.session_id != first.session_id


async def test_one_photo_is_an_image_for_each_framing_however_often_it_is_added(
    studio: Studio, order: HostedOrder
) -> None:
    photo = order.photos[0]
    plan = await studio.estimate(HostedOrder((photo, photo), order.out))
    assert (plan.is_framed, plan.photos) == (True, 4)
    async with studio:
        session = await studio.resume_session(plan.session_id, "mug", seed=3, budget=Decimal(1))
        images = await studio.add_framings(session.id, photo)
        assert [image.view_type for image in images] == ["front", "detail", "angle", "lifestyle"]
        again = await studio.resume_session(plan.session_id, "other", seed=4, budget=Decimal(2))
        assert (again.product_prompt, again.seed, again.budget_cap) == ("mug", 3, Decimal(2))
        assert await studio.add_framings(session.id, photo) == images
        assert len((await studio.session(session.id)).assets) == 4
        for image in images:
            assert (await studio.save(image, order.out)).read_bytes() == photo.read_bytes()
