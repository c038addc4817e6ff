"""``adreel doctor``: reports the installation and whether films can be made.

Each check imports its own modules, so that a broken installation is reported instead of ending the report.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import platform
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from adreel.cli.remedies import described
from adreel.domain.errors import AdreelError
from adreel.domain.redaction import without_credentials
from adreel.version import __version__

_PARTS = ("av", "opencv-python-headless", "pillow", "typst", "imageio-ffmpeg")
_NEEDED_DISK = 500 * 1000**2
"""Bytes; work files and caches of one film take well below this."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `needed`: films cannot be made without it."""

    name: str
    ok: bool
    detail: str
    needed: bool = True

    @property
    def is_failure(self) -> bool:
        return self.needed and not self.ok


@dataclass(frozen=True, slots=True)
class Setup:
    """The settings that doctor checks, as plain data. `unknown` describes variables that are no setting."""

    data_dir: Path
    ffmpeg: Path | None
    lines: tuple[str, ...]
    unknown: tuple[str, ...] = ()


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for bug reports.")] = False,
) -> None:
    """Report the installation and whether films can be made."""
    from adreel.bootstrap.settings import read_settings, unknown_variables

    settings = read_settings()
    findings = examine(Setup(settings.data_dir, settings.ffmpeg, settings.lines, unknown_variables()))
    typer.echo(as_json_text(findings) if as_json else as_lines(findings))
    if any(finding.is_failure for finding in findings):
        raise typer.Exit(1)


def examine(setup: Setup) -> list[Finding]:
    """Returns all findings. A check that raises becomes a failed finding."""
    checks: tuple[Callable[[Setup], Iterator[Finding]], ...] = (_python, _parts, _ffmpeg, _fonts, _folder, _settings)
    found = [finding for check in checks for finding in _safely(check, setup)]
    return [replace(finding, detail=without_credentials(finding.detail)) for finding in found]


def as_lines(findings: Sequence[Finding]) -> str:
    """One line for each finding."""
    return "\n".join(f"{_mark(finding)}  {finding.name}: {finding.detail}" for finding in findings)


def as_json_text(findings: Sequence[Finding]) -> str:
    """``{"ok": …, "findings": [{"name", "ok", "detail", "needed"}, …]}``"""
    ok = not any(finding.is_failure for finding in findings)
    return json.dumps({"ok": ok, "findings": [asdict(finding) for finding in findings]}, ensure_ascii=False)


def _mark(finding: Finding) -> str:
    return "ok  " if finding.ok else "FAIL" if finding.needed else "note"


def _safely(check: Callable[[Setup], Iterator[Finding]], setup: Setup) -> list[Finding]:
    try:
        return list(check(setup))
    except (AdreelError, OSError, ImportError) as error:
        detail = described(error) if isinstance(error, AdreelError) else str(error)
        return [Finding(check.__name__.strip("_"), False, detail)]


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
    from adreel.media.ffmpeg import process as ffmpeg

    executable = ffmpeg.find_ffmpeg(setup.ffmpeg)
    found = ffmpeg.require(executable)
    yield Finding("ffmpeg", True, f"{found.version}, {executable}")
    hdr = "tone-mapped" if found.can_tone_map else "refused: this ffmpeg has no zscale and tonemap filters"
    yield Finding("HDR clips", found.can_tone_map, hdr, needed=False)


def _fonts(_setup: Setup) -> Iterator[Finding]:
    from adreel.media.cards.fonts import font_report

    for script in font_report():
        families = ", ".join(script.families) or "no font; install one for this script, such as Noto Sans"
        yield Finding(f"text in {script.script}", bool(script.families), families, needed=script.script == "Latin")


def _folder(setup: Setup) -> Iterator[Finding]:
    from adreel.services.storage.private_files import open_to_others, private_folder

    if not setup.data_dir.exists():
        private_folder(setup.data_dir)
    probe = setup.data_dir / ".doctor"
    probe.write_bytes(b"ok")
    probe.unlink()
    exposed = tuple(open_to_others(setup.data_dir))
    yield Finding("privacy", not exposed, "; ".join(exposed) or "readable by its owner only", needed=False)
    free = shutil.disk_usage(setup.data_dir).free
    yield Finding("data folder", True, f"{setup.data_dir}, writable")
    yield Finding("disk", free > _NEEDED_DISK, f"{free / 1000**3:.1f} GB free, {_NEEDED_DISK / 1000**3:.1f} GB needed")


def _settings(setup: Setup) -> Iterator[Finding]:
    for line in setup.lines:
        yield Finding("setting", True, line)
    for line in setup.unknown:
        yield Finding("setting", False, line, needed=False)
