"""adreel as a contender: the command as a person types it, and the same work inside a running program."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.films import CTA, NAME, OTHER_CTA, Job, count_frames
from benchmarks.measure import Command, Contender, Step, run_step

FIRST = "adreel: first film, nothing cached"
ENCODE = "adreel: conform and encode only"
SEGMENTS = "adreel: conform, encode and look at every frame"
READY = "adreel: film from ready clips"
CHANGE = "adreel: change of words"
READY_WITHIN = "adreel: film from ready clips, in a running program"
WITHIN = "adreel: change of words, in a running program"
ADREEL = Path(sys.executable).with_name("adreel")


class Workshop:
    """adreel's data folder, put into the wanted state before each run: empty, clips ready, or a first film made."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._data = job.folder / "adreel"
        self._clips_ready = job.folder / "adreel-clips-ready"
        self._film_made = job.folder / "adreel-film-made"
        self._clock = job.folder / "adreel-clock.txt"

    def stock(self) -> None:
        """Makes the two states from which runs begin; not measured."""
        self._empty()
        run_step([self._compose(None, "", "none", "warm-up")])
        shutil.copytree(self._data, self._clips_ready, dirs_exist_ok=True)
        run_step([self._compose(NAME, CTA, str(self._job.music), "warm-up")])
        shutil.copytree(self._data, self._film_made, dirs_exist_ok=True)

    def contenders(self) -> list[Contender]:
        first = self._command(FIRST, CTA, self._empty)
        ready = self._command(READY, CTA, self._restore(self._clips_ready))
        change = self._command(CHANGE, OTHER_CTA, self._restore(self._film_made))
        ready_within = self._within(READY_WITHIN, "ready", self._clips_ready)
        change_within = self._within(WITHIN, "change", self._film_made)
        return [
            first,
            self._segments(ENCODE, "encode"),
            self._segments(SEGMENTS, "segments"),
            ready,
            ready_within,
            change,
            change_within,
        ]

    def _command(self, name: str, cta: str, prepare: Callable[[], None]) -> Contender:
        def steps() -> list[Step]:
            return [[self._compose(NAME, cta, str(self._job.music), "adreel")]]

        return Contender(name, steps, prepare, self._verify)

    def _segments(self, name: str, work: str) -> Contender:
        """Each clip and card to its segment, without and with the look that every segment gets in a real film."""
        return Contender(name, self._inside(work), self._empty, clock=self._clock)

    def _within(self, name: str, work: str, state: Path) -> Contender:
        """The work in a program that already runs, as a service does it."""
        return Contender(name, self._inside(work), self._restore(state), self._verify, self._clock)

    def _inside(self, work: str) -> Callable[[], list[Step]]:
        job = self._job
        lengths = [str(job.clip_seconds), str(job.card_seconds)]
        files = [str(self._data), str(self._clock), str(job.music), str(job.out("adreel")), *map(str, job.clips)]
        # As `adreel.cli.main` sets it before NumPy is loaded.
        program = ["env", "OPENBLAS_NUM_THREADS=1", sys.executable, "-m", "benchmarks.inside"]
        return lambda: [[[*program, work, *lengths, *files]]]

    def _compose(self, name: str | None, cta: str, music: str, out: str) -> Command:
        seconds = str(self._job.card_seconds)
        words = [*(("--name", name) if name else ()), "--cta", cta]
        lengths = ["--intro-seconds", seconds, "--outro-seconds", seconds]
        target = ["--out", str(self._job.out(out)), "--overwrite"]
        setting = f"ADREEL_DATA_DIR={self._data}"
        clips = map(str, self._job.clips)
        return ["env", setting, str(ADREEL), "compose", *clips, *words, *lengths, "--music", music, *target]

    def _verify(self) -> str:
        found = count_frames(self._job.out("adreel"))
        assert found == self._job.frames, f"adreel made {found} frames, not {self._job.frames}"
        return f"{found} frames"

    def _empty(self) -> None:
        shutil.rmtree(self._data, ignore_errors=True)

    def _restore(self, state: Path) -> Callable[[], None]:
        def restore() -> None:
            self._empty()
            shutil.copytree(state, self._data)

        return restore
