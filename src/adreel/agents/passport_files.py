"""The passport beside a film: NAME.passport.json for programs and NAME.passport.html to print."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from adreel.agents.compositor import FilmMade
from adreel.agents.output import Existing, check_target, delivered
from adreel.agents.passport import Json, completed
from adreel.agents.passport_page import passport_page
from adreel.domain.costs.ledger import PaidCall
from adreel.domain.errors import StorageError
from adreel.domain.machine_faults import fault_or

_JSON, _PAGE = ".passport.json", ".passport.html"


def check_passport_files(film: Path) -> None:
    """Raises InputError where the passport of a film cannot be written. One of an earlier film of that name is replaced."""
    for suffix in (_JSON, _PAGE):
        check_target(film.with_suffix(suffix), Existing.REPLACE)


async def write_passport(path: Path, film: FilmMade, calls: Sequence[PaidCall] = ()) -> tuple[Path, ...]:
    """Writes the passport of the film at `path` beside it and returns its files; none for a draft. Raises StorageError."""
    if film.passport is None:
        return ()
    passport = completed(film.passport, path.name, calls)
    texts = {_JSON: as_text(passport), _PAGE: await asyncio.to_thread(passport_page, passport)}
    return tuple(
        [
            await delivered(path.with_suffix(suffix), Existing.REPLACE, partial(_write, text=text))
            for suffix, text in texts.items()
        ]
    )


def as_text(passport: Json) -> str:
    """The passport as JSON for people too."""
    return json.dumps(passport, ensure_ascii=False, indent=1) + "\n"


async def _write(path: Path, text: str) -> None:
    try:
        await asyncio.to_thread(path.write_text, text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise fault_or(error, path.parent, StorageError(f"{path} cannot be written: {error.strerror}")) from error
