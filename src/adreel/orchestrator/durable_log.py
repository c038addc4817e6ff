"""What the durable engine may say in the log: failures of jobs are told to their sessions, cancellations are no errors."""

from __future__ import annotations

import logging

from adreel.domain.errors import AdreelError

_EXPECTED = ("was cancelled", "is cancelled", "no longer owned", "Asyncio task cancelled")
_CANCELLATIONS = ("CancelledError", "DBOSWorkflowCancelledError", "DBOSAwaitedWorkflowCancelledError")


class _Quiet(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, AdreelError) or type(error).__name__ in _CANCELLATIONS:
            return False
        return not any(words in record.getMessage() for words in _EXPECTED)


def quiet_engine_log() -> None:
    """Lets the engine's warnings through to the handlers of the program, and nothing of its own to the terminal."""
    logger = logging.getLogger("dbos")
    if not any(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
        # The engine sets up a console of its own unless it finds a handler.
        logger.addHandler(logging.NullHandler())
        logger.addFilter(_Quiet())
        logger.setLevel(logging.WARNING)
