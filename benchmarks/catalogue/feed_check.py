"""The check itself: what is run, what is compared, and what would be a fault."""

from __future__ import annotations

import csv
import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av

from adreel.feeds.batches.attempts import Attempt, read_attempts
from benchmarks.catalogue.bad_rows import BadRow, bad_rows, injected, write_bad_photos
from benchmarks.catalogue.batch_process import Kill, Ran, run_batch
from benchmarks.catalogue_feed import Row, draw_photos, product_row, write_feed
from benchmarks.measure import BenchmarkError

KILLS = 10
_PHOTO_SIDE = 400
TEMPLATE = """\
version = 1
product = "{title:50!}"

[end]
cta = ""

[[beats]]
name = "offer"
shot = { photo = 1 }
seconds = 2.5
words = [{ role = "price", text = "{price!}", struck = "{was}" }]
"""


@dataclass(frozen=True, slots=True)
class Found:
    """`bad` rows with what was reported; `attempts` of the killed run: films begun, finished, and most times that one was
    finished; `faults` is what was not as it should be."""

    products: int
    bad: Sequence[tuple[BadRow, str]]
    whole: Ran
    killed: Sequence[Ran]
    begun: int
    finished: int
    most: int
    changed: Ran
    changes: int
    idle: Ran
    faults: tuple[str, ...]


class CatalogueCheck:
    """A folder with a feed and its batches. `options` are those of ``adreel batch``."""

    def __init__(self, folder: Path, products: int, options: Sequence[str], site: str, seed: int) -> None:
        self._folder, self._products, self._options, self._site = folder, products, options, site
        self._random = random.Random(seed)  # noqa: S311 (moments of kills)
        self.faults: list[str] = []
        self._bad = bad_rows(site)
        self._good = products - len(self._bad)

    def run(self) -> Found:
        self._prepare()
        whole = self._ended(self._batch("whole"))
        bad = self._reported("whole")
        killed = list(self._killed("killed"))
        self._same_films("whole", "killed")
        begun, finished = self._attempts("killed")
        before = _files(self._folder / "whole")
        changes = self._good // 10
        self._write(changes)
        changed = self._ended(self._batch("whole"))
        self._untouched(before, changed)
        if len(changed.films) != changes:
            self.faults.append(f"{len(changed.films)} films were made for {changes} changed prices")
        idle = self._ended(self._batch("whole"))
        return Found(
            self._products, bad, whole, killed, sum(begun.values()), sum(finished.values()), max(finished.values()),
            changed, changes, idle, tuple(self.faults),
        )  # fmt: skip

    def _prepare(self) -> None:
        draw_photos(self._folder / "photos", self._products, _PHOTO_SIDE)
        write_bad_photos(self._folder / "photos", self._folder / "photos" / "0-1.jpg")
        (self._folder / "ad.toml").write_text(TEMPLATE, encoding="utf-8")
        self._write(0)

    def _write(self, changes: int) -> None:
        """Writes the feed, with another price in every tenth good row of the first `changes` tens."""
        write_feed(self._folder / "feed.csv", list(self._rows(changes)))

    def _rows(self, changes: int) -> Iterator[Row]:
        every = max(1, self._good // len(self._bad))
        bad = list(self._bad)
        for number in range(self._good):
            yield product_row(number, 100 if number % 10 == 0 and number // 10 < changes else 0)
            if number % every == every - 1 and bad:
                yield injected(self._good + len(bad) - 1, bad.pop(0))

    def _batch(self, out: str, kill: Kill | None = None) -> Ran:
        return run_batch(["feed.csv", "--out", out, "--remote-photos", *self._options], self._folder, self._site, kill)

    def _ended(self, ran: Ran) -> Ran:
        if ran.code not in (0, 1) or "films made in" not in ran.output:
            raise BenchmarkError(f"the batch ended with {ran.code}: {ran.output[-500:]}")
        return ran

    def _killed(self, out: str) -> Iterator[Ran]:
        """Runs until the end, killed ten times at random moments."""
        most = max(1, 2 * self._products // (KILLS + 3))
        for _ in range(KILLS):
            ran = self._batch(out, Kill(self._random.randrange(most), self._random.uniform(0, 3)))
            if ran.code != -9:
                self.faults.append(f"the batch was to be killed, and ended with {ran.code}")
            yield ran
        yield self._ended(self._batch(out))

    def _reported(self, out: str) -> list[tuple[BadRow, str]]:
        """What was reported of each bad row. Raises BenchmarkError when a row was reported otherwise than it should be."""
        with (self._folder / "feed.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        with (self._folder / out / "problems.csv").open(encoding="utf-8", newline="") as file:
            problems = list(csv.DictReader(file))
        made, found = _records(self._folder / out), list[tuple[BadRow, str]]()
        numbered = [(place + 2, row) for place, row in enumerate(rows) if not _is_good(row)]
        for bad, (number, row) in zip(self._bad, numbered, strict=True):
            own = [each for each in problems if each["row"] == str(number)]
            is_made = row["id"] in made and row["id"] not in ("", "P00000")
            if is_made != bad.is_made or (bad.field and bad.field not in [each["field"] for each in own]):
                self.faults.append(f"{bad.what}: made {is_made}, reported {own}")
            found.append((bad, "; ".join(each["message"] for each in own)))
        strange = [each for each in problems if each["row"] not in {str(number) for number, _ in numbered}]
        if strange or sum(name.startswith("P") for name in made) != self._good:
            self.faults.append(f"good rows have problems, or lack films: {strange[:3]}")
        return found

    def _same_films(self, one: str, other: str) -> None:
        """Every film shows and says the same, packet by packet: only signatures, which have their time, differ."""
        shown = [
            {name: _packets(self._folder / out / film) for name, film in _records(self._folder / out).items()}
            for out in (one, other)
        ]
        if shown[0] != shown[1]:
            self.faults.append("a batch that was killed has other films than one that was not")

    def _attempts(self, out: str) -> tuple[Counter[str], Counter[str]]:
        lines = read_attempts(self._folder / out)
        begun, finished = (
            Counter(film for film, event in lines if event is wanted) for wanted in (Attempt.BEGUN, Attempt.FINISHED)
        )
        again = [film for film, times in finished.items() if times > 1]
        if again:
            self.faults.append(f"films were made twice: {again[:5]}")
        return begun, finished

    def _untouched(self, before: dict[str, tuple[int, str]], changed: Ran) -> None:
        after = _files(self._folder / "whole")
        touched = {name for name in before if after.get(name) != before[name]}
        if touched != set(changed.films) or set(after) != set(before):
            self.faults.append(f"other films were touched than those that changed: {sorted(touched)[:5]}")


def _is_good(row: Row) -> bool:
    number = row["id"].removeprefix("P")
    return number.isdigit() and row["image_link"] == f"photos/{int(number)}-1.jpg"


def _records(out: Path) -> dict[str, str]:
    """The file of each product's film."""
    with (out / "manifest.jsonl").open(encoding="utf-8") as file:
        found = [json.loads(line) for line in file][1:]
    return {record["id"]: record["film"] for record in found}


def _files(out: Path) -> dict[str, tuple[int, str]]:
    films = (out / "films").glob("*.mp4")
    return {film.stem: (film.stat().st_mtime_ns, hashlib.sha256(film.read_bytes()).hexdigest()) for film in films}


def _packets(film: Path) -> str:
    digest = hashlib.sha256()
    with av.open(str(film)) as container:
        for packet in container.demux():
            digest.update(f"{packet.stream_index} {packet.pts} ".encode() + bytes(packet))
    return digest.hexdigest()
