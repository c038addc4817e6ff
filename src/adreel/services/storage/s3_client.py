"""How to reach a bucket, and the client made of it. boto3 is loaded when the first client is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adreel.domain.errors import SetupError

if TYPE_CHECKING:
    from boto3.s3.transfer import TransferConfig
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.literals import ObjectCannedACLType

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
    """A bucket and how to reach it. Raises SetupError for values that cannot be right.

    `endpoint`: base URL of an S3-compatible server, None for AWS. `public_url`: the endpoint as browsers reach it, where that
    differs. Without `access_key` and `secret_key` the usual places are searched (environment, profile, instance role).
    `acl`: a canned ACL for what is stored; buckets of today mostly refuse any. `checksums`: send and verify them; off for
    servers that do not know them. `part_bytes`: files from this size on are sent and fetched in parts of this size.
    `jobs`: how many calls run at a time. `attempts`: how often a call is tried in all. Times in seconds.
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
            raise SetupError("S3 needs a bucket and a region; set ADREEL_S3_BUCKET and ADREEL_S3_REGION")
        for name, url in (("ENDPOINT", self.endpoint), ("PUBLIC_URL", self.public_url)):
            if url is not None and not url.startswith(("https://", "http://")):
                raise SetupError(f"ADREEL_S3_{name}={url} is no http(s) URL; write it as https://host:port")
        if self.acl is not None and self.acl not in _ACLS:
            raise SetupError(f"ADREEL_S3_ACL={self.acl} is not known; use one of {', '.join(_ACLS)}, or leave it empty")
        if (self.access_key is None) != (self.secret_key is None):
            raise SetupError("set ADREEL_S3_ACCESS_KEY and ADREEL_S3_SECRET_KEY, or neither")

    @property
    def bases(self) -> tuple[str, ...]:
        """Where the bucket's files are by URL; the first is how adreel writes it."""
        direct = f"https://{self.bucket}.s3.{self.region}.amazonaws.com"
        served = [f"{url.rstrip('/')}/{self.bucket}" for url in (self.endpoint, self.public_url) if url is not None]
        return (*served, direct) if self.endpoint is not None else (direct, *served)

    @property
    def canned_acl(self) -> ObjectCannedACLType | None:
        return next((acl for acl in _ACLS if acl == self.acl), None)


def make_client(config: S3Config, endpoint: str | None) -> S3Client:
    """A client, safe to use from several threads. Takes some tenths of a second."""
    import boto3
    from botocore.config import Config

    checksums = "when_supported" if config.checksums else "when_required"
    # A session of its own: the default one may not be shared by threads that make clients.
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
