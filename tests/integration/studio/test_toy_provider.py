"""A second provider, added by its package and one line: offered, bought, polled, settled and reconciled like the first."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from adreel import Studio
from adreel.bootstrap.core import Core, open_core
from adreel.bootstrap.hosted import webhooks_of
from adreel.bootstrap.local import known_models, settings_from
from adreel.bootstrap.reconcile import reconcile
from adreel.bootstrap.settings import Settings
from adreel.cli.films import _engine_help, _engines  # pyright: ignore[reportPrivateUsage]
from adreel.cli.models import _facts as _model_facts  # pyright: ignore[reportPrivateUsage]
from adreel.cli.operating.reconcile import _facts, _words  # pyright: ignore[reportPrivateUsage]
from adreel.domain.costs.ledger import CallState, Purchase, PurchaseKind
from adreel.domain.costs.reconciliation import Verdict
from adreel.domain.errors import InputError
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import FrameSize
from adreel.media.segments.encoder import SegmentEncoder
from adreel.providers import registry
from adreel.routers import webhooks
from adreel.routers.common.problems import add_handlers
from adreel.studio.hosted_order import HostedOrder
from support.db import add_user
from support.pictures import moving
from support.replicate import StandIn, write_image
from support.toy.provider import MODELS, TOKEN, Toy

HD = FrameSize(1280, 720)
SIGNED, FORGED = "hush", "guessed"
DAY = timedelta(days=1)
SETTINGS = {"toy_api_token": TOKEN, "models": MODELS, "replicate_api_token": None}


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    made = Toy(tmp_path / "made.mp4")
    monkeypatch.setattr(registry, "PROVIDERS", (*registry.PROVIDERS, made.provider()))  # the one line
    return made


@pytest.fixture
def settings(toy: Toy, tmp_path: Path) -> Settings:
    given = SETTINGS | {
        "data_dir": tmp_path / "data",
        "public_url": "https://ads.example",
        "toy_webhook_secret": SIGNED,
    }
    return settings_from(**given)


@pytest.fixture
async def core(settings: Settings) -> AsyncIterator[Core]:
    async with open_core(settings) as opened:
        yield opened


def test_its_models_are_offered_with_what_is_missing(toy: Toy, tmp_path: Path) -> None:
    def offered(**given: object) -> tuple[bool, str | None]:
        settings = settings_from(data_dir=tmp_path, models=MODELS, replicate_api_token=None, **given)
        (line,) = [line for line in known_models(settings) if line.name == "toy-clip"]
        facts = _model_facts(line)
        return facts["available"], facts["needs"]

    assert offered() == (False, "ADREEL_TOY_API_TOKEN")
    assert offered(toy_api_token=TOKEN) == (True, None)


def test_its_account_is_read_from_the_environment(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADREEL_TOY_API_TOKEN", TOKEN)
    monkeypatch.setenv("ADREEL_TOY_CREATES_PER_MINUTE", "many")
    with pytest.raises(InputError, match="ADREEL_TOY_CREATES_PER_MINUTE='many' cannot be used"):
        settings_from()
    monkeypatch.delenv("ADREEL_TOY_CREATES_PER_MINUTE")
    assert "ADREEL_TOY_API_TOKEN=(set)" in settings_from().lines


def test_it_is_an_engine_of_the_command_line(toy: Toy) -> None:
    assert "replicate, toy" in _engine_help()
    assert _engines() == "local, replicate, replicate/MODEL, toy or toy/MODEL"


async def test_without_an_account_a_film_says_what_is_missing(toy: Toy, tmp_path: Path) -> None:
    photo = write_image(tmp_path / "cup.png", (9, 90, 90))
    studio = Studio(data_dir=tmp_path / "data", **(SETTINGS | {"toy_api_token": None}))
    with pytest.raises(InputError, match="need an account at Toyland: set ADREEL_TOY_API_TOKEN"):
        await studio.estimate(HostedOrder((photo,), tmp_path / "ad.mp4", provider="toy"))


async def test_a_film_is_bought_polled_settled_and_reconciled(toy: Toy, tmp_path: Path) -> None:
    with SegmentEncoder(toy.clip, HD, 30) as encoder:
        for picture in moving(HD, 30, 1):
            encoder.write(picture)
    photos = [write_image(tmp_path / f"{value}.png", (value, 90, 90)) for value in (9, 99)]
    given = {"data_dir": tmp_path / "data", **SETTINGS}
    film = FilmOptions(music="none")
    order = HostedOrder(tuple(photos), tmp_path / "ad.mp4", clip_seconds=0.8, film=film, provider="toy")
    async with Studio(**given) as studio:
        plan = await studio.estimate(order)
        assert plan.lines[-1].startswith("about $0.14 in all")
        delivery = await studio.buy(plan)
    assert delivery.path.exists()
    assert (delivery.cost, len(toy.jobs)) == (Decimal("0.14"), 2)
    assert toy.polls >= 2

    books = await reconcile(settings_from(**given), DAY)
    assert [(each.provider, each.agree) for each in books.providers] == [("toy", True)]
    assert [entry.verdict for entry in books.entries] == [Verdict.MATCHED, Verdict.MATCHED]
    assert {entry.call and (entry.call.provider, entry.call.state, entry.call.amount) for entry in books.entries} == {
        ("toy", CallState.PAID, Decimal("0.07"))
    }
    assert json.loads(json.dumps(_facts(books)))["provider"] == "toy"


async def test_reconcile_walks_over_all_accounts(settings: Settings, stand_in: StandIn) -> None:
    account = {"replicate_api_token": SecretStr("r8_secret"), "replicate_base_url": stand_in.api}
    both = settings.model_copy(update=account)
    books = await reconcile(both, DAY)
    assert [each.provider for each in books.providers] == ["replicate", "toy"]
    facts = _facts(books)
    assert (facts["provider"], [each["provider"] for each in facts["providers"]]) == (None, ["replicate", "toy"])
    assert [line.split(" and ")[0] for line in _words(books).splitlines()[:2]] == ["Replicate", "Toyland"]


async def test_its_webhooks_come_in_at_its_own_address(core: Core, toy: Toy) -> None:
    user = await add_user(core.database, "ann")
    session = (await core.sessions.create(user)).id
    await core.ledger.reserve(Purchase("key", session, user, PurchaseKind.CLIP, "toy", "toy-clip", Decimal("0.07")))
    await core.ledger.posting("key")
    await core.ledger.submitted("key", "toy-0")
    app = FastAPI()
    app.state.services = SimpleNamespace(webhooks=webhooks_of(core))
    app.include_router(webhooks.router)
    add_handlers(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://ads.example") as http:

        async def send(provider: str, secret: str = SIGNED) -> tuple[int, str]:
            headers = {"toy-secret": secret, "toy-id": "m1"}
            answer = await http.post(f"/api/webhooks/{provider}", json={"job": "toy-0"}, headers=headers)
            body = answer.json()
            return answer.status_code, body["detail"] if "detail" in body else body["status"]

        with core.wakeups.listening("toy-0") as rung:
            assert await send("toy", FORGED) == (401, "the webhook is not from Toyland")
            assert not rung.is_set()
            assert await send("toy") == (200, "news")
            assert rung.is_set()
        assert await send("toy") == (200, "duplicate")
        none = "no webhooks are taken here: "
        assert await send("replicate") == (404, f"{none}no account at Replicate is set up")
        assert await send("elsewhere") == (404, f"{none}there is no such provider")
