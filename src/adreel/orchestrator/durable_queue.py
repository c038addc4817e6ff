"""The thread that looks into one queue of the durable engine, and can be woken when there is something in it."""

from __future__ import annotations

import math
import threading
import time

from dbos import DBOS, Queue
from dbos._queue import queue_worker_thread


class Alarm(threading.Event):
    """An Event whose waiting can be cut short without setting it."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()
        self._at = 0.0

    def wake(self, seconds: float = 0.0) -> None:
        """Ends the waiting in so many seconds; whoever does not wait now has it ended when they next do."""
        with self._changed:
            self._at = min(self._at, time.monotonic() + seconds)
            self._changed.notify_all()

    def set(self) -> None:
        super().set()
        self.wake()

    def wait(self, timeout: float | None = None) -> bool:
        """Whether it is set, at once then, else after `timeout` seconds or when woken. The first time it does not wait."""
        end = math.inf if timeout is None else time.monotonic() + timeout
        with self._changed:
            while not self.is_set() and (left := min(end, self._at) - time.monotonic()) > 0:
                self._changed.wait(None if left == math.inf else left)
            self._at = math.inf
        return self.is_set()


class QueueWatch:
    """Takes work from a queue until the engine lets its threads stop."""

    def __init__(self, engine: DBOS, queue: Queue) -> None:
        self._alarm = Alarm()
        engine.background_thread_stop_events.append(self._alarm)
        name, work = f"queue-{queue.name}", (self._alarm, engine, queue)
        thread = threading.Thread(target=queue_worker_thread, args=work, name=name, daemon=True)
        # The engine waits for these when it is destroyed.
        engine._background_threads.append(thread)  # noqa: SLF001 (see tests/integration/orchestrator/test_durable_contract.py)
        thread.start()

    def wake(self, seconds: float = 0.0) -> None:
        """The queue is looked into in so many seconds, or earlier."""
        self._alarm.wake(seconds)
