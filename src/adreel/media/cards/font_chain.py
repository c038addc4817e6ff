"""Font fallback: finds a face for every character or raises an error, never shows an empty box."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adreel.domain.errors import TextError
from adreel.media.cards.ink import has_ink
from adreel.media.cards.text import clusters, script_name, split_lines
from adreel.media.cards.typefaces import FontFace, coverage, installed_faces, shipped_face

_LETTERS = (
    ("Inter", "Inter_700Bold.ttf"),
    ("Noto Sans Arabic", "NotoSansArabic_700Bold.ttf"),
    ("Noto Sans Hebrew", "NotoSansHebrew_700Bold.ttf"),
    ("Noto Sans Devanagari", "NotoSansDevanagari_700Bold.ttf"),
    ("Noto Sans Thai", "NotoSansThai_700Bold.ttf"),
    ("Noto Sans Tamil", "NotoSansTamil_700Bold.ttf"),
    ("Noto Sans Bengali", "NotoSansBengali_700Bold.ttf"),
    ("Noto Sans Telugu", "NotoSansTelugu_700Bold.ttf"),
    ("Noto Sans Gujarati", "NotoSansGujarati_700Bold.ttf"),
    ("Noto Sans Kannada", "NotoSansKannada_700Bold.ttf"),
    ("Noto Sans Malayalam", "NotoSansMalayalam_700Bold.ttf"),
    ("Noto Sans Gurmukhi", "NotoSansGurmukhi_700Bold.ttf"),
    ("Noto Sans Ethiopic", "NotoSansEthiopic_700Bold.ttf"),
)
_CHINESE = ("Noto Sans SC", "NotoSansSC_700Bold.subset.ttf")
_JAPANESE = ("Noto Sans JP", "NotoSansJP_700Bold.subset.ttf")
_KOREAN = ("Noto Sans KR", "NotoSansKR_700Bold.subset.ttf")
_EMOJI = ("Noto Color Emoji", "NotoColorEmoji.subset.ttf")

_MIXABLE = frozenset({"Latin", "Chinese", "Hiragana", "Katakana", "Hangul"})
"""Scripts whose letters may come from several faces: one rare letter in another face is less visible than a whole word."""

_MAX_NAMED = 5

_Unit = tuple[str, ...]
"""Clusters to be set in the same face."""


@dataclass(frozen=True, slots=True)
class FontChain:
    """Faces for one text in fallback order. `emoji` is the colour face, None when the text has no emoji.

    `excluded` holds the letters that a face covers but must not draw, because it lacks others of the same script.
    """

    letters: tuple[FontFace, ...]
    emoji: FontFace | None
    excluded: Mapping[FontFace, str]

    @property
    def faces(self) -> tuple[FontFace, ...]:
        return self.letters if self.emoji is None else (*self.letters, self.emoji)


def find_chain(text: str, face: FontFace, folders: Sequence[Path]) -> FontChain:
    """The faces for a cleaned text: `face` first, then the shipped ones, then those installed in `folders`.

    Raises TextError naming the characters that no face covers, and for a text without any visible character.
    """
    emoji = shipped_face(*_EMOJI)
    order = (face, *(other for other in _fallbacks(text) if other.family != face.family), emoji)
    assigned = _assign(_units(text), order)
    missing = [cluster for unit, found in assigned.items() if found is None for cluster in unit]
    installed = _search(missing, folders) if missing else []
    _check_ink(assigned, installed)
    used = {face, *assigned.values()}
    letters = (*(other for other in order[:-1] if other in used), *installed)
    has_emoji = emoji in used or any(run.emoji for line in split_lines(text) for run in line.runs)
    return FontChain(letters, emoji if has_emoji else None, _exclusions(assigned, letters))


def _check_ink(assigned: Mapping[_Unit, FontFace | None], installed: Sequence[FontFace]) -> None:
    """Raises TextError when all characters are blank in the faces that draw them."""
    for unit, face in assigned.items():
        drawing = installed if face is None else (face,)
        if any(has_ink(each, "".join(unit)) for each in drawing):
            return
    letters = list(dict.fromkeys("".join("".join(unit) for unit in assigned)))
    blank = ", ".join(f"U+{ord(letter):04X}" for letter in letters[:_MAX_NAMED])
    raise TextError(f"the card text would be invisible ({blank} is blank); write letters or signs instead")


def families(text: str, face: FontFace, folders: Sequence[Path]) -> tuple[str, ...]:
    """The families that draw a text; empty when some character has no font."""
    try:
        chain = find_chain(text, face, folders)
    except TextError:
        return ()
    drawn = set(_assign(_units(text), chain.faces).values())
    return tuple(found.family for found in chain.faces if found in drawn)


def _fallbacks(text: str) -> Iterator[FontFace]:
    """Fallback faces. Kana or Hangul in the text select Japanese or Korean glyphs for ideographs, else Chinese ones."""
    if any("\u3040" <= char <= "\u30ff" for char in text):
        asian = (_JAPANESE, _CHINESE, _KOREAN)
    elif any("\uac00" <= char <= "\ud7af" for char in text):
        asian = (_KOREAN, _CHINESE, _JAPANESE)
    else:
        asian = (_CHINESE, _JAPANESE, _KOREAN)
    yield from (shipped_face(family, file_name) for family, file_name in (*_LETTERS, *asian))


def _units(text: str) -> list[_Unit]:
    groups: dict[str, list[str]] = defaultdict(list)
    for cluster in dict.fromkeys(clusters(text)):
        groups[_group(cluster)].append(cluster)
    return [tuple(group) for group in groups.values()]


def _group(cluster: str) -> str:
    if unicodedata.category(cluster[0])[0] != "L":
        return cluster
    script = script_name(cluster[0])
    return cluster if script in _MIXABLE else script


def _assign(units: Iterable[_Unit], order: Sequence[FontFace]) -> dict[_Unit, FontFace | None]:
    """Assigns one face to each unit; splits a unit that no single face covers."""
    assigned: dict[_Unit, FontFace | None] = {}
    for unit in units:
        found = _first_with(unit, order)
        if found is not None or len(unit) == 1:
            assigned[unit] = found
        else:
            assigned.update({(cluster,): _first_with((cluster,), order) for cluster in unit})
    return assigned


def _first_with(unit: _Unit, order: Sequence[FontFace]) -> FontFace | None:
    """The first face that covers a unit. Private-use characters have a meaning only in the chosen face."""
    points = frozenset(map(ord, "".join(unit)))
    candidates = order[:1] if unicodedata.category(unit[0][0]) == "Co" else order
    return next((face for face in candidates if points <= coverage(face)), None)


def _exclusions(assigned: Mapping[_Unit, FontFace | None], letters: Sequence[FontFace]) -> dict[FontFace, str]:
    excluded: dict[FontFace, str] = {}
    for unit, face in assigned.items():
        if len(unit) > 1 and face in letters:
            for earlier in letters[: letters.index(face)]:
                present = (cluster[0] for cluster in unit if ord(cluster[0]) in coverage(earlier))
                excluded[earlier] = excluded.get(earlier, "") + "".join(present)
    return excluded


def _search(missing: Sequence[str], folders: Sequence[Path]) -> list[FontFace]:
    """The fewest installed faces that cover the missing clusters. Raises TextError when some stay uncovered."""
    left = {cluster for cluster in missing if unicodedata.category(cluster[0]) != "Co"}
    covered: dict[FontFace, set[str]] = {}
    for face in installed_faces(folders):
        covered[face] = {cluster for cluster in left if _has(face, cluster)}
        if covered[face] == set(missing):
            return [face]
    found: list[FontFace] = []
    while left and covered:
        best = max(covered, key=lambda face: len(covered[face] & left))
        if not covered[best] & left:
            break
        found.append(best)
        left -= covered[best]
    uncovered = [cluster for cluster in missing if not any(cluster in covered[face] for face in found)]
    if uncovered:
        raise TextError(_missing_message(uncovered))
    return found


def _has(face: FontFace, cluster: str) -> bool:
    try:
        return _first_with((cluster,), (face,)) is not None
    except TextError:
        return False  # skip damaged installed fonts


def _missing_message(missing: Sequence[str]) -> str:
    named = [f"{cluster!r} (U+{ord(cluster[0]):04X}, {script_name(cluster[0])})" for cluster in missing[:_MAX_NAMED]]
    more = f" and {len(missing) - _MAX_NAMED} more" if len(missing) > _MAX_NAMED else ""
    return (
        f"no available font shows {', '.join(named)}{more}; "
        "install a font that does, choose a font file that does, or change the text"
    )
