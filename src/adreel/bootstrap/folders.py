"""The data folder."""

from __future__ import annotations

from pathlib import Path

from adreel.domain.errors import SetupError


def make_data_dir(path: Path) -> None:
    """Raises SetupError when the folder cannot be made."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"cannot use {path}: {error.strerror}; set ADREEL_DATA_DIR to a folder of yours") from error
