from __future__ import annotations

import threading
import time

import pytest

from adreel.orchestrator.engine.dbos_runtime import WakeEvent

LONG = 30.0
"""Seconds that no test waits for."""


def test_the_first_look_is_at_once_and_the_second_after_its_time() -> None:
    alarm = WakeEvent()
    began = time.monotonic()
    assert alarm.wait(LONG) is False
    assert alarm.wait(0.2) is False
    assert 0.2 <= time.monotonic() - began < LONG


@pytest.mark.parametrize("seconds", [0.0, 0.1])
def test_waiting_is_cut_short_by_waking(seconds: float) -> None:
    alarm = WakeEvent()
    alarm.wait(0)
    waking = threading.Timer(0.05, alarm.wake, [seconds])
    began = time.monotonic()
    waking.start()
    assert alarm.wait(LONG) is False
    assert 0.05 + seconds <= time.monotonic() - began < LONG


def test_who_is_woken_while_not_waiting_does_not_wait_next_time_and_only_then() -> None:
    alarm = WakeEvent()
    alarm.wait(0)
    alarm.wake()
    alarm.wake(LONG)
    began = time.monotonic()
    assert alarm.wait(LONG) is False
    assert time.monotonic() - began < LONG
    began = time.monotonic()
    alarm.wait(0.2)
    assert time.monotonic() - began >= 0.2


def test_setting_it_ends_every_waiting() -> None:
    alarm = WakeEvent()
    alarm.wait(0)
    threading.Timer(0.05, alarm.set).start()
    assert alarm.wait(None) is True
    assert alarm.wait(LONG) is True
