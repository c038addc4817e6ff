"""The data folder and the free space of its disk. Imports no database: films on the spot need none."""

from __future__ import annotations

from pathlib import Path

from adreel.bootstrap.settings import Settings
from adreel.domain.errors import SetupError
from adreel.services.storage.disk_space import MEGABYTE, DiskSpace
from adreel.services.storage.private_files import private_folder


def disk_space(settings: Settings) -> DiskSpace:
    """Returns the disk of the data folder, which by default holds databases, stored files and temporary files."""
    keep = None if settings.min_free_mb is None else settings.min_free_mb * MEGABYTE
    return DiskSpace(settings.data_dir, keep)


def make_data_dir(path: Path) -> None:
    """Creates the data folder or a folder in it, accessible only to its owner. Raises SetupError on failure."""
    try:
        private_folder(path)
    except OSError as error:
        raise SetupError(f"cannot use {path}: {error.strerror}; set ADREEL_DATA_DIR to a folder of yours") from error
