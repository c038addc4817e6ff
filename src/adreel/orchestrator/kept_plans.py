"""Plans of sessions, made once and kept in storage: trying again goes on with the same plan, and pays for none.

So does the same wish for the same photos with the same seed in another session, so that what was bought there is found.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from adreel.services.storage_service import StorageService

Plan = TypeVar("Plan")


async def kept_plan(
    storage: StorageService,
    work: Path,
    session_id: str,
    digest: str,
    make: Callable[[], Awaitable[Plan]],
    alike: Sequence[str] = (),
) -> Plan:
    """The session's plan of this digest, or that of a session `alike`, made if none is there. It is JSON.

    `work` is a folder for what is under way. Raises StorageError, and what `make` raises.
    """
    key = _key(session_id, digest)
    await asyncio.to_thread(work.mkdir, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work, prefix="plan-") as folder:
        path = Path(folder) / "plan.json"
        for kept in (session_id, *alike):
            if await storage.exists(_key(kept, digest)):
                await storage.download_file(storage.url(_key(kept, digest)), path)
                found: Any = json.loads(await asyncio.to_thread(path.read_text, encoding="utf-8"))
                return found
        plan = await make()
        await asyncio.to_thread(path.write_text, json.dumps(plan), encoding="utf-8")
        await storage.take_file(path, "application/json", key)
    return plan


def _key(session_id: str, digest: str) -> str:
    return f"sessions/{session_id}/plans/{digest}.json"
