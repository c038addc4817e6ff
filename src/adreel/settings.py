"""Settings from the environment (``ADREEL_*``) and ``.env``. Read by cli and bootstrap only."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting of adreel. Each field's description is what the README's table says."""

    model_config = SettingsConfigDict(env_prefix="ADREEL_", env_file=".env", extra="ignore", frozen=True)

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
