"""Finds the existing parts of an order before anything is bought."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from adreel import Existing, Studio
from adreel.bootstrap.core import open_core
from adreel.bootstrap.local import settings_from
from adreel.domain.ad import Ad, Beat, BeatShot
from adreel.domain.costs.ledger import Purchase, PurchaseKind
from adreel.domain.errors import BudgetError, InputError, MusicError, OutputExistsError, PhotoError, TextError
from adreel.domain.films.film_options import FilmOptions
from adreel.services.accounts.service import AuthService
from adreel.studio.hosted_order import HostedOrder
from support.photo_files import jpeg_cut_short
from support.replicate import write_image

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
    assert (plan.estimate.total, plan.budget, plan.spent, plan.photos) == (Decimal("0.24"), 20, 0, 2)
    async with studio:
        assert await studio.sessions() == ()


async def test_a_photo_that_is_cut_short_is_noted(studio: Studio, order: HostedOrder, tmp_path: Path) -> None:
    short = tmp_path / "short.jpg"
    short.write_bytes(jpeg_cut_short())
    (note,) = (await studio.estimate(HostedOrder((*order.photos, short), order.out))).notes
    assert note.startswith(f"{short} is cut short: its last ")


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"film": FilmOptions(cta="x" * 300)}, TextError, "200"),
        ({"film": FilmOptions(name="\u3164")}, TextError, "would be invisible"),
        ({"film": FilmOptions(cta="x" * 199)}, TextError, "too long to be readable"),
        ({"film": FilmOptions(music="polka")}, MusicError, "upbeat"),
        ({"film": FilmOptions(aspect="21:9")}, InputError, "16:9"),
        ({"budget": Decimal("0.23")}, BudgetError, r"\$0.24, but only \$0.23 of the film's budget of \$0.23"),
        ({"budget": Decimal(-1)}, InputError, "not possible"),
        ({"model": "veo-3.1-fast", "film": FilmOptions(aspect="1:1")}, InputError, "choose one of 16:9, 9:16"),
        ({"model": "hailuo-2.3", "clip_seconds": 10.0}, InputError, "choose between 0.5 and 6 seconds"),
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


async def test_the_clips_of_a_script_are_priced_by_their_lengths(studio: Studio, order: HostedOrder) -> None:
    beats = (Beat("a", BeatShot(1), seconds=3), Beat("b", BeatShot(2), seconds=3), Beat("c", BeatShot(1), seconds=6))
    scripted = replace(order, model="runway-gen2", script=Ad("Mug", beats))
    plan = await studio.estimate(scripted)
    assert plan.photos == 2
    assert [(item.count, item.what, item.each) for item in plan.estimate.items[:2]] == [
        (1, "clip", Decimal("0.50")),
        (2, "clip", Decimal("0.25")),
    ]
    assert plan.estimate.question.startswith("Buy 3 clips for about $1.0")
    with pytest.raises(BudgetError, match=r"only \$0.99 of the film's budget of \$0.99"):
        await studio.estimate(replace(scripted, budget=Decimal("0.99")))
    with pytest.raises(InputError, match="a script shows photos"):
        await studio.estimate(replace(scripted, images=1, prompt="a mug"))
    with pytest.raises(InputError, match="beat 'd' shows photo 3, and there are 2"):
        await studio.estimate(replace(scripted, script=Ad("Mug", (Beat("d", BeatShot(3)),))))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("replicate/veo-3.1-fast", "--aspect", "4:5"), "veo-3.1-fast makes no clips of 4:5; choose one of 16:9, 9:16"),
        (("replicate/wan-2.2-i2v-fast", "--clip-seconds", "8"), "choose between 0.5 and 7.5625 seconds"),
        (("replicate", "--images", "2"), "give a prompt that says what the product is and how it looks (--prompt)"),
        (("replicate/sdxl",), "no hosted video model is called 'sdxl'"),
    ],
)
def test_the_command_line_refuses_in_one_line(tmp_path: Path, more: tuple[str, ...], words: str) -> None:
    photo = write_image(tmp_path / "a.png", (9, 90, 90))
    account = {
        "ADREEL_DATA_DIR": str(tmp_path / "data"),
        "ADREEL_REPLICATE_API_TOKEN": ACCOUNT,
        "ADREEL_REPLICATE_BASE_URL": "http://127.0.0.1:9/v1",
    }
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "adreel",
            "make",
            str(photo),
            "--yes",
            "--out",
            str(tmp_path / "ad.mp4"),
            "--engine",
            *more,
        ],
        env={**os.environ, **account},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr.strip().count("\n")) == (2, 0)
    assert words in ran.stderr


async def test_the_account_must_have_enough_for_the_whole(studio: Studio, order: HostedOrder, tmp_path: Path) -> None:
    async with open_core(settings_from(data_dir=tmp_path / "data", replicate_api_token=ACCOUNT)) as core:
        user = (await AuthService(core.database).local_user()).id
        await core.ledger.set_budget(user, Decimal("0.23"))
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
        kind, model = PurchaseKind.IMAGE, "flux-pro"
        await core.ledger.reserve(Purchase("a key", first.session_id, user, kind, "replicate", model, Decimal("0.05")))
        known = await studio.estimate(order)
        assert known.session_id == first.session_id
        assert (known.estimate.held.open_images, known.estimate.held.open_clips) == (1, 0)
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
            saved = await studio.save(image, order.out, existing=Existing.REPLACE)
            assert (saved, saved.read_bytes()) == (order.out, photo.read_bytes())
        with pytest.raises(OutputExistsError):
            await studio.save(images[0], order.out)
