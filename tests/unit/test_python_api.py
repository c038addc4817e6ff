"""``import adreel``: its names are listed without being loaded."""

from __future__ import annotations

import adreel


def test_dir_lists_the_python_api() -> None:
    assert dir(adreel) == sorted(adreel.__all__)
    assert {"Studio", "MakeOrder", "FilmOptions"} <= set(dir(adreel))
    for name in dir(adreel):
        assert getattr(adreel, name) is not None
