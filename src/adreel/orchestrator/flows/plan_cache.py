"""Caches the plans of sessions in storage, so that a retry uses the same plan and pays for none.

The same prompt with the same photos and seed in another session uses the same plan too, so that its purchases are reused.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from adreel.media.scratch import scratch_folder
from adreel.services.storage_service import StorageService

Plan = TypeVar("Plan")


async def cached_plan(
    storage: StorageService,
    work: Path,
    session_id: str,
    digests: Sequence[str],
    make: Callable[[], Awaitable[Plan]],
    alike: Sequence[str] = (),
) -> Plan:
    """The cached plan (JSON) of the session or of one of the sessions `alike`, else the result of `make`.

    `digests` are that of this version's planner, then those of planners of other versions, which are looked for in the session
    itself only: each look is a request to the storage.

    `work` is a folder for temporary files. Raises StorageError, and the exceptions of `make`.
    """
    with scratch_folder(work, "plan-") as folder:
        path = folder / "plan.json"
        for key in _keys(session_id, digests, alike):
            if await storage.exists(key):
                await storage.download_file(storage.url(key), path)
                found: Any = json.loads(await asyncio.to_thread(path.read_text, encoding="utf-8"))
                return found
        plan = await make()
        await asyncio.to_thread(path.write_text, json.dumps(plan), encoding="utf-8")
        await storage.take_file(path, "application/json", _key(session_id, digests[0]))
    return plan


def _keys(session_id: str, digests: Sequence[str], alike: Sequence[str]) -> list[str]:
    return [*(_key(session_id, digest) for digest in digests), *(_key(owner, digests[0]) for owner in alike)]


def _key(session_id: str, digest: str) -> str:
    return f"sessions/{session_id}/plans/{digest}.json"
