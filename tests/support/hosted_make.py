"""``adreel make`` with a hosted engine, against the stand-in: a folder of its own, and the books on both sides."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from support import forked
from support.cli import Ran
from support.replicate import StandIn, write_image
from support.small_films import FULL_ADREEL, SMALL_ADREEL

SECONDS = 240
WAN = "wan-video/wan-2.2-i2v-fast"
BLUE, RED = (30, 60, 200), (200, 40, 30)


@dataclass
class Shop:
    """A person with an account: their folder, and what was bought there. Their films are small unless `full_size`."""

    folder: Path
    stand_in: StandIn
    full_size: bool = False

    def __post_init__(self) -> None:
        # Each question is asked twice then, and rules plan: the figures of the tests count on it. All clips are one small file.
        self.stand_in.rules(plans=False, alike=True)
        self.photos = [
            write_image(self.folder / name, colour, (640, 360))
            for name, colour in (("red.jpg", RED), ("blue.jpg", BLUE))
        ]

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ADREEL_")}
        return {
            **kept,
            "ADREEL_DATA_DIR": str(self.folder / "data"),
            "ADREEL_REPLICATE_API_TOKEN": "r8_secret",
            "ADREEL_REPLICATE_BASE_URL": self.stand_in.api,
            "ADREEL_DOWNLOAD_HOSTS": self.stand_in.output_host,
        }

    def command(self, *args: str | Path) -> list[str]:
        return [*(FULL_ADREEL if self.full_size else SMALL_ADREEL), *map(str, args)]

    def run(self, *args: str | Path, **settings: str) -> Ran:
        environment = {**self.environment, **settings}
        environment = {name: value for name, value in environment.items() if value}
        done = forked.run(self.command(*args), cwd=self.folder, env=environment, timeout=SECONDS)
        return Ran(done.returncode, done.stdout, done.stderr)

    def start(self, *args: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*args),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def bought(self) -> list[str]:
        """The models of everything on the provider's bill."""
        return sorted(entry["model"] for entry in self.stand_in.billing()["entries"])

    def bill(self) -> Decimal:
        return Decimal(self.stand_in.billing()["total"])

    def ledger(self) -> list[tuple[str, str, Decimal, str]]:
        """(model, state, amount, provider's id) of every paid call."""
        path = self.folder / "data" / "adreel.db"
        if not path.exists():
            return []
        query = "SELECT model, state, amount, provider_id FROM paid_calls ORDER BY key"
        with closing(sqlite3.connect(path)) as database:
            try:
                rows = database.execute(query).fetchall()
            except sqlite3.OperationalError:
                return []
        return [(model, state, _dollars(amount), name) for model, state, amount, name in rows]

    def until_ordered(self, process: subprocess.Popen[str], model: str, count: int) -> None:
        """Returns when so many orders of a model are kept with the provider's id."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if sum(row[0] == model and row[1] == "submitted" for row in self.ledger()) >= count:
                return
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.05)
        raise AssertionError(f"nothing of {model} was ordered: {self.ledger()}")

    def check_books(self) -> None:
        """The ledger names exactly what the provider has billed, with its amounts, and nothing is open."""
        billed = {entry["id"]: Decimal(entry["charged"]) for entry in self.stand_in.billing()["entries"]}
        assert {row[1] for row in self.ledger()} <= {"paid", "lost", "released"}
        assert {name: amount for _, state, amount, name in self.ledger() if state != "released"} == billed


def _dollars(amount: object) -> Decimal:
    return Decimal(int(str(amount))) / 1_000_000 if isinstance(amount, int) else Decimal(str(amount))
