"""Opens the brand kits of this machine's user."""

from __future__ import annotations

from adreel.bootstrap.data_folder import make_data_dir
from adreel.bootstrap.local import settings_from
from adreel.services.brands.folder import BrandFolder


def open_brands(**settings: object) -> BrandFolder:
    """The brand kits in the data folder. `settings` override those of the environment. Raises InputError for an invalid one,
    SetupError for a data folder that cannot be made."""
    data_dir = settings_from(**settings).data_dir
    make_data_dir(data_dir)
    return BrandFolder(data_dir / "brands")
