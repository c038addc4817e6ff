"""The measuring itself: a wrong yardstick would make every figure in docs/benchmarks.md wrong."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The package `benchmarks`, which lies beside `tests` and is not installed."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    return importlib.import_module("benchmarks")


def test_jitter_is_the_second_difference_of_what_a_smooth_path_leaves(load: ModuleType) -> None:
    jitter = importlib.import_module(f"{load.__name__}.jitter")
    time_axis = np.linspace(0, 1, 90)
    rails = np.stack([300 * time_axis**2, 40 * np.sin(time_axis)], axis=1)[:, None, :].repeat(5, axis=1)
    assert jitter.jitter(rails) < 0.01
    trembling = rails.copy()
    trembling[::2, :, 0] += 0.25
    assert jitter.jitter(trembling) == pytest.approx(4 * 0.125, rel=0.1)


def test_a_bound_is_held_on_its_own_side_only(load: ModuleType) -> None:
    report = importlib.import_module(f"{load.__name__}.report")
    assert report.Bound("p", 1.0, 1.0, " s").held
    assert not report.Bound("p", 1.01, 1.0, " s").held
    assert report.Bound("p", 4.0, 4.0, " ×", at_least=True).held
    assert not report.Bound("p", 3.9, 4.0, " ×", at_least=True).held
    assert "missed" in report.Bound("p", 2.0, 1.0, " s").row()[-1]


def test_a_run_counts_processes_that_a_process_started(load: ModuleType) -> None:
    measure = importlib.import_module(f"{load.__name__}.measure")
    burn = "import time\nwhile time.process_time() < 0.2: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}], check=True)"
    sample = measure.run_step([[sys.executable, "-c", parent]])
    assert sample.cpu >= 0.2
    assert sample.wall >= 0.2
    assert sample.peak > 5


@pytest.mark.timeout(30)
def test_commands_of_a_step_run_at_the_same_time(load: ModuleType, tmp_path: Path) -> None:
    measure = importlib.import_module(f"{load.__name__}.measure")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    measure.run_step([["sh", "-c", 'echo word > "$0"', str(pipe)], ["cat", str(pipe)]])


def test_a_run_that_fails_is_no_figure(load: ModuleType) -> None:
    measure = importlib.import_module(f"{load.__name__}.measure")
    with pytest.raises(measure.BenchmarkError, match="nothing there"):
        measure.run_step([[sys.executable, "-c", "import sys; sys.exit('nothing there')"]])
