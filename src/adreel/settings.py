"""Settings from the environment (``ADREEL_*``) and ``.env``. Read by cli and bootstrap only."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from adreel.domain.errors import InputError

PREFIX = "ADREEL_"


class Settings(BaseSettings):
    """Every setting of adreel. Each field's description is what the README's table says."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(
        default_factory=lambda: user_data_path("adreel", appauthor=False),
        description="Folder of the caches and stored films",
    )
    ffmpeg: Path | None = Field(default=None, description="An ffmpeg to use instead of the one that adreel brings")
    jobs: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, le=64, description="How many clips are made at once"
    )
    cache_gb: float = Field(
        default=5.0, gt=0, description="Size up to which encoded clips are kept for the next film, in gigabytes"
    )

    @property
    def lines(self) -> tuple[str, ...]:
        """Every setting with its value, as it would be written in the environment."""
        return tuple(f"{PREFIX}{name.upper()}={'' if value is None else value}" for name, value in self)


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
        variable = f"{PREFIX}{fault['loc'][0]}".upper()
        raise InputError(f"{variable}={fault['input']!r} cannot be used: {fault['msg']}") from error
