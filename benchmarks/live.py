"""``python -m benchmarks.live --max-spend 0.50``: the cheapest whole film at the real Replicate, and its bill.

A language model plans, one image is made of words, one clip of the image, and a film of the clip. Refuses without a token and
a stated maximum. ``--base-url`` points it at the stand-in, where nothing costs anything.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

from adreel import Studio
from adreel.agents.film_orders import Delivery
from adreel.agents.output import Existing
from adreel.bootstrap.local import settings_from
from adreel.bootstrap.reconcile import reconcile
from adreel.catalogue.loader import load_catalogue
from adreel.catalogue.models import Model
from adreel.domain.costs.money import format_amount
from adreel.domain.errors import AdreelError, InputError
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.sessions.session import CostLine
from adreel.domain.work.progress import Progress
from adreel.providers.replicate.client import API
from adreel.studio.hosted_order import HostedOrder

M = TypeVar("M", bound=Model)

PROMPT = "a blue stoneware coffee mug, calm morning light"
SECONDS = 1.0
_SEEDS = 2**31


class LiveError(Exception):
    """The smoke test has found something."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    parser.add_argument("--max-spend", default="", help="the most that may be spent, in US dollars")
    parser.add_argument("--base-url", default=API, help="another address than Replicate's own: that of the stand-in")
    parser.add_argument("--folder", type=Path, default=Path("out/live"), help="where ledger and film are kept")
    given = parser.parse_args()
    try:
        asyncio.run(_run(_limit(given.max_spend), given.base_url, given.folder))
    except (AdreelError, LiveError) as error:
        sys.exit(f"live: {error}")


def _limit(text: str) -> Decimal:
    try:
        limit = Decimal(text)
    except InvalidOperation:
        limit = Decimal(0)
    if not limit.is_finite() or limit <= 0:
        raise InputError("this spends real money: say how much at most, as in: make live MAX_SPEND=0.50")
    return limit


async def _run(limit: Decimal, base_url: str, folder: Path) -> None:
    # The person's own database and storage are left alone.
    own = {"data_dir": folder, "database_url": None, "s3_bucket": None, "replicate_base_url": base_url}
    settings = settings_from(**own)
    if settings.replicate_api_token is None:
        raise InputError("this needs an account at Replicate: set ADREEL_REPLICATE_API_TOKEN")
    folder.mkdir(parents=True, exist_ok=True)
    print(f"at {base_url}, for ${limit} at most")
    studio = Studio(**own)
    plan = await studio.estimate(_cheapest(folder / "film.mp4", limit, settings.models))
    print("\n".join(plan.lines))
    started = time.monotonic()
    async with studio:
        delivery = await studio.buy(plan, _show)
        _, lines = await studio.costs(plan.session_id)
    seconds = time.monotonic() - started
    _show_bill(delivery, lines, seconds)
    books = await reconcile(settings, timedelta(seconds=seconds + 60))
    ours = [entry for entry in books.entries if entry.call is not None]
    print(f"ledger and provider: {len(ours)} calls, {sum(entry.verdict.agrees for entry in ours)} agree")
    _check(delivery, all(entry.verdict.agrees for entry in ours), limit)


def _cheapest(out: Path, limit: Decimal, own_models: Path | None) -> HostedOrder:
    known = load_catalogue(own_models)
    videos = {model.name: model for model in _hosted(known.videos)}
    prices = {model.price_of(max(SECONDS, model.min_seconds)): model.name for model in reversed(videos.values())}
    images = {model.price: model.name for model in reversed(_hosted(known.images))}
    return HostedOrder(
        photos=(),
        out=out,
        prompt=PROMPT,
        clip_seconds=max(SECONDS, videos[prices[min(prices)]].min_seconds),
        # Another film each time, or nothing would be bought.
        film=FilmOptions(name="Live", cta="It works", seed=int(time.time()) % _SEEDS),
        model=prices[min(prices)],
        images=1,
        image_model=images[min(images)],
        budget=limit,
        existing=Existing.REPLACE,
    )


def _hosted(models: Mapping[str, M]) -> list[M]:
    """Those that can be relied on: a film by one that may be gone proves nothing."""
    hosted = (model for model in models.values() if model.provider == "replicate" and model.unusable is None)
    return [model for model in hosted if not model.status.needs_naming]


def _show(event: Progress) -> None:
    print(f"{event.percent:3.0f} %  {event.message}", flush=True)


def _show_bill(delivery: Delivery, lines: tuple[CostLine, ...], seconds: float) -> None:
    print(f"{delivery.path}: {delivery.film.frames} frames, {len(delivery.film.checks)} checks passed, {seconds:.0f} s")
    for line in lines:
        end = "" if line.success else f"  failed: {line.error}"
        print(f"  ${format_amount(line.amount):<8} {line.agent:<16} {line.model:<24} {line.duration:6.1f} s{end}")
    print(f"  ${format_amount(delivery.cost)} in all")


def _check(delivery: Delivery, books_agree: bool, limit: Decimal) -> None:
    faults = [*map(str, delivery.failed), *delivery.notes]
    if not books_agree:
        faults.append("ledger and provider do not agree; see: adreel reconcile")
    if delivery.cost > limit:
        faults.append(f"${delivery.cost} was spent, more than ${limit}")
    if faults:
        raise LiveError("; ".join(faults))
    print("live: everything works")


if __name__ == "__main__":
    main()
