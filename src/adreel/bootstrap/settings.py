"""Reads settings from the environment (``ADREEL_*``) and ``.env``. Used by cli, server and bootstrap only."""

from __future__ import annotations

import os
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from platformdirs import user_data_path
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from adreel.bootstrap.environment import variables
from adreel.domain.accounts.limits import UNLIMITED
from adreel.domain.errors import InputError
from adreel.domain.network import Network, parse_networks
from adreel.domain.redaction import without_credentials
from adreel.providers.registry import providers

PREFIX = "ADREEL_"

_OF_THE_TESTS = frozenset({"CHROMIUM"})
"""Variables that adreel's own tests read."""


def _split(value: Any) -> Any:  # noqa: ANN401 (what pydantic hands over)
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _limit(value: Any) -> Any:  # noqa: ANN401 (what pydantic hands over)
    return None if isinstance(value, str) and value.strip().lower() == UNLIMITED else value


def _unless_off(value: Any) -> Any:  # noqa: ANN401 (what pydantic hands over)
    return None if isinstance(value, str) and value.strip().lower() in ("", "off") else value


Switchable = Annotated[str | None, BeforeValidator(_unless_off)]
"""An address; `off` in the environment becomes None."""

Count = Annotated[Annotated[int, Field(ge=0)] | None, BeforeValidator(_limit)]
Dollars = Annotated[Annotated[Decimal, Field(ge=0, allow_inf_nan=False)] | None, BeforeValidator(_limit)]
"""A limit; `unlimited` in the environment becomes None."""

Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""Several values in one variable, separated by commas."""


def _networks(value: Any) -> Any:  # noqa: ANN401 (what pydantic hands over)
    try:
        return parse_networks(_split(value))
    except InputError as error:
        raise ValueError(str(error)) from error


Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)]


class Settings(BaseSettings):
    """Every setting of adreel. The README's table shows each field's description."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

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
    memory_mb: int = Field(
        default=2048,
        ge=256,
        description="Memory that decoding photos may take at a time, in megabytes; a photo that needs more is refused",
    )

    min_free_mb: int | None = Field(
        default=None,
        ge=0,
        description="Free space in megabytes below which no work is started; by default 256, or a twentieth of a small disk",
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
        default="auto",
        description="`on`: all users log in; `auto`: unless only this machine can reach the service, judging by the address that "
        "it listens on, the public URL and the trusted proxies",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="Signs links to media; set the same for all API processes (else one is kept in the data folder)",
    )
    public_url: str | None = Field(
        default=None, description="The service's address as its users see it, for whole links and allowed origins"
    )
    trusted_proxies: Networks = Field(
        default=(),
        description="Addresses or CIDR blocks of the proxies in front of the service, separated by commas: only their "
        "`X-Forwarded-For`, `-Proto` and `-Host` and `traceparent` are trusted",
    )
    cors_origins: Names = Field(
        default=(), description="Web pages of other origins that may use the API, with commas between"
    )
    upload_mb: int = Field(default=50, ge=1, le=2000, description="Largest photo taken, in megabytes")
    max_connections: int = Field(default=2048, ge=1, le=60_000, description="Connections that may be open at once")
    max_connections_per_address: int = Field(
        default=256,
        ge=0,
        description="Connections from one address at once; 0 for any number, as behind a proxy on another machine",
    )
    listeners_per_user: int = Field(
        default=50, ge=1, description="WebSockets by which one user may follow sessions at once, in each API process"
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description="Bearer token that `/metrics` requires; without it, only a service without logins has `/metrics`, for "
        "all users of its machine",
    )
    hosted_clips: int = Field(
        default=16, ge=1, le=500, description="How many clips are ordered from providers at once, over all workers"
    )
    session_budget: Decimal = Field(
        default=Decimal(20),
        ge=0,
        description="US dollars that one session may spend on hosted models, unless it is given another budget",
    )
    compose_price: Decimal = Field(
        default=Decimal("0.00"),
        ge=0,
        le=1000,
        decimal_places=6,
        allow_inf_nan=False,
        description="US dollars that the service books for each film that it composes, within the budgets",
    )
    limit_sessions: Count = Field(
        default=1000,
        description="Sessions that an account may have, unless it was given another limit; `unlimited` here and below: none",
    )
    limit_sessions_per_hour: Count = Field(
        default=200, description="New sessions of an account in an hour; what was deleted counts too"
    )
    limit_stored_mb: Count = Field(default=20000, description="Stored files of an account, in megabytes")
    limit_jobs: Count = Field(default=16, description="Jobs of an account that are under way at once")
    limit_photos: Count = Field(default=10000, description="Images of an account, in all its sessions")
    limit_keys: Count = Field(default=20, description="API keys of an account")
    limit_dollars_per_day: Dollars = Field(
        default=Decimal(50), description="US dollars that an account may spend on hosted models in a day (UTC)"
    )
    limit_budget: Dollars = Field(
        default=Decimal(100),
        description="US dollars that an account may spend altogether: the highest budget that it can give itself",
    )
    batch_rows: Count = Field(
        default=10_000, description="Rows that the feed of one batch may have; `unlimited`: up to 100,000"
    )
    batch_mb: int = Field(default=64, ge=1, le=256, description="Size of the feed of one batch, in megabytes")
    batch_dollars: Dollars = Field(
        default=Decimal(100), description="US dollars that the films of one batch may cost; `unlimited`: no limit"
    )
    lease_seconds: float = Field(
        default=20.0, ge=2, description="After this silence a worker counts as dead and others take over its work"
    )
    retention_days: int = Field(default=30, ge=1, description="How long finished workflows are remembered")
    keep_days: int | None = Field(
        default=None,
        ge=1,
        description="Days after which unchanged sessions are deleted with all their files; unset keeps them",
    )
    log_json: bool = Field(default=False, description="Log lines as JSON objects")
    traces: Switchable = Field(
        default=None,
        description="Address of an OpenTelemetry collector, such as `http://127.0.0.1:4318`: traces are sent to it by OTLP over "
        "HTTP, which needs `adreel[traces]`; unset or `off`: no traces",
    )
    worker_metrics: Switchable = Field(
        default=None,
        description="Address and port at which `adreel worker` serves `/metrics`, such as `127.0.0.1:9100`; other machines need "
        "`ADREEL_METRICS_TOKEN`; unset or `off`: not served",
    )

    replicate_api_token: SecretStr | None = Field(default=None, description="Account at Replicate, for hosted models")
    replicate_base_url: str = Field(
        default="https://api.replicate.com/v1", description="Where Replicate, or the stand-in for it, answers"
    )
    replicate_creates_per_minute: int = Field(
        default=600, ge=1, description="Orders placed at most; accounts with less than $5 of credit have 6"
    )
    webhooks: Literal["auto", "on", "off"] = Field(
        default="auto",
        description="Whether providers send webhooks when jobs end, which saves waiting: `auto` where the public URL is https",
    )
    replicate_webhook_secret: SecretStr | None = Field(
        default=None,
        description="Signing secret of Replicate's webhooks; without it, adreel fetches it from the account",
    )
    download_hosts: Names = Field(
        default=(),
        description="Hosts that files may be fetched from even where the address is private, with commas between",
    )
    webhook_hosts: Names = Field(
        default=(),
        description="Hosts that webhooks of users may be sent to even where the address is private, with commas between",
    )
    models: Path | None = Field(
        default=None, description="A TOML file with models of your own, on top of the catalogue"
    )
    placements: Path | None = Field(
        default=None, description="A TOML file with placements and rules of your own, laid over those that ship"
    )
    content_credentials: bool = Field(
        default=True, description="`false`: films are not signed with content credentials"
    )
    c2pa_cert: Path | None = Field(
        default=None,
        description="PEM file of a bought certificate that signs films, with its chain; without it, one made in the data folder, "
        "which viewers show as untrusted",
    )
    c2pa_key: Path | None = Field(default=None, description="PEM file of its key, without a password")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (replaced by _Environment)
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (replaced by _Environment)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (not used)
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, _Environment(settings_cls)

    @property
    def lines(self) -> tuple[str, ...]:
        """Every setting with its value, in the form of the environment; without secrets and credentials in URLs."""
        return tuple(f"{PREFIX}{name.upper()}={_shown(name, value)}" for name, value in self)


class _Environment(PydanticBaseSettingsSource):
    """The settings that the environment and ``.env`` hold, as text."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 (pydantic's)
        return variables(PREFIX).get(f"{PREFIX}{field_name.upper()}"), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = variables(PREFIX)
        names = {name: f"{PREFIX}{name.upper()}" for name in self.settings_cls.model_fields}
        return {name: found[variable] for name, variable in names.items() if variable in found}


def unknown_variables() -> tuple[str, ...]:
    """One line for each variable that begins as ours do and is no setting, with the setting of the nearest name."""
    known = [f"{PREFIX}{name.upper()}" for name in _with_accounts(tuple(providers())).model_fields]
    others = {f"{PREFIX}{name}" for name in _OF_THE_TESTS}
    return tuple(_unknown(name, known) for name in sorted(variables(PREFIX)) if name not in {*known, *others})


def _unknown(name: str, known: list[str]) -> str:
    # Without the prefix, by which all names are alike.
    near = get_close_matches(name.removeprefix(PREFIX), [each.removeprefix(PREFIX) for each in known], n=1)
    return f"{name} is no setting of adreel" + (f"; did you mean {PREFIX}{near[0]}?" if near else " and has no effect")


def read_settings(**given: object) -> Settings:
    """Settings from the environment; those `given` by name go before. Raises InputError that names the variable at fault."""
    known = _with_accounts(tuple(providers()))
    unknown = set(given) - set(known.model_fields)
    if unknown:
        raise InputError(f"adreel has no setting {', '.join(sorted(unknown))}; it has {', '.join(known.model_fields)}")
    try:
        return known(**given)  # pyright: ignore[reportArgumentType] (checked by pydantic)
    except ValidationError as error:
        fault = error.errors()[0]
        name = str(fault["loc"][0])
        value = "" if _is_secret(known, name) else f"={fault['input']!r}"
        raise InputError(f"{PREFIX}{name.upper()}{value} cannot be used: {fault['msg']}") from error


def _shown(name: str, value: object) -> str:
    if value is None:
        return UNLIMITED if name.startswith("limit_") else ""
    if isinstance(value, SecretStr):
        return "(set)"
    text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)  # pyright: ignore[reportUnknownArgumentType]
    return without_credentials(text)


def _is_secret(known: type[Settings], name: str) -> bool:
    """Secrets are never shown. All are optional, so that their type is ``SecretStr | None``."""
    field = known.model_fields.get(name)
    return field is not None and SecretStr in get_args(field.annotation)


@cache
def _with_accounts(names: tuple[str, ...]) -> type[Settings]:
    """Settings, with those of an account at each provider that the class above does not spell out."""
    fields: dict[str, Any] = {}
    for name in names:
        if f"{name}_api_token" not in Settings.model_fields:
            fields |= _account_fields(name)
    return create_model("Settings", __base__=Settings, **fields) if fields else Settings


def _account_fields(name: str) -> dict[str, Any]:
    secret, number = SecretStr | None, Annotated[int | None, Field(ge=1)]
    return {
        f"{name}_api_token": (secret, Field(default=None, description=f"Account at {name}")),
        f"{name}_base_url": (str | None, Field(default=None, description=f"Where {name} answers, if not as usual")),
        f"{name}_creates_per_minute": (number, Field(default=None, description="Orders placed at most")),
        f"{name}_webhook_secret": (secret, Field(default=None, description=f"What {name} signs its webhooks with")),
    }
