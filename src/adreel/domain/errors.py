"""Errors of adreel. Each carries a decision: who is to blame, whether trying again can help, what to do.

    AdreelError
    ├── InputError          the person's input cannot be used as it is        exit 2, HTTP 422
    │   ├── PhotoError      a photo is unreadable, too small, too large
    │   ├── ClipError       a clip is broken, empty, disguised, too long
    │   ├── TextError       text that no available font can show, or that cannot fit
    │   └── MusicError      a music file that cannot be used, an unknown genre
    ├── GenerationError     a clip or image could not be made                 exit 1, HTTP 502
    ├── StorageError        a file could not be stored or fetched             exit 1, HTTP 503
    ├── RenderError         ffmpeg, an encoder or a renderer failed           exit 1, HTTP 500
    │   ├── ToolError       a process failed, hung or ran over its limits
    │   └── JoinError       segments whose stream headers differ
    ├── CheckError          the finished film failed a check                  exit 1, HTTP 500
    ├── SetupError          the installation lacks something it needs         exit 1, HTTP 500
    └── CancelledError      the person asked to stop                          exit 130, HTTP 409

A message is one line, names the file or value at fault and says what to do.
"""

from __future__ import annotations


class AdreelError(Exception):
    """Base of all errors that adreel raises on purpose. ``str(error)`` is one line fit to be shown to a person."""

    exit_code: int = 1
    http_status: int = 500
    retryable: bool = False

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class InputError(AdreelError):
    exit_code = 2
    http_status = 422


class PhotoError(InputError):
    pass


class ClipError(InputError):
    pass


class TextError(InputError):
    pass


class MusicError(InputError):
    pass


class GenerationError(AdreelError):
    http_status = 502
    retryable = True


class StorageError(AdreelError):
    http_status = 503
    retryable = True


class RenderError(AdreelError):
    pass


class ToolError(RenderError):
    pass


class JoinError(RenderError):
    pass


class CheckError(AdreelError):
    pass


class SetupError(AdreelError):
    pass


class CancelledError(AdreelError):
    exit_code = 130
    http_status = 409
