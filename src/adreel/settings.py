"""Settings from the environment (``ADREEL_*``) and ``.env``. Read by cli and bootstrap only."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_data_path
from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from adreel.domain.errors import InputError

PREFIX = "ADREEL_"
_SECRETS = (
    "database_url",
    "s3_secret_key",
    "secret_key",
    "metrics_token",
    "replicate_api_token",
    "replicate_webhook_secret",
)


def _split(value: Any) -> Any:  # noqa: ANN401 (what pydantic hands over)
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""Several values in one variable, with commas between."""


class Settings(BaseSettings):
    """Every setting of adreel. Each field's description is what the README's table says."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(
        default_factory=lambda: user_data_path("adreel", appauthor=False),
        description="Folder of the caches, the embedded database and stored films",
    )
    ffmpeg: Path | None = Field(default=None, description="An ffmpeg to use instead of the one that adreel brings")
    jobs: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, le=64, description="How many clips are made at once"
    )
    cache_gb: float = Field(
        default=5.0, gt=0, description="Size up to which encoded clips are kept for the next film, in gigabytes"
    )

    database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL, such as `postgresql://user:password@host/name`, instead of the embedded SQLite",
    )
    s3_bucket: str | None = Field(default=None, description="Keep files in this S3 bucket instead of the data folder")
    s3_endpoint: str | None = Field(default=None, description="Address of an S3-compatible server that is not AWS")
    s3_region: str = Field(default="us-east-1", description="Region of the bucket")
    s3_access_key: str | None = Field(default=None, description="Key for S3; without it, boto3's own ways to find one")
    s3_secret_key: SecretStr | None = Field(default=None, description="Secret of that key")
    s3_public_url: str | None = Field(
        default=None, description="The S3 server's address as browsers see it, where it differs from the endpoint"
    )
    s3_checksums: bool = Field(default=True, description="`false` for S3 servers that do not know checksums")
    s3_acl: str | None = Field(default=None, description="ACL of stored objects; new AWS buckets refuse any")

    auth: Literal["auto", "on"] = Field(
        default="auto", description="`on`: everybody logs in; `auto`: unless the service listens on this machine only"
    )
    secret_key: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="Signs links to media; set the same for all API processes (else one is kept in the data folder)",
    )
    public_url: str | None = Field(
        default=None, description="The service's address as its users see it, for whole links and allowed origins"
    )
    cors_origins: Names = Field(
        default=(), description="Web pages of other origins that may use the API, with commas between"
    )
    upload_mb: int = Field(default=50, ge=1, le=2000, description="Largest photo taken, in megabytes")
    metrics_token: SecretStr | None = Field(
        default=None, description="Bearer token for `/metrics` where people log in; without it none are served there"
    )
    hosted_clips: int = Field(
        default=16, ge=1, le=500, description="How many clips are ordered from providers at once, over all workers"
    )
    session_budget: Decimal = Field(
        default=Decimal(20),
        ge=0,
        description="US dollars that one session may spend on hosted models, unless it is given another budget",
    )
    lease_seconds: float = Field(
        default=20.0, ge=2, description="After this silence a worker counts as dead and others take over its work"
    )
    retention_days: int = Field(default=30, ge=1, description="How long finished workflows are remembered")
    log_json: bool = Field(default=False, description="Log lines as JSON objects")

    replicate_api_token: SecretStr | None = Field(default=None, description="Account at Replicate, for hosted models")
    replicate_base_url: str = Field(
        default="https://api.replicate.com/v1", description="Where Replicate, or the stand-in for it, answers"
    )
    replicate_creates_per_minute: int = Field(
        default=600, ge=1, description="Orders placed at most; accounts with less than $5 of credit have 6"
    )
    webhooks: Literal["auto", "on", "off"] = Field(
        default="auto",
        description="Whether providers are asked to tell of ends, which saves waiting: `auto` where the public URL is https",
    )
    replicate_webhook_secret: SecretStr | None = Field(
        default=None, description="What Replicate signs its webhooks with; without it, the account is asked"
    )
    download_hosts: Names = Field(
        default=(),
        description="Hosts that files may be fetched from even where the address is private, with commas between",
    )
    models: Path | None = Field(
        default=None, description="A TOML file with models of your own, on top of the catalogue"
    )

    @property
    def lines(self) -> tuple[str, ...]:
        """Every setting with its value, as it would be written in the environment; secrets are not told."""
        return tuple(f"{PREFIX}{name.upper()}={_shown(name, value)}" for name, value in self)


def read_settings(**given: object) -> Settings:
    """Settings from the environment; those `given` by name go before. Raises InputError that names the variable at fault."""
    unknown = set(given) - set(Settings.model_fields)
    if unknown:
        raise InputError(
            f"adreel has no setting {', '.join(sorted(unknown))}; it has {', '.join(Settings.model_fields)}"
        )
    try:
        return Settings(**given)  # pyright: ignore[reportArgumentType] (checked by pydantic)
    except ValidationError as error:
        fault = error.errors()[0]
        name = str(fault["loc"][0])
        value = "" if name in _SECRETS else f"={fault['input']!r}"
        raise InputError(f"{PREFIX}{name.upper()}{value} cannot be used: {fault['msg']}") from error


def _shown(name: str, value: object) -> str:
    if value is None:
        return ""
    if name in _SECRETS:
        return "(set)"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)  # pyright: ignore[reportUnknownArgumentType]
