"""A worker process for tests of the durable engine: runs the flows below until it is killed or loses its lease.

    python -P tests/support/durable_worker.py ENGINE_URL FOLDER LEASE_SECONDS

Every step writes a line "name pid" into FOLDER/journal. A step that holds writes FOLDER/reached-NAME and waits for FOLDER/go.
"""

from __future__ import annotations

import asyncio
import functools
import os
import sys
from pathlib import Path

from adreel.db.engine import Database
from adreel.domain.ids import new_id, utc_now
from adreel.domain.sessions.session import Json
from adreel.orchestrator.engine.engine import DurableEngine
from adreel.orchestrator.engine.steps import Flow, QueueLimits, Steps
from adreel.orchestrator.lease import BeatingLease, FileLease, Lease
from adreel.orchestrator.reaper import Reaper
from adreel.orchestrator.worker import Worker

LOST = 3
QUEUES = {"jobs": QueueLimits(16, 16), "clips": QueueLimits(3, 2)}
POLL_SECONDS = 0.1


async def write(folder: Path, line: str) -> None:
    with (folder / "journal").open("a", encoding="utf-8") as journal:
        journal.write(f"{line} {os.getpid()}\n")


async def hold(folder: Path, name: str) -> None:
    (folder / f"reached-{name}").touch()
    while not (folder / "go").exists():  # noqa: ASYNC110 (another process writes it)
        await asyncio.sleep(0.02)


async def clip(folder: Path, steps: Steps, order: Json) -> Json:
    """order {"scene": its number, "seconds": how long it works, "hold": whether it holds}."""
    scene = order["scene"]
    await steps.run("buy", write, folder, f"buy-{scene}")
    if order["hold"]:
        await steps.run("wait", hold, folder, f"clip-{scene}", preemptible=True)
    await steps.run("work", _work, folder, scene, order["seconds"])
    return {"scene": scene}


async def _work(folder: Path, scene: int, seconds: float) -> None:
    await write(folder, f"begin-{scene}")
    await asyncio.sleep(seconds)
    await write(folder, f"end-{scene}")


async def film(folder: Path, steps: Steps, order: Json) -> Json:
    """order {"clips": orders of clips}; answers with what the clips answered, in their order."""
    await steps.run("plan", write, folder, "plan")
    orders = {f"{steps.workflow_id}:clip:{number}": one for number, one in enumerate(order["clips"])}
    clips = await (await steps.children("clip", orders, "clips")).results()
    await steps.run("join", write, folder, "join")
    return {"clips": clips}


async def still(folder: Path, steps: Steps, order: Json) -> Json:
    """Holds within a step that cannot be interrupted, and writes in the one after it."""
    await steps.run("before", write, folder, "before")
    await steps.run("hold", hold, folder, "still")
    await steps.run("after", write, folder, "after")
    return {}


async def deadly(folder: Path, steps: Steps, order: Json) -> Json:
    """Kills its process between two steps."""
    await steps.run("before", write, folder, "before")
    os._exit(9)


def flows(folder: Path) -> dict[str, Flow]:
    return {
        "clip": functools.partial(clip, folder),
        "film": functools.partial(film, folder),
        "still": functools.partial(still, folder),
        "deadly": functools.partial(deadly, folder),
    }


def make_worker(url: str, folder: Path, ttl: float) -> Worker:
    database = None if url.startswith("sqlite") else Database(url)
    lease: Lease = (
        FileLease(folder) if database is None else BeatingLease(database, clock=utc_now, make_id=new_id, ttl=ttl)
    )
    engine = DurableEngine(
        url,
        flows(folder),
        lease.executor_id,
        QUEUES,
        fence=lease.check,
        poll_seconds=POLL_SECONDS,
        max_recoveries=int(os.environ.get("MOST_RECOVERIES", "20")),
    )
    duties = [] if database is None else [Reaper(database, engine, lease.executor_id, ttl=ttl).run]
    return Worker(lease, engine, duties)


async def main(url: str, folder: Path, ttl: float) -> int:
    worker = make_worker(url, folder, ttl)
    await worker.start()
    (folder / f"ready-{os.getpid()}").touch()
    await worker.lost()
    await worker.close(patience=1)
    return LOST


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))))
