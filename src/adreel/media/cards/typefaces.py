"""Font files: shipped, installed or provided by the user, and the characters that each covers."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import typst
from fontTools.ttLib import TTFont

import adreel.assets
from adreel.domain.errors import AdreelError, SetupError, TextError

MAX_FONT_BYTES = 30 * 2**20

FONT_FOLDER = Path(adreel.assets.__file__).parent / "fonts"

FONT_SUFFIXES = frozenset({".ttf", ".otf", ".ttc"})


@dataclass(frozen=True, slots=True)
class FontFace:
    """One face of a font file. `family` is its name for typst, `index` its position in a collection."""

    family: str
    path: Path
    index: int = 0


def face_name(face: FontFace) -> str:
    """The family of a face, with its file for one that ships with adreel."""
    return f"{face.family} ({face.path.name})" if face.path.parent == FONT_FOLDER else face.family


def shipped_face(family: str, file_name: str) -> FontFace:
    """A face shipped with adreel. Raises SetupError when its file is missing."""
    path = FONT_FOLDER / file_name
    if not path.is_file():
        raise SetupError(f"the font {path} is missing; install adreel again")
    return FontFace(family, path)


def read_font_file(path: Path) -> FontFace:
    """The first face of a .ttf, .otf or .ttc file of at most 30 MB. Raises TextError naming any other file."""
    if path.suffix.lower() not in FONT_SUFFIXES or not path.is_file():
        raise TextError(f"{path} is not a font file; give a .ttf, .otf or .ttc file")
    if path.stat().st_size > MAX_FONT_BYTES:
        raise TextError(f"font {path} is larger than {MAX_FONT_BYTES // 2**20} MB; choose a smaller one")
    absolute = path.resolve()
    with linked_folder([absolute]) as folder:
        found = sorted(
            typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]).fonts(),
            key=lambda font: font.index,
        )
    if not found:
        raise TextError(f"font {path} cannot be read; it is damaged or not a font, choose another file")
    face = FontFace(found[0].family, absolute, found[0].index)
    if not coverage(face):
        raise TextError(f"font {path} shows no characters; choose another file")
    return face


def coverage(face: FontFace) -> frozenset[int]:
    """Code points of the face. Raises TextError naming the file when its tables cannot be read."""
    return _coverage(face.path, face.index, face.path.stat().st_mtime_ns)


@lru_cache(maxsize=128)
def _coverage(path: Path, index: int, _modified: int) -> frozenset[int]:
    with opened_font(FontFace("", path, index)) as font:
        return frozenset(font.getBestCmap() or ())


@contextlib.contextmanager
def opened_font(face: FontFace) -> Generator[TTFont]:
    """The tables of a face. Raises TextError naming the file when they cannot be read, also within the block.

    fontTools raises errors of many types for damaged files (struct.error, TypeError, OverflowError, RecursionError); all of them
    become TextError.
    """
    try:
        with TTFont(face.path, fontNumber=face.index, lazy=True) as font:
            yield font
    except AdreelError:
        raise
    except Exception as error:
        raise TextError(f"font {face.path} cannot be read; it is damaged, choose another file") from error


def digest(face: FontFace) -> str:
    """SHA-256 of the file, so that caches of rendered cards detect a different font of the same name."""
    return hashlib.sha256(face.path.read_bytes()).hexdigest()


def system_font_folders() -> tuple[Path, ...]:
    """The existing folders of installed fonts on Linux and macOS."""
    home = Path.home()
    shared = map(Path, ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts"))
    own = (home / ".local/share/fonts", home / ".fonts", home / "Library/Fonts")
    return tuple(folder for folder in (*shared, *own) if folder.is_dir())


def installed_faces(folders: Iterable[Path]) -> list[FontFace]:
    """Upright faces in the folders, one per family: the one with the weight nearest to bold."""
    paths = [str(folder) for folder in folders]
    if not paths:
        return []
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths).fonts()
    upright = (font for font in fonts if font.style == "normal")
    by_weight = sorted(
        upright, key=lambda font: (abs(font.weight - 700), abs(font.stretch - 1), str(font.path)), reverse=True
    )
    best = {font.family: FontFace(font.family, Path(font.path), font.index) for font in by_weight if font.path}
    return sorted(best.values(), key=lambda face: face.family)


@contextlib.contextmanager
def linked_folder(paths: Iterable[Path]) -> Generator[str]:
    """A temporary folder with links to exactly these files: typst loads all fonts of a folder."""
    with TemporaryDirectory(prefix="adreel-fonts-") as folder:
        for number, path in enumerate(paths):
            (Path(folder) / f"{number}{path.suffix.lower()}").symlink_to(path)
        yield folder
