"""``PYTHONPATH=tests python -m batch_cluster [--products N] [--kills N] [--rows N] [--seed N] [--out FILE]``

The same feed is made into films with one worker, with two, and with two of which one is killed by kill -9 again and again. Films
are small: the figures say how the work is spread, as a ratio within one run, on a machine with at least two cores.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from batch_cluster.cluster import PRICE, Batches, Cluster, cluster, servers
from support.catalogue import feed_of
from support.s3 import S3Server


@dataclass(frozen=True)
class Measured:
    """One run. `seconds` on the clock, `processor` seconds of the workers; `twice` counts what was made or paid twice."""

    name: str
    seconds: float
    processor: float
    digests: dict[str, str]
    twice: int
    state: str


async def measure(
    folder: Path, url: str, s3: S3Server, name: str, workers: int, products: int, kills: list[float]
) -> Measured:
    """Makes all films once; kills a worker after each of these shares of them."""
    async with cluster(folder / name, url, s3, workers, products) as (found, site):
        batches = Batches(found.address)
        prices = {f"P{number:04d}": f"{10 + number}.90 EUR" for number in range(products)}
        feed = feed_of(site.url, prices, {f"P{number:04d}": f"/{number}.png" for number in range(products)})
        before, started = await batches.spent(), time.monotonic()
        batch_id = await batches.begin(feed, name)
        await _killing(batches, found, batch_id, kills)
        batch = await batches.until_over(batch_id)
        seconds = time.monotonic() - started
        paid = round((await batches.spent() - before) / float(PRICE))
        stored = found.films_in_storage(batch_id)
        twice = (paid - products) + (len(stored) - products)
        return Measured(
            name, seconds, found.processor_seconds(), await batches.digests(batch_id), twice, batch["state"]
        )


async def planned(folder: Path, url: str, s3: S3Server, rows: int) -> str:
    """What a dry run of so many rows takes."""
    async with cluster(folder / "dry-run", url, s3, 1, 1) as (found, site):
        batches, before = Batches(found.address), found.most_megabytes()
        feed = feed_of(site.url, {f"P{number:05d}": f"{10 + number % 50}.90 EUR" for number in range(rows)})
        started, worked = time.monotonic(), found.processor_seconds()
        batch = await batches.until_over(await batches.begin(feed, "dry-run", dry_run=True))
        seconds, worked = time.monotonic() - started, found.processor_seconds() - worked
        grown = found.most_megabytes() - before
        return (
            f"A dry run of {rows} rows: {batch['state']}, {sum(batch['rows'].values())} films planned in {seconds:.0f} s "
            f"({worked:.0f} s of the processor); the worker's memory {before:.0f} MB, and {grown:.0f} MB more at most."
        )


async def _killing(batches: Batches, found: Cluster, batch_id: str, kills: list[float]) -> None:
    for share in kills:
        if not await batches.until_made(batch_id, share):
            return
        await asyncio.to_thread(found.kill_worker, random.choice(list(found.workers)))


async def run(products: int, kills: int, seed: int, rows: int) -> str:
    random.seed(seed)
    shares = sorted(random.uniform(0, 0.95) for _ in range(kills))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        # The database server runs as another user.
        folder.chmod(0o755)
        with servers(folder) as (url, s3):
            one = await measure(folder, url, s3, "one", 1, products, [])
            two = await measure(folder, url, s3, "two", 2, products, [])
            lost = await measure(folder, url, s3, "killed-once", 2, products, [0.4])
            killed = await measure(folder, url, s3, "killed", 2, products, shares)
            dry = await planned(folder, url, s3, rows)
    return f"{report(products, [one, two, lost, killed])}\n\n{dry}"


def report(products: int, runs: list[Measured]) -> str:
    first = runs[0]
    lines = [f"{products} products, small films, workers of one core each; PostgreSQL and S3 (SeaweedFS).", ""]
    lines += ["| run | ends | films | against one worker | the same films | twice |", "|---|---|---|---|---|---|"]
    for each in runs:
        ratio, same = first.seconds / each.seconds, each.digests == first.digests
        lines.append(
            f"| {each.name} | {each.state} | {len(each.digests)} | {ratio:.2f} | {'yes' if same else 'no'} | {each.twice} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="batch_cluster")
    parser.add_argument("--products", type=int, default=60)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=18)
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args()
    text = asyncio.run(run(options.products, options.kills, options.seed, options.rows))
    sys.stdout.write(f"{text}\n")
    if options.out is not None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
