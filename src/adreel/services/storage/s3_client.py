"""The settings and the client of an S3 bucket, and the translation of S3's errors. boto3 is loaded for the first client."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from adreel.domain.errors import SetupError, StorageError
from adreel.domain.remedy import Remedy

if TYPE_CHECKING:
    from boto3.s3.transfer import TransferConfig
    from botocore.exceptions import ClientError
    from mypy_boto3_s3 import S3Client


_ACLS = (
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
)
_CONNECTIONS_PER_JOB = 4


@dataclass(frozen=True, slots=True)
class S3Config:
    """A bucket and its access settings. Raises SetupError for invalid values.

    `endpoint`: base URL of an S3-compatible server, None for AWS. `public_url`: the endpoint as browsers reach it, if it
    differs. Without `access_key` and `secret_key` the usual places are searched (environment, profile, instance role).
    `acl`: a canned ACL for stored files; today's buckets mostly reject any. `checksums`: send and verify them; off for
    servers that do not support them. `part_bytes`: files from this size on are transferred in parts of this size.
    `jobs`: concurrent calls. `attempts`: attempts of a call in all. Times in seconds.
    """

    bucket: str
    region: str = "us-east-1"
    endpoint: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    public_url: str | None = None
    acl: str | None = None
    checksums: bool = True
    part_bytes: int = 8 * 1024 * 1024
    page_size: int = 1000
    jobs: int = 8
    attempts: int = 4
    connect_seconds: float = 5.0
    read_seconds: float = 30.0

    def __post_init__(self) -> None:
        if not self.bucket or not self.region:
            raise SetupError("S3 needs a bucket and a region; set both").with_remedy(Remedy.BUCKET_PLACE)
        _check_url("address", self.endpoint, Remedy.BUCKET_ADDRESS)
        _check_url("public address", self.public_url, Remedy.BUCKET_PUBLIC_ADDRESS)
        if self.acl is not None and self.acl not in _ACLS:
            advice = f"use one of {', '.join(_ACLS)}, or leave it empty"
            raise SetupError(f"the S3 ACL {self.acl!r} is not known; {advice}").with_remedy(Remedy.BUCKET_ACL)
        if (self.access_key is None) != (self.secret_key is None):
            raise SetupError("S3 needs an access key and its secret key; set both, or neither").with_remedy(
                Remedy.BUCKET_KEYS
            )

    @property
    def bases(self) -> tuple[str, ...]:
        """The base URLs of the bucket's files; adreel writes the first."""
        direct = f"https://{self.bucket}.s3.{self.region}.amazonaws.com"
        served = [f"{url.rstrip('/')}/{self.bucket}" for url in (self.endpoint, self.public_url) if url is not None]
        return (*served, direct) if self.endpoint is not None else (direct, *served)


def _check_url(what: str, url: str | None, remedy: Remedy) -> None:
    if url is not None and not url.startswith(("https://", "http://")):
        raise SetupError(
            f"the S3 server's {what} {url!r} is no http(s) URL; write it as https://host:port"
        ).with_remedy(remedy)


def make_client(config: S3Config, endpoint: str | None) -> S3Client:
    """Makes a thread-safe client. Takes some tenths of a second."""
    import boto3
    from botocore.config import Config

    checksums = "when_supported" if config.checksums else "when_required"
    # Not the default session: threads that make clients may not share it.
    return boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint,
        region_name=config.region,
        aws_access_key_id=config.access_key,
        aws_secret_access_key=config.secret_key,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "virtual" if endpoint is None else "path"},
            retries={"mode": "standard", "total_max_attempts": config.attempts},
            connect_timeout=config.connect_seconds,
            read_timeout=config.read_seconds,
            max_pool_connections=config.jobs * _CONNECTIONS_PER_JOB,
            request_checksum_calculation=checksums,
            response_checksum_validation=checksums,
        ),
    )


def transfer_config(config: S3Config) -> TransferConfig:
    from boto3.s3.transfer import TransferConfig

    return TransferConfig(
        multipart_threshold=config.part_bytes,
        multipart_chunksize=config.part_bytes,
        max_concurrency=_CONNECTIONS_PER_JOB,
        preferred_transfer_client="classic",
    )


class Cause(NamedTuple):
    """Why S3 did not do what it was asked for and what to do; what the user can change, if anything."""

    text: str
    remedy: Remedy | None = None


_CHECK_KEYS = "check the access key and the secret key, and what this key may do in the bucket"
_OTHER_REGION = Cause("the bucket is in another region; set its region", Remedy.BUCKET_REGION)

NO_BUCKET = Cause("there is no such bucket; make it, or set another one", Remedy.BUCKET)
NO_FILE = Cause("it is not there")

_CAUSES = {
    "NoSuchBucket": NO_BUCKET,
    "AccessDenied": Cause(f"access was denied; {_CHECK_KEYS}", Remedy.BUCKET_KEYS),
    "403": Cause(f"access was denied; {_CHECK_KEYS}", Remedy.BUCKET_KEYS),
    "InvalidAccessKeyId": Cause(f"the access key is not known; {_CHECK_KEYS}", Remedy.BUCKET_KEYS),
    "SignatureDoesNotMatch": Cause(f"the secret key is wrong; {_CHECK_KEYS}", Remedy.BUCKET_KEYS),
    "ExpiredToken": Cause(f"the credentials have expired; {_CHECK_KEYS}", Remedy.BUCKET_KEYS),
    "AccessControlListNotSupported": Cause("the bucket takes no ACLs; leave the ACL empty", Remedy.BUCKET_ACL),
    "RequestTimeTooSkewed": Cause("the clock of this machine is wrong; set it"),
    "AuthorizationHeaderMalformed": _OTHER_REGION,
    "PermanentRedirect": _OTHER_REGION,
    "301": _OTHER_REGION,
    "EntityTooLarge": Cause("the file is too large for this storage"),
}
_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
_BUSY = frozenset({408, 409, 429})


@contextmanager
def translated_errors(doing: str, place: str, missing: Cause = NO_FILE) -> Generator[None]:
    """Turns every error of the S3 client into a StorageError: ``cannot <doing> in <place>: why; what to do``.

    `missing` is the cause when the server answers only that something is missing.
    """
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    what = f"cannot {doing} in {place}"
    try:
        yield
    except ClientError as error:
        raise _of_answer(error, what, missing) from error
    except (Boto3Error, BotoCoreError) as error:
        # The transfer manager wraps the server's error and keeps only its text.
        if isinstance(error.__context__, ClientError):
            raise _of_answer(error.__context__, what, missing) from error
        raise _of_client(error, what) from error
    except OSError as error:
        raise StorageError(f"{what}: {error.strerror}") from error


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def is_missing(error: ClientError) -> bool:
    """True when there is no such file (or, where the server does not distinguish, no such bucket)."""
    return code_of(error) in _MISSING


def _of_answer(error: ClientError, what: str, missing: Cause) -> StorageError:
    code = code_of(error)
    cause = _CAUSES.get(code, missing if is_missing(error) else None)
    if cause is not None:
        return _failed(what, cause)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    retryable = status >= 500 or status in _BUSY
    return StorageError(f"{what}: the server answered {status} {code}", retryable=retryable)


def _of_client(error: Exception, what: str) -> StorageError:
    from botocore.exceptions import (
        ConnectionError,  # noqa: A004
        HTTPClientError,
        NoCredentialsError,
        PartialCredentialsError,
    )

    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return _failed(what, Cause(f"no credentials were found; {_CHECK_KEYS}", Remedy.BUCKET_KEYS))
    if isinstance(error, (ConnectionError, HTTPClientError)):
        cause = Cause("the server cannot be reached; check its address, or try again later", Remedy.BUCKET_ADDRESS)
        return _failed(what, cause, retryable=True)
    return StorageError(f"{what}: {error}")


def _failed(what: str, cause: Cause, *, retryable: bool = False) -> StorageError:
    return StorageError(f"{what}: {cause.text}", retryable=retryable).with_remedy(cause.remedy)
