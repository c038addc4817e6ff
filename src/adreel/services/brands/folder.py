"""Brand kits in a folder: for each a folder of its name with `brand.toml` and copies of its files."""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from adreel.domain.brand import BrandKit, check_kit, check_name
from adreel.domain.errors import ConflictError, InputError, NotFoundError, StorageError
from adreel.domain.films.logo import BrandLogo, LogoCorner
from adreel.domain.scripts.ad_format.writing import toml_string
from adreel.media.cards.logo import read_logo
from adreel.services.brands.checks import TEXTS, check_words
from adreel.services.brands.examination import drawn_logo

_FILE = "brand.toml"
_MARK = "logo_on_clips"
_SAID = "pronunciations"
_FILES = ("font", "music")
"""Fields that may name a file."""
_LOGOS = ("light", "dark")


class BrandFolder:
    """The kits below `folder`, which is created when one is added. One process at a time changes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> Sequence[str]:
        """The names of all kits, in alphabetical order."""
        if not self._folder.is_dir():
            return ()
        return tuple(sorted(each.parent.name for each in self._folder.glob(f"*/{_FILE}")))

    def get(self, name: str) -> BrandKit:
        """Reads a kit. Raises InputError for a name that no kit may have or a file that cannot be read, NotFoundError."""
        path = self._folder / check_name(name) / _FILE
        if not path.is_file():
            known = ", ".join(self.names()) or "none"
            raise NotFoundError(f"there is no brand kit {name!r}; there are: {known}")
        try:
            return _read(name, path.parent, tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InputError(f"{path} cannot be read: {error}") from error

    def add(self, kit: BrandKit, *, overwrite: bool = False) -> BrandKit:
        """Checks a kit, copies its logo, its font file and its music, and keeps it; returns it as it is kept.

        Raises InputError for a name, colour or text that cannot be used, TextError for a font, PhotoError for a logo,
        MusicError, ConflictError for a name that is taken, unless `overwrite`, and StorageError.
        """
        with tempfile.TemporaryDirectory(prefix="adreel-logo-") as drawings:
            return self._add(replace(kit, logo=kit.logo and drawn_logo(kit.logo, Path(drawings))), overwrite=overwrite)

    def _add(self, kit: BrandKit, *, overwrite: bool) -> BrandKit:
        _check(kit)
        target = self._folder / kit.name
        if target.exists() and not overwrite:
            raise ConflictError(f"there is a brand kit {kit.name!r} already; choose another name, or overwrite it")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".new-", dir=self._folder) as folder:
                new = Path(folder) / kit.name
                new.mkdir()
                _write(kit, new)
                _replace(target, new, Path(folder) / "old")
        except OSError as error:
            raise StorageError(f"the brand kit {kit.name!r} cannot be kept: {error.strerror or error}") from error
        return self.get(kit.name)

    def remove(self, name: str) -> None:
        """Removes a kit with its files. Raises InputError, NotFoundError, StorageError."""
        self.get(name)
        try:
            shutil.rmtree(self._folder / name)
        except OSError as error:
            raise StorageError(f"the brand kit {name!r} cannot be removed: {error.strerror or error}") from error


def _check(kit: BrandKit) -> None:
    check_words(kit)
    for file in kit.files:
        read_logo(file)


def _write(kit: BrandKit, folder: Path) -> None:
    """Writes the kit and copies its files. Names inside the folder are adreel's own."""
    kept: dict[str, str] = {name: value for name in TEXTS if (value := getattr(kit, name)) is not None}
    if kit.mark is not None:
        kept[_MARK] = str(kit.mark)
    for name in _FILES:
        file = Path(kept[name]) if name in kept else None
        if file is not None and file.is_file():
            kept[name] = f"{name}{file.suffix.lower()}"
            shutil.copyfile(file, folder / kept[name])
    for version in _LOGOS:
        file = getattr(kit.logo, version) if kit.logo else None
        if file is not None:
            kept[f"logo_{version}"] = f"logo-{version}"
            shutil.copyfile(file, folder / kept[f"logo_{version}"])
    lines = [f"{name} = {toml_string(value)}\n" for name, value in kept.items()]
    if kit.pronunciations:
        said = [f"{toml_string(word)} = {toml_string(each)}\n" for word, each in kit.pronunciations]
        lines += [f"\n[{_SAID}]\n", *said]
    (folder / _FILE).write_text("".join(lines), encoding="utf-8")


def _replace(target: Path, new: Path, old: Path) -> None:
    if target.exists():
        target.rename(old)
    new.rename(target)


def _read(name: str, folder: Path, document: Mapping[str, Any]) -> BrandKit:
    known = {*TEXTS, _MARK, *(f"logo_{version}" for version in _LOGOS)}
    for key, value in document.items():
        if key != _SAID and (key not in known or not isinstance(value, str)):
            raise InputError(f"{folder / _FILE}: {key!r} is no field of a brand kit, or no text")
    logo = BrandLogo(**{version: _file(folder, document.get(f"logo_{version}")) for version in _LOGOS})
    texts: dict[str, Any] = {key: document.get(key) for key in TEXTS}
    kit = BrandKit(name, **texts, logo=logo if logo.files else None, mark=_corner(folder, document))
    kit = replace(kit, pronunciations=_said(folder, document.get(_SAID, {})))
    files = {each: _file(folder, getattr(kit, each)) for each in _FILES}
    kit = replace(kit, **{each: str(file) for each, file in files.items() if file is not None and file.is_file()})
    check_kit(kit)
    return kit


def _said(folder: Path, table: object) -> tuple[tuple[str, str], ...]:
    """Raises InputError for a table of pronunciations that holds anything but texts."""
    if not isinstance(table, dict):
        raise InputError(f"{folder / _FILE}: {_SAID} must be a table of words and how they are spoken")
    pairs = cast("dict[str, object]", table).items()
    wrong = next((word for word, said in pairs if not isinstance(said, str)), None)
    if wrong is not None:
        raise InputError(f"{folder / _FILE}: the pronunciation of {wrong!r} must be a text")
    return tuple((word, str(said)) for word, said in pairs)


def _corner(folder: Path, document: Mapping[str, Any]) -> LogoCorner | None:
    named = document.get(_MARK)
    if named is None:
        return None
    if named not in tuple(LogoCorner):
        raise InputError(f"{folder / _FILE}: {_MARK} is {named!r}; choose one of {', '.join(LogoCorner)}")
    return LogoCorner(named)


def _file(folder: Path, name: str | None) -> Path | None:
    """A file in the kit's folder, None for no name. A name with a folder in it is not followed."""
    return None if name is None else folder / Path(name).name
