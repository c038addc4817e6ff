from __future__ import annotations

import threading

import pytest

from adreel.domain.errors import CancelledError
from adreel.domain.work.cancellation import CancellationToken


def test_work_goes_on_until_it_is_cancelled() -> None:
    token = CancellationToken()
    token.check()
    assert not token.is_cancelled
    token.cancel()
    assert token.is_cancelled
    for _ in range(2):
        with pytest.raises(CancelledError):
            token.check()


def test_a_second_cancellation_changes_nothing() -> None:
    token = CancellationToken()
    token.cancel()
    token.cancel()
    assert token.is_cancelled


def test_tokens_are_independent() -> None:
    one, other = CancellationToken(), CancellationToken()
    one.cancel()
    other.check()


def test_a_thread_is_stopped_from_another() -> None:
    token, begun, ended = CancellationToken(), threading.Event(), threading.Event()

    def work() -> None:
        try:
            while True:
                token.check()
                begun.set()
        except CancelledError:
            ended.set()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert begun.wait(60)
    token.cancel()
    assert ended.wait(60)
    thread.join()
