"""``adreel doctor``: what is installed and whether the main job can run.

Each look imports what it looks at, so that a broken installation is reported instead of stopping the report.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from adreel.domain.errors import AdreelError
from adreel.version import __version__

_PARTS = ("av", "opencv-python-headless", "pillow", "typst", "tinysoundfont", "imageio-ffmpeg")
_NEEDED_DISK = 500 * 1000**2
"""Work files and caches of one film take well below this."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `needed`: the main job cannot run without it."""

    name: str
    ok: bool
    detail: str
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Setup:
    """What doctor looks at: the settings, as plain data."""

    data_dir: Path
    ffmpeg: Path | None
    lines: tuple[str, ...]


def examine(setup: Setup) -> list[Finding]:
    """Every finding; none of the looks can raise."""
    looks: tuple[Callable[[Setup], Iterator[Finding]], ...] = (_python, _parts, _ffmpeg, _fonts, _folder, _settings)
    return [finding for look in looks for finding in _safely(look, setup)]


def _safely(look: Callable[[Setup], Iterator[Finding]], setup: Setup) -> list[Finding]:
    try:
        return list(look(setup))
    except (AdreelError, OSError, ImportError) as error:
        return [Finding(look.__name__.strip("_"), False, str(error))]


def _python(_setup: Setup) -> Iterator[Finding]:
    system = f"{platform.system()} {platform.machine()}"
    yield Finding("adreel", True, f"{__version__} on Python {platform.python_version()}, {system}")


def _parts(_setup: Setup) -> Iterator[Finding]:
    for part in _PARTS:
        try:
            yield Finding(part, True, importlib.metadata.version(part))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(part, False, "not installed; install adreel again")
    heif = importlib.util.find_spec("pillow_heif") is not None
    yield Finding("HEIC photos", heif, "readable" if heif else "not readable; install adreel[heic]", needed=False)


def _ffmpeg(setup: Setup) -> Iterator[Finding]:
    from adreel.media import ffmpeg

    executable = ffmpeg.find_ffmpeg(setup.ffmpeg)
    found = ffmpeg.require(executable)
    yield Finding("ffmpeg", True, f"{found.version}, {executable}")
    hdr = "tone-mapped" if found.can_tone_map else "refused: this ffmpeg has no zscale and tonemap filters"
    yield Finding("HDR clips", found.can_tone_map, hdr, needed=False)


def _fonts(_setup: Setup) -> Iterator[Finding]:
    from adreel.media.cards.fonts import font_report

    for script in font_report():
        shown = ", ".join(script.families) or "no font; install one for this script, such as Noto Sans"
        yield Finding(f"text in {script.script}", bool(script.families), shown, needed=script.script == "Latin")


def _folder(setup: Setup) -> Iterator[Finding]:
    setup.data_dir.mkdir(parents=True, exist_ok=True)
    probe = setup.data_dir / ".doctor"
    probe.write_bytes(b"ok")
    probe.unlink()
    free = shutil.disk_usage(setup.data_dir).free
    yield Finding("data folder", True, f"{setup.data_dir}, writable")
    yield Finding("disk", free > _NEEDED_DISK, f"{free / 1000**3:.1f} GB free, {_NEEDED_DISK / 1000**3:.1f} GB needed")


def _settings(setup: Setup) -> Iterator[Finding]:
    for line in setup.lines:
        yield Finding("setting", True, line)
