"""Errors of adreel. Each carries a decision: who is to blame, whether trying again can help, what to do.

    AdreelError
    ├── InputError          the person's input cannot be used as it is        exit 2, HTTP 422
    │   ├── PhotoError      a photo is unreadable, too small, too large
    │   ├── ClipError       a clip is broken, empty, disguised, too long
    │   ├── TextError       text that no available font can show, or that cannot fit
    │   └── MusicError      a music file that cannot be used, an unknown genre
    ├── AuthError           who is asking is not known                        exit 1, HTTP 401
    ├── NotFoundError       nothing of this id is there for this person       exit 2, HTTP 404
    ├── ConflictError       the same key stands for something else            exit 2, HTTP 409
    │   └── StageError      not possible at the stage that the session is in
    ├── BudgetError         the cap would be overrun, nothing was bought      exit 1, HTTP 402
    ├── BusyError           too many requests, try again later                exit 1, HTTP 429
    ├── GenerationError     a clip or image could not be made                 exit 1, HTTP 502
    │   ├── RefusedError          the provider refuses the order as it is
    │   ├── UnauthorizedError     the provider does not accept the token
    │   ├── NoCreditError         the account at the provider is empty
    │   ├── ThrottledError        the provider asks to wait
    │   ├── UnavailableError      the provider cannot be reached or is broken
    │   ├── AmbiguousSubmitError  an order may or may not have been accepted
    │   └── ExpiredError          the provider has removed the result
    ├── StorageError        a file could not be stored or fetched             exit 1, HTTP 503
    │   └── DownloadError   a file elsewhere could not or may not be fetched  exit 1, HTTP 502
    ├── RenderError         ffmpeg, an encoder or a renderer failed           exit 1, HTTP 500
    │   ├── ToolError       a process failed, hung or ran over its limits
    │   └── JoinError       segments whose stream headers differ
    ├── CheckError          the finished film failed a check                  exit 1, HTTP 500
    ├── SetupError          the installation lacks something it needs         exit 1, HTTP 500
    ├── InternalError       a mistake of ours, or work that kept dying        exit 1, HTTP 500
    ├── LostLeaseError      this process was taken for dead                   exit 1, HTTP 503
    └── CancelledError      the person asked to stop                          exit 130, HTTP 409

A message is one line, names the file or value at fault and says what to do.
"""

from __future__ import annotations

from decimal import Decimal


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


class AuthError(AdreelError):
    http_status = 401


class NotFoundError(AdreelError):
    exit_code = 2
    http_status = 404


class ConflictError(AdreelError):
    exit_code = 2
    http_status = 409


class StageError(ConflictError):
    """`stage` is where the session is, when that is known."""

    def __init__(self, message: str, stage: str | None = None) -> None:
        super().__init__(message)
        self.stage = stage


class BudgetError(AdreelError):
    """`needed`, `left` and `cap` in US dollars; `whose` is "session" or "account"."""

    http_status = 402

    def __init__(self, whose: str, needed: Decimal, left: Decimal, cap: Decimal) -> None:
        super().__init__(
            f"this would cost ${needed}, but only ${left} of the {whose}'s budget of ${cap} is left; nothing was bought. "
            f"Raise the budget or choose a cheaper model or fewer clips"
        )
        self.whose, self.needed, self.left, self.cap = whose, needed, left, cap


class BusyError(AdreelError):
    """`retry_after` in seconds."""

    http_status = 429
    retryable = True

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class GenerationError(AdreelError):
    http_status = 502
    retryable = True


class RefusedError(GenerationError):
    retryable = False


class UnauthorizedError(GenerationError):
    retryable = False


class NoCreditError(GenerationError):
    retryable = False


class ThrottledError(GenerationError):
    """`retry_after` in seconds, as the provider says."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class UnavailableError(GenerationError):
    pass


class AmbiguousSubmitError(GenerationError):
    pass


class ExpiredError(GenerationError):
    retryable = False


class StorageError(AdreelError):
    """Trying again helps unless `retryable` is given as False: a wrong key stays wrong, a full disk may be cleared."""

    http_status = 503
    retryable = True

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__(message)
        self.retryable = retryable


class DownloadError(StorageError):
    http_status = 502


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


class InternalError(AdreelError):
    pass


class LostLeaseError(AdreelError):
    """Others have taken over this process's work: it may write nothing more."""

    http_status = 503


class CancelledError(AdreelError):
    exit_code = 130
    http_status = 409
