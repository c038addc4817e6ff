"""The words for users about a failure. The text of faults within adreel and its tools goes to the log."""

from __future__ import annotations

import logging

from adreel.domain.errors import AdreelError, InternalError, RenderError

_log = logging.getLogger(__name__)

SERVICE_FAULT = (
    "it could not be made because of a fault of the service, not of what you gave; try again, and tell the operator "
    "if it happens again"
)


def failure_words(error: Exception, of: str) -> str:
    """The message about an error that ended work; `of` names the work in the log, by its id."""
    if isinstance(error, AdreelError) and not isinstance(error, RenderError | InternalError):
        return str(error)
    _log.error("%s: %s: %s", of, type(error).__name__, error)
    return SERVICE_FAULT
