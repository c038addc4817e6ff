"""Font files: the ones shipped, the ones installed on the machine, one given by the person; and what each can show."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import typst
from fontTools.ttLib import TTFont, TTLibError

import adreel.assets
from adreel.domain.errors import SetupError, TextError

MAX_FONT_BYTES = 30 * 2**20

FONT_FOLDER = Path(adreel.assets.__file__).parent / "fonts"

FONT_SUFFIXES = frozenset({".ttf", ".otf", ".ttc"})


@dataclass(frozen=True, slots=True)
class FontFace:
    """One face of a font file. `family` is the name under which typst finds it, `index` its place in a collection."""

    family: str
    path: Path
    index: int = 0


def shipped_face(family: str, file_name: str) -> FontFace:
    """Raises SetupError when the installation has lost the file."""
    path = FONT_FOLDER / file_name
    if not path.is_file():
        raise SetupError(f"the font {path} is missing; install adreel again")
    return FontFace(family, path)


def read_font_file(path: Path) -> FontFace:
    """The first face of a .ttf, .otf or .ttc file of at most 30 MB. Raises TextError naming the file otherwise."""
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
    try:
        with TTFont(path, fontNumber=index, lazy=True) as font:
            return frozenset(font.getBestCmap() or ())
    except (TTLibError, OSError, ValueError, KeyError, AssertionError, IndexError) as error:
        raise TextError(f"font {path} cannot be read; it is damaged, choose another file") from error


def digest(face: FontFace) -> str:
    """SHA-256 of the file, so that whoever keeps rendered cards notices another font under the same name."""
    return hashlib.sha256(face.path.read_bytes()).hexdigest()


def system_font_folders() -> tuple[Path, ...]:
    """Where Linux and macOS keep installed fonts; only folders that exist."""
    home = Path.home()
    shared = map(Path, ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts"))
    own = (home / ".local/share/fonts", home / ".fonts", home / "Library/Fonts")
    return tuple(folder for folder in (*shared, *own) if folder.is_dir())


def installed_faces(folders: Iterable[Path]) -> list[FontFace]:
    """Upright faces under the folders, one per family: the one whose weight is nearest to bold."""
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
    """A folder with links to exactly these files: typst takes fonts by folder, and must find no others there."""
    with TemporaryDirectory(prefix="adreel-fonts-") as folder:
        for number, path in enumerate(paths):
            (Path(folder) / f"{number}{path.suffix.lower()}").symlink_to(path)
        yield folder
