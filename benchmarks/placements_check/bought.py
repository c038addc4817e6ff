"""Clips bought once at the stand-in, and every placement made of them: the ledger of both sides before and after."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import httpx

from adreel.agents.output import Existing
from adreel.studio.studio import Studio
from benchmarks.overhead.shop import prepare, provider
from benchmarks.placements_check.making import EXAMPLES
from benchmarks.report import ROOT

MODEL, SECONDS = "wan-2.2-i2v-fast", 5.0


@dataclass(frozen=True, slots=True)
class Ledger:
    """What stands in adreel's ledger and on the provider's bill: how many orders, and their sum in US dollars."""

    calls: int
    amount: Decimal
    orders: int
    bill: Decimal


@dataclass(frozen=True, slots=True)
class Bought:
    """The films by placement, and the ledger after the clips were bought and after the last film."""

    films: dict[str, Path]
    before: Ledger
    after: Ledger


async def make_bought(example: str, names: Sequence[str], folder: Path) -> Bought:
    """Buys one clip for each photo of an example, and makes one film for each placement."""
    with provider() as address, tempfile.TemporaryDirectory(prefix="adreel-bought-") as data:
        studio = Studio(
            data_dir=Path(data),
            session_budget=1000,
            replicate_api_token="any",  # noqa: S106
            replicate_base_url=f"{address}/v1",
            replicate_creates_per_minute=60_000,
            download_hosts=await prepare(address),
        )
        async with studio:
            session = await _with_clips(studio, example)
            before = await _ledger(studio, session, address)
            text = {"product_name": EXAMPLES[example], "cta": "Order yours"}
            await studio.compose_final_video(session, text_overlay=text, aspects=[], placements=names)
            films = await studio.films(session)
            paths = {
                name: await studio.save(film, folder / f"{name}.mp4", existing=Existing.REPLACE)
                for name, film in films.items()
            }
            return Bought(paths, before, await _ledger(studio, session, address))


async def _with_clips(studio: Studio, example: str) -> str:
    session = await studio.create_session(EXAMPLES[example], seed=1)
    photos = sorted((ROOT / "examples" / example).glob("*.jpg"))
    images = await studio.add_images(session.id, photos)
    await studio.save_approved_images(session.id, [image.id for image in images])
    clips = await studio.generate_clips(session.id, clip_duration=SECONDS, model=MODEL, ideas=False)
    await studio.save_approved_clips(session.id, [clip.id for clip in clips])
    return session.id


async def _ledger(studio: Studio, session: str, address: str) -> Ledger:
    calls = await studio.purchases(session)
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        billing = (await http.get(f"{address}/_control/billing")).raise_for_status().json()
    amount = sum((call.amount for call in calls), Decimal(0))
    return Ledger(len(calls), amount, len(billing["entries"]), Decimal(billing["total"]))
