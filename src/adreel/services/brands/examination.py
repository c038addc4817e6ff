"""Examines files of strangers for brands and films: logos, fonts, music, recordings, each opened in its detected format only."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from adreel.domain.accounts.stored_brands import FileKind
from adreel.domain.errors import InputError, MachineError, MusicError, PhotoError, RecordingError, TextError, ToolError
from adreel.domain.films.file_faults import cannot_be_read, wrong_kind
from adreel.domain.films.logo import BrandLogo
from adreel.media.audio.music_file import READABLE, check_music
from adreel.media.audio.music_format import sniff
from adreel.media.cards.logo import LOGO_FORMATS, MAX_BYTES, read_logo
from adreel.media.cards.typefaces import MAX_FONT_BYTES, read_font_file
from adreel.media.end_cards.svg_logo import is_svg, svg_png
from adreel.media.ffmpeg.process import Limits, run
from adreel.media.photos.opening import refused
from adreel.media.speech.recordings import line_samples, line_span, prepared
from adreel.media.speech.wav import write_wav
from adreel.services.storage.keys import suffix_of

_PROGRAM = Path(__file__).with_name("child.py")
_LIMITS = Limits(seconds=60, memory=3 * 2**30, output=MAX_FONT_BYTES)

LARGEST: Mapping[FileKind, int] = {
    FileKind.LOGO: MAX_BYTES,
    FileKind.FONT: MAX_FONT_BYTES,
    FileKind.MUSIC: 50 * 2**20,
    FileKind.RECORDING: 50 * 2**20,
}
"""Bytes of the largest file of each kind."""

_FONTS = {b"\x00\x01\x00\x00": "font/ttf", b"true": "font/ttf", b"OTTO": "font/otf", b"ttcf": "font/collection"}
_MUSIC = {
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "mov": "audio/mp4",
    "mp3": "audio/mpeg",
    "aac": "audio/aac",
}
_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}


@dataclass(frozen=True, slots=True)
class Examined:
    """What a file is: its content type, and the family of a font. `is_drawn`: it was an SVG or a recording,
    and its drawing, or the levelled line, takes its place."""

    content_type: str
    family: str = ""
    is_drawn: bool = False


def examine(kind: FileKind, path: Path, name: str, drawing: Path) -> Examined:
    """Examines a file in a process of its own, which a hostile file can only end; `name` stands for it in messages. A logo that
    is an SVG is drawn into the file `drawing`, a recording of a line is levelled into it.

    Raises PhotoError for a logo, TextError for a font, MusicError and RecordingError for sound that cannot be used.
    """
    program = [
        sys.executable,
        "-I",
        "-B",
        str(_PROGRAM),
        kind.value,
        str(path.absolute()),
        name,
        str(drawing.absolute()),
    ]
    try:
        output = run(program, limits=_LIMITS, tool="the file reader")
    except (ToolError, MachineError) as error:
        raise _ERRORS[kind](f"{name} cannot be read: it is damaged or made to do harm; export it again") from error
    reply: dict[str, Any] = json.loads(output.stdout)
    if "refused" in reply:
        raise _ERRORS[kind](str(reply["refused"]))
    return Examined(**reply)


def drawn_logo(logo: BrandLogo, folder: Path) -> BrandLogo:
    """The logo with drawings in `folder` in the place of SVG files. Raises PhotoError."""
    light, dark = (
        None if each is None else _drawn(each, folder / f"{name}.png")
        for name, each in (("light", logo.light), ("dark", logo.dark))
    )
    return BrandLogo(light, dark)


def _drawn(path: Path, drawing: Path) -> Path:
    try:
        if not is_svg(path):
            return path
    except OSError as error:
        raise PhotoError(f"{path} {cannot_be_read(error)}") from error
    examine(FileKind.LOGO, path, str(path), drawing)
    return drawing


_ERRORS: Mapping[FileKind, type[InputError]] = {
    FileKind.LOGO: PhotoError,
    FileKind.FONT: TextError,
    FileKind.MUSIC: MusicError,
    FileKind.RECORDING: RecordingError,
}


def examined(kind: str, path: Path, drawing: Path) -> dict[str, object]:
    """The fields of `Examined`. Raises InputError, which names the file, for one that cannot be used."""
    match FileKind(kind):
        case FileKind.LOGO if is_svg(path):
            drawing.write_bytes(svg_png(path))
            return {**_logo(drawing), "is_drawn": True}
        case FileKind.LOGO:
            return _logo(path)
        case FileKind.FONT:
            return _font(path)
        case FileKind.MUSIC:
            return _music(path)
        case FileKind.RECORDING:
            write_wav(drawing, line_samples(path, line_span(prepared(path))))
            return {"content_type": "audio/wav", "is_drawn": True}


def _logo(path: Path) -> dict[str, object]:
    read_logo(path)
    with refused(path, "is no logo"), Image.open(path, formats=LOGO_FORMATS) as picture:
        return {"content_type": _TYPES[picture.format or "PNG"]}


def _font(path: Path) -> dict[str, object]:
    content_type = _FONTS.get(_head(path, 4))
    if content_type is None:
        raise TextError(f"{path} {wrong_kind('a font', 'a TTF, OTF or TTC')}")
    # The kind of a font is seen by its suffix.
    with TemporaryDirectory(prefix="adreel-font-") as folder:
        named = Path(folder) / f"font{suffix_of(content_type)}"
        shutil.copyfile(path, named)
        try:
            face = read_font_file(named)
        except TextError as error:
            raise TextError(str(error).replace(str(named), str(path))) from error
    return {"content_type": content_type, "family": face.family}


def _music(path: Path) -> dict[str, object]:
    check_music(path)
    with path.open("rb") as file:
        found = sniff(file, path.stat().st_size)
    if found is None:
        raise MusicError(f"{path} {wrong_kind('music', READABLE)}")
    return {"content_type": _MUSIC[found.demuxer]}


def _head(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)
