"""Reads tables, one row at a time: CSV and TSV by Python's reader, XLSX by openpyxl without formulas, links and styles."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import zip_longest
from pathlib import Path
from typing import TextIO

from adreel.domain.errors import InputError
from adreel.domain.machine_faults import fault_or
from adreel.feeds.raw import MOST_FIELDS, RawRow, normalized

_HEAD_CHARACTERS = 64 * 1024
_LARGEST_SHEET = 512 * 1024 * 1024
"""Bytes of a workbook when unpacked: a small file must not become a large one."""
_LARGE_PARTS = ("xl/worksheets/", "xl/sharedStrings.xml", "xl/media/")
_TYPES = "[Content_Types].xml"
_STRINGS = "xl/sharedStrings.xml"
_LARGEST_STRINGS = 32 * 1024 * 1024
"""Bytes of the texts of all cells, which are held in memory together."""
_STRINGS_ELSEWHERE = re.compile(rb"<[^<>]*sharedStrings\+xml[^<>]*>")
_LARGEST_PART = 4 * 1024 * 1024
"""Bytes of the styles and the like, which are read as a whole: they take 25 times as much memory."""
_LAST_ROW = 1_048_576
"""The last row of a sheet in Excel. A workbook can name any number, and the rows before it count as empty."""
_LONGEST_LINE = 2 * 1024 * 1024
"""Characters of a line of text: the reader holds a line and its cells in memory."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

Cells = Sequence[str]


def read_csv(path: Path) -> Iterator[RawRow]:
    """Yields the rows of a CSV or TSV file, 2 is the first after the header. Letters that are not UTF-8 become U+FFFD.

    Raises InputError for a file that cannot be read or has no header.
    """
    encoding = encoding_of(path)
    try:
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            head = file.readline(_HEAD_CHARACTERS)
            file.seek(0)
            yield from _rows(path, _lines(csv.reader(_bounded(path, file), delimiter=delimiter_of(head))))
    except OSError as error:
        raise fault_or(error, path.parent, InputError(f"{path} cannot be read: {error.strerror}")) from error


def encoding_of(path: Path) -> str:
    """UTF-16 if the file begins so, as Excel's "Unicode text" does; else UTF-8, with or without a mark. Raises InputError."""
    try:
        with path.open("rb") as file:
            return "utf-16" if file.read(2) in _UTF16 else "utf-8-sig"
    except OSError as error:
        raise fault_or(error, path.parent, InputError(f"{path} cannot be read: {error.strerror}")) from error


def delimiter_of(head: str) -> str:
    """The mark between columns: the most frequent in the header, a tab before the others."""
    return max("\t;|,", key=lambda mark: (head.count(mark), mark == "\t"))


def read_xlsx(path: Path) -> Iterator[RawRow]:
    """Yields the rows of a workbook's first sheet. Formulas count as their last value. Raises InputError as `read_csv` does."""
    from openpyxl import load_workbook

    _check_workbook(path)
    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            # The size that some programs write is wrong.
            sheet.reset_dimensions()
            values = sheet.iter_rows(max_row=_LAST_ROW + 1, max_col=MOST_FIELDS, values_only=True)
            yield from _rows(path, _cells(path, values))
        finally:
            book.close()
    except (zipfile.BadZipFile, KeyError, IndexError, ValueError, TypeError, SyntaxError, OSError) as error:
        raise InputError(f"{path} is not a workbook that can be read: {error}; save it as XLSX or CSV") from error


def _check_workbook(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
            parts = [entry for entry in packed.infolist() if not entry.filename.startswith(_LARGE_PARTS)]
            other = max((entry.file_size for entry in parts), default=0)
            strings = sum(entry.file_size for entry in packed.infolist() if entry.filename == _STRINGS)
            moved = other <= _LARGEST_PART and _has_moved_strings(packed)
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError(f"{path} is not a workbook that can be read: {error}") from error
    if size > _LARGEST_SHEET:
        raise InputError(f"{path} has {size} bytes when unpacked, more than {_LARGEST_SHEET}; save it as CSV")
    if strings > _LARGEST_STRINGS or moved:
        raise InputError(
            f"{path} has {strings} bytes of texts, or has them in an unusual place; at most {_LARGEST_STRINGS} are read from "
            "a workbook: save it as CSV"
        )
    if other > _LARGEST_PART:
        raise InputError(
            f"{path} has a part of {other} bytes that is no sheet, more than {_LARGEST_PART}; save it as CSV"
        )


def _has_moved_strings(packed: zipfile.ZipFile) -> bool:
    """Whether the texts of cells are elsewhere than in the part that is measured."""
    if _TYPES not in packed.namelist():
        return False
    found = _STRINGS_ELSEWHERE.findall(packed.read(_TYPES))
    return any(f'"/{_STRINGS}"'.encode() not in each for each in found)


def _cells(path: Path, rows: Iterator[tuple[object, ...]]) -> Iterator[Cells]:
    """The texts of each row, none for the rows that a sheet skips. Raises InputError for a row after the last one of Excel."""
    before: tuple[object, ...] = ()
    for number, row in enumerate(rows, start=1):
        if number > _LAST_ROW:
            raise InputError(f"{path} has rows after {_LAST_ROW}, the last of a workbook; save it as CSV")
        # Rows that a sheet skips are one and the same.
        yield () if row is before else [_cell(value) for value in row]
        before = row


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, float):
        # Workbooks have 15 digits; the others are rounding: 19.990000000000002.
        return f"{value:.15g}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _bounded(path: Path, file: TextIO) -> Iterator[str]:
    """The lines of a file. Raises InputError for a line that is too long for any row."""
    while line := file.readline(_LONGEST_LINE + 1):
        if len(line) > _LONGEST_LINE:
            raise InputError(f"{path} has a line of more than {_LONGEST_LINE} characters, which is no row of a table")
        yield line


def _lines(reader: Iterator[list[str]]) -> Iterator[Cells | str]:
    """Rows, and the reason in the place of one that is broken."""
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield str(error)


def _rows(path: Path, lines: Iterator[Cells | str]) -> Iterator[RawRow]:
    header = next((line for line in lines if not isinstance(line, str) and any(map(str.strip, line))), None)
    if header is None:
        raise InputError(f"{path} is empty; its first row must name the columns")
    names = [normalized(name) for name in header[:MOST_FIELDS]]
    for row, line in enumerate(lines, start=2):
        if isinstance(line, str):
            yield RawRow(row, fault=f"the row cannot be read: {line}")
        elif any(map(str.strip, line)):
            extra = any(map(str.strip, line[len(names) :]))
            fields = _fields(names, line)
            yield RawRow(row, fields, "has more cells than the header; quote texts with commas" if extra else None)


def _fields(names: Sequence[str], line: Cells) -> Mapping[str, tuple[str, ...]]:
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in zip_longest(names, line[: len(names)], fillvalue=""):
        if name:
            fields[name] = (*fields.get(name, ()), value)
    return fields
