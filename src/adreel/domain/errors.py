"""The errors that adreel raises. Each class fixes the cause, whether a retry can help, the exit code and the HTTP status.

    AdreelError
    ├── InputError          the user's input cannot be used as it is          exit 2, HTTP 422
    │   ├── PhotoError      a photo is unreadable, too small, too large
    │   ├── ClipError       a clip is broken, empty, disguised, too long
    │   ├── TextError       text that no available font can show, or that cannot fit
    │   ├── MusicError      a music file that cannot be used, an unknown genre
    │   ├── RecordingError  a recording of spoken lines that cannot be used
    │   ├── ClaimError      words of an ad that claim what its facts do not say
    │   └── OutputExistsError  a file that must not be replaced has the film's name
    ├── AuthError           the caller is not authenticated                   exit 1, HTTP 401
    ├── ForbiddenError      the caller's role does not allow it               exit 2, HTTP 403
    ├── NotFoundError       this user has no object with this id              exit 2, HTTP 404
    ├── ConflictError       the key already belongs to another request        exit 2, HTTP 409
    │   └── StageError      not possible at the session's stage
    ├── BudgetError         the cap would be exceeded, nothing was bought     exit 2, HTTP 402
    ├── LimitError          more than the operator allows the account         exit 2, HTTP 409
    │   └── RateError       the same, for a limited time                      exit 2, HTTP 429
    ├── BusyError           too many requests, try again later                exit 1, HTTP 429
    ├── GenerationError     a clip or image could not be made                 exit 1, HTTP 502
    │   ├── RefusedError          the provider rejects the order as it is
    │   ├── UnauthorizedError     the provider does not accept the token
    │   ├── NoCreditError         the account at the provider is empty
    │   ├── ThrottledError        the provider asks to wait
    │   ├── UnavailableError      the provider cannot be reached or is broken
    │   ├── AmbiguousSubmitError  an order may or may not have been accepted
    │   ├── UnknownOrderError     the outcome cannot be determined, so the order is not placed again
    │   └── ExpiredError          the provider has removed the result
    ├── StorageError        a file could not be stored or fetched             exit 1, HTTP 503
    │   ├── NoSpaceError    a disk is full, or would be                       exit 2, HTTP 507
    │   └── DownloadError   a remote file could not or may not be downloaded  exit 1, HTTP 502
    ├── RenderError         ffmpeg, an encoder or a renderer failed           exit 1, HTTP 500
    │   ├── ToolError       a process failed, hung or exceeded its limits
    │   └── JoinError       segments whose stream headers differ
    ├── MachineError        a tool ran out of memory or disk space            exit 1, HTTP 503
    ├── KilledError         work that was killed repeatedly                   exit 1, HTTP 500
    ├── CheckError          the finished film failed a check                  exit 1, HTTP 500
    ├── SetupError          the installation lacks something it needs         exit 1, HTTP 500
    ├── InternalError       a bug in adreel, or work that kept crashing       exit 1, HTTP 500
    ├── LostLeaseError      another process declared this one dead            exit 1, HTTP 503
    └── CancelledError      the user requested a stop                         exit 130, HTTP 409

A message is one line, names the file or value at fault and says what to do. Where that takes an option, a setting or a
request, the error has a `remedy`, and the door (command line, API) adds its name.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from adreel.domain.costs.money import dollars, dollars_left, dollars_needed
from adreel.domain.redaction import without_credentials
from adreel.domain.remedy import Remedy


class AdreelError(Exception):
    """Base of all errors that adreel raises on purpose. ``str(error)`` is one line that can be shown to a user.

    Credentials inside URLs are removed from it.
    """

    exit_code: int = 1
    http_status: int = 500
    retryable: bool = False
    remedy: Remedy | None = None

    def __init__(self, message: str) -> None:
        super().__init__(without_credentials(" ".join(message.split())))

    def with_remedy(self, remedy: Remedy | None) -> Self:
        """The same error, with what a user can change to avoid it."""
        self.remedy = remedy
        return self


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


class RecordingError(InputError):
    pass


class ClaimError(InputError):
    """`sentence`, at the place `where` of an ad, claims `kind` (such as "a superlative") by `words`, without a source."""

    def __init__(self, where: str, sentence: str, words: str, kind: str) -> None:
        super().__init__(
            f"{where}: {sentence!r} claims {kind} ({words.strip()!r}) without a source among the facts and the offer; "
            "add what it rests on to the facts, or reword it"
        )
        self.where, self.sentence, self.words, self.kind = where, sentence, words, kind


class OutputExistsError(InputError):
    pass


class AuthError(AdreelError):
    http_status = 401


class ForbiddenError(AdreelError):
    exit_code = 2
    http_status = 403


class NotFoundError(AdreelError):
    exit_code = 2
    http_status = 404


class ConflictError(AdreelError):
    exit_code = 2
    http_status = 409


class StageError(ConflictError):
    """`stage` is the session's stage, if known."""

    def __init__(self, message: str, stage: str | None = None) -> None:
        super().__init__(message)
        self.stage = stage


class BudgetError(AdreelError):
    """`needed`, `left` and `cap` in US dollars; `whose` is "session", "account", or "day" for the daily spending limit."""

    exit_code = 2
    http_status = 402

    def __init__(self, whose: str, needed: Decimal, left: Decimal, cap: Decimal) -> None:
        of, advice = f"the {'film' if whose == 'session' else whose}'s budget", "Raise the budget"
        if whose == "day":
            of, advice = "this UTC day's limit", "Wait until midnight UTC"
        super().__init__(
            f"this would cost {dollars_needed(needed)}, but only {dollars_left(left)} of {of} of {dollars(cap)} is left; "
            "nothing was bought. "
            f"{advice} or choose a cheaper model or fewer clips"
        )
        self.whose, self.needed, self.left, self.cap = whose, needed, left, cap


class LimitError(AdreelError):
    """`name` is one of `domain.limits.LimitName`; `limit` is the limit itself, a count or US dollars."""

    exit_code = 2
    http_status = 409

    def __init__(self, message: str, name: str, limit: int | Decimal) -> None:
        super().__init__(message)
        self.name, self.limit = name, limit


class RateError(LimitError):
    """`retry_after` in seconds."""

    http_status = 429

    def __init__(self, message: str, name: str, limit: int | Decimal, retry_after: int) -> None:
        super().__init__(message, name, limit)
        self.retry_after = retry_after


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
    """`retry_after` in seconds, as the provider reported it."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class UnavailableError(GenerationError):
    pass


class AmbiguousSubmitError(GenerationError):
    pass


class UnknownOrderError(GenerationError):
    """An order may have been placed, and its outcome cannot be determined yet. Its price stays reserved until it can."""

    retryable = False


class ExpiredError(GenerationError):
    retryable = False

    @classmethod
    def of(cls, model: str, what: str, job_id: str) -> Self:
        """`what` is a clip, a picture or an answer."""
        return cls(
            f"{model}: the provider has already removed the {what} of job {job_id}, which stays paid for; try again for another"
        )


class StorageError(AdreelError):
    """A retry can help unless `retryable` is False: a wrong key stays wrong, a full disk may be cleared."""

    http_status = 503
    retryable = True

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__(message)
        self.retryable = retryable


class NoSpaceError(StorageError):
    """`folder` is on the full disk; `needed` and `free` in bytes, if known. A retry helps once there is space."""

    exit_code = 2
    http_status = 507

    def __init__(
        self, message: str, *, folder: str | None = None, needed: int | None = None, free: int | None = None
    ) -> None:
        super().__init__(message)
        self.folder, self.needed, self.free = folder, needed, free


class DownloadError(StorageError):
    http_status = 502


class RenderError(AdreelError):
    pass


class ToolError(RenderError):
    pass


class JoinError(RenderError):
    pass


class MachineError(AdreelError):
    """A tool failed because of this machine, not its input: it may work on another machine or with more memory or space."""

    http_status = 503
    retryable = True


class KilledError(AdreelError):
    """Work that stopped its worker, or was killed within it, `times` times."""

    def __init__(self, times: int) -> None:
        super().__init__(
            f"the work was killed {times} times, along with its worker or one of its tools, and is not begun again by itself; "
            "everything that was bought or made is kept. Try again, or choose another photo, model or size"
        )
        self.times = times


class CheckError(AdreelError):
    pass


class SetupError(AdreelError):
    pass


class InternalError(AdreelError):
    pass


class LostLeaseError(AdreelError):
    """Another process has taken over this process's work: this one must write nothing more."""

    http_status = 503


class CancelledError(AdreelError):
    exit_code = 130
    http_status = 409
