"""Scripts of ads."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from fastapi import APIRouter

from adreel.agents.script import write_script as written
from adreel.domain.scripts.ad_format.writing import to_toml
from adreel.routers.common.deps import CurrentUser
from adreel.routers.common.problems import problems
from adreel.routers.schemas.scripts import WriteScript, WrittenScript

router = APIRouter(tags=["scripts"])


@router.post("/api/write-script", responses=problems(401, 403, 413))
async def write_script(_user: CurrentUser, body: WriteScript) -> WrittenScript:
    """Writes the script of an ad from facts and an offer. Nothing is stored or bought; the same body gives the same script.

    A recipe that lacks what it needs, words that cannot be read in the time, and a claim without a source are 422.
    """
    ad = replace(await asyncio.to_thread(written, body.request()), photos=())
    return WrittenScript(script=ad, toml=to_toml(ad))
