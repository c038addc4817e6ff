"""The stand-in's time goes on evenly, whatever the machine's clock does."""

from __future__ import annotations

from dataclasses import dataclass

from adreel.testing.replicate.clock import Clock


@dataclass
class Machine:
    """Seconds since it was started, and what its clock shows."""

    up: float = 100.0
    shows: float = 1_000_000.0

    def clock(self) -> Clock:
        return Clock(lambda: self.up, lambda: self.shows)


def test_a_clock_that_is_set_back_makes_no_job_longer() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.shows -= 30
    machine.up += 2
    assert clock.now() == 1_000_002


def test_it_jumps_runs_faster_and_shows_real_time_again() -> None:
    machine = Machine()
    clock = machine.clock()
    clock.change(speed=10, advance=50)
    machine.up += 3
    assert clock.now() == 1_000_080
    machine.shows += 3
    clock.restart()
    assert (clock.now(), clock.speed) == (1_000_003, 1)


def test_another_process_goes_on_as_if_it_had_never_stopped_and_another_boot_from_where_it_was() -> None:
    machine = Machine()
    clock = machine.clock()
    clock.change(advance=50)
    state = clock.state()
    machine.up += 4
    after = machine.clock()
    after.restore(state)
    assert after.now() == 1_000_054
    machine.up = 1
    rebooted = machine.clock()
    rebooted.restore(state)
    assert rebooted.now() == 1_000_050


def test_a_skew_changes_what_is_shown_and_not_how_long_anything_takes() -> None:
    machine = Machine()
    clock = machine.clock()
    before = clock.now()
    clock.change(skew=-420)
    assert (clock.now(), clock.shown(clock.now())) == (before, before - 420)
    other = machine.clock()
    other.restore(clock.state())
    assert other.shown(before) == before - 420
    clock.restart()
    assert clock.shown(before) == before
