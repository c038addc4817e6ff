"""What S3 and its client say, told as our errors. The only place that knows their codes."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from adreel.domain.errors import StorageError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_KEYS_ADVICE = "check ADREEL_S3_ACCESS_KEY and ADREEL_S3_SECRET_KEY, and what this key may do in the bucket"
_REGION_ADVICE = "the bucket is in another region; set ADREEL_S3_REGION"

NO_BUCKET = "there is no such bucket; make it, or set ADREEL_S3_BUCKET"

_ADVICE = {
    "NoSuchBucket": NO_BUCKET,
    "AccessDenied": f"access was denied; {_KEYS_ADVICE}",
    "403": f"access was denied; {_KEYS_ADVICE}",
    "InvalidAccessKeyId": f"the access key is not known; {_KEYS_ADVICE}",
    "SignatureDoesNotMatch": f"the secret key is wrong; {_KEYS_ADVICE}",
    "ExpiredToken": f"the credentials have expired; {_KEYS_ADVICE}",
    "AccessControlListNotSupported": "the bucket takes no ACLs; leave ADREEL_S3_ACL empty",
    "RequestTimeTooSkewed": "the clock of this machine is wrong; set it",
    "AuthorizationHeaderMalformed": _REGION_ADVICE,
    "PermanentRedirect": _REGION_ADVICE,
    "301": _REGION_ADVICE,
    "EntityTooLarge": "the file is too large for this storage",
}
_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
_BUSY = frozenset({408, 409, 429})


@contextmanager
def told_as_ours(doing: str, place: str, missing: str = "it is not there") -> Generator[None]:
    """Turns every error of the S3 client into a StorageError: ``cannot <doing> in <place>: why; what to do``.

    `missing` is what to say when the server answers only that something is not there.
    """
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    what = f"cannot {doing} in {place}"
    try:
        yield
    except ClientError as error:
        raise _of_answer(error, what, missing) from error
    except (Boto3Error, BotoCoreError) as error:
        # The transfer manager wraps what the server answered and tells only its text.
        if isinstance(error.__context__, ClientError):
            raise _of_answer(error.__context__, what, missing) from error
        raise _of_client(error, what) from error
    except OSError as error:
        raise StorageError(f"{what}: {error.strerror}") from error


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def is_missing(error: ClientError) -> bool:
    """True when there is no such file (or, where the server does not tell the two apart, no such bucket)."""
    return code_of(error) in _MISSING


def _of_answer(error: ClientError, what: str, missing: str) -> StorageError:
    code = code_of(error)
    if code in _ADVICE:
        return StorageError(f"{what}: {_ADVICE[code]}", retryable=False)
    if is_missing(error):
        return StorageError(f"{what}: {missing}", retryable=False)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    again = status >= 500 or status in _BUSY
    return StorageError(f"{what}: the server answered {status} {code}", retryable=again)


def _of_client(error: Exception, what: str) -> StorageError:
    from botocore.exceptions import (
        ConnectionError,  # noqa: A004
        HTTPClientError,
        NoCredentialsError,
        PartialCredentialsError,
    )

    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return StorageError(f"{what}: no credentials were found; {_KEYS_ADVICE}", retryable=False)
    if isinstance(error, (ConnectionError, HTTPClientError)):
        return StorageError(f"{what}: the server cannot be reached; check ADREEL_S3_ENDPOINT, or try again later")
    return StorageError(f"{what}: {error}")
