"""Makes the smaller copies of the large fonts that adreel ships: Chinese, Japanese, Korean and colour emoji.

Usage: ``python scripts/subset_fonts.py {sc,jp,kr,emoji} SOURCE.ttf TARGET.ttf``

The same source and the same fontTools give the same bytes. Sources and their hashes: src/adreel/assets/fonts/README.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

_PUNCTUATION = {*range(0x20, 0x7F), *range(0x2010, 0x2028), 0x203B, *range(0x3000, 0x3020), *range(0xFF01, 0xFFEF)}
_KANA = {*range(0x3040, 0x3100)}
_JAMO = {*range(0x3131, 0x318F)}


def national_set(encoding: str, first_row: int, last_row: int) -> set[int]:
    """Code points of the rows `first_row`…`last_row` (first byte, both included) of a double-byte national standard."""
    found: set[int] = set()
    for lead in range(first_row, last_row + 1):
        for trail in range(0x40, 0xFF):
            try:
                found.update(map(ord, bytes([lead, trail]).decode(encoding)))
            except UnicodeDecodeError:
                continue
    return found


def wanted(target: str) -> set[int]:
    """The characters kept: GB 2312 and Big5 level 1 (sc), JIS X 0208 level 1 (jp), the KS X 1001 syllables (kr)."""
    if target == "sc":
        hanzi = national_set("gb2312", 0xB0, 0xF7) | national_set("big5", 0xA4, 0xC6)
        return _PUNCTUATION | _KANA | {point for point in hanzi if point >= 0x3400}
    if target == "jp":
        return _PUNCTUATION | _KANA | national_set("euc_jp", 0xB0, 0xCF)
    return _PUNCTUATION | _JAMO | national_set("euc_kr", 0xB0, 0xC8)


def subset(source: Path, target: Path, points: set[int]) -> None:
    options = Options(name_IDs=["*"])
    options.hinting = False
    options.layout_features = ["ccmp", "kern", "liga", "mark", "mkmk", "calt"]
    options.drop_tables = [*options.drop_tables, "vhea", "vmtx", "VORG", "BASE", "STAT"]
    options.notdef_outline = True
    font = TTFont(source, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=sorted(points))
    subsetter.subset(font)
    font.save(target)


def drop_svg(source: Path, target: Path) -> None:
    """Keeps the vector (COLR) pictures and leaves out the SVG copies of them, four fifths of the file."""
    font = TTFont(source, recalcTimestamp=False, recalcBBoxes=False, lazy=True)
    del font["SVG "]
    font.save(target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("sc", "jp", "kr", "emoji"))
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    if arguments.kind == "emoji":
        drop_svg(arguments.source, arguments.target)
    else:
        subset(arguments.source, arguments.target, wanted(arguments.kind))
    print(f"{arguments.target}: {arguments.target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
