"""The fonts behind the chosen one: for every character a face that has it, or an error, never an empty box."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adreel.domain.errors import TextError
from adreel.media.cards.text import clusters, script_name, split_lines
from adreel.media.cards.typefaces import FontFace, coverage, installed_faces, shipped_face

_LETTERS = (
    ("Inter", "Inter_700Bold.ttf"),
    ("Noto Sans Arabic", "NotoSansArabic_700Bold.ttf"),
    ("Noto Sans Hebrew", "NotoSansHebrew_700Bold.ttf"),
    ("Noto Sans Devanagari", "NotoSansDevanagari_700Bold.ttf"),
    ("Noto Sans Thai", "NotoSansThai_700Bold.ttf"),
)
_CHINESE = ("Noto Sans SC", "NotoSansSC_700Bold.subset.ttf")
_JAPANESE = ("Noto Sans JP", "NotoSansJP_700Bold.subset.ttf")
_KOREAN = ("Noto Sans KR", "NotoSansKR_700Bold.subset.ttf")
_EMOJI = ("Noto Color Emoji", "NotoColorEmoji.subset.ttf")

_MIXABLE = frozenset({"Latin", "Chinese", "Hiragana", "Katakana", "Hangul"})
"""Scripts whose letters may come from several faces: a rare letter from another face is less odd than another word."""

_MAX_NAMED = 5

_Unit = tuple[str, ...]
"""Clusters that are set in the same face."""


@dataclass(frozen=True, slots=True)
class FontChain:
    """Faces for one text in the order they are asked. `emoji` is the colour face, None when the text needs none.

    `excluded` holds the letters that a face has but must not draw, because it lacks others of the same script.
    """

    letters: tuple[FontFace, ...]
    emoji: FontFace | None
    excluded: Mapping[FontFace, str]

    @property
    def faces(self) -> tuple[FontFace, ...]:
        return self.letters if self.emoji is None else (*self.letters, self.emoji)


def find_chain(text: str, face: FontFace, folders: Sequence[Path]) -> FontChain:
    """The faces for a cleaned text: `face` first, then those shipped, then what is installed in `folders`.

    Raises TextError naming the characters that none of them has.
    """
    emoji = shipped_face(*_EMOJI)
    order = (face, *(other for other in _fallbacks(text) if other.family != face.family), emoji)
    assigned = _assign(_units(text), order)
    missing = [cluster for unit, found in assigned.items() if found is None for cluster in unit]
    installed = _search(missing, folders) if missing else []
    used = {face, *assigned.values()}
    letters = (*(other for other in order[:-1] if other in used), *installed)
    coloured = emoji in used or any(run.emoji for line in split_lines(text) for run in line.runs)
    return FontChain(letters, emoji if coloured else None, _exclusions(assigned, letters))


def families(text: str, face: FontFace, folders: Sequence[Path]) -> tuple[str, ...]:
    """The families that draw a text, none when some character has no font."""
    try:
        chain = find_chain(text, face, folders)
    except TextError:
        return ()
    drawn = set(_assign(_units(text), chain.faces).values())
    return tuple(found.family for found in chain.faces if found in drawn)


def _fallbacks(text: str) -> Iterator[FontFace]:
    """Ideographs are drawn as the language of the text draws them, as far as its other letters tell."""
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
    """One face for each unit; a unit that no single face has is taken apart."""
    assigned: dict[_Unit, FontFace | None] = {}
    for unit in units:
        found = _first_with(unit, order)
        if found is not None or len(unit) == 1:
            assigned[unit] = found
        else:
            assigned.update({(cluster,): _first_with((cluster,), order) for cluster in unit})
    return assigned


def _first_with(unit: _Unit, order: Sequence[FontFace]) -> FontFace | None:
    """Private characters mean something in the chosen face only: any other would show a picture of its own."""
    points = frozenset(map(ord, "".join(unit)))
    asked = order[:1] if unicodedata.category(unit[0][0]) == "Co" else order
    return next((face for face in asked if points <= coverage(face)), None)


def _exclusions(assigned: Mapping[_Unit, FontFace | None], letters: Sequence[FontFace]) -> dict[FontFace, str]:
    excluded: dict[FontFace, str] = {}
    for unit, face in assigned.items():
        if len(unit) > 1 and face in letters:
            for earlier in letters[: letters.index(face)]:
                present = (cluster[0] for cluster in unit if ord(cluster[0]) in coverage(earlier))
                excluded[earlier] = excluded.get(earlier, "") + "".join(present)
    return excluded


def _search(missing: Sequence[str], folders: Sequence[Path]) -> list[FontFace]:
    """Installed faces that have the missing clusters, as few as possible. Raises TextError when some stay missing."""
    left = {cluster for cluster in missing if unicodedata.category(cluster[0]) != "Co"}
    shown: dict[FontFace, set[str]] = {}
    for face in installed_faces(folders):
        shown[face] = {cluster for cluster in left if _has(face, cluster)}
        if shown[face] == set(missing):
            return [face]
    found: list[FontFace] = []
    while left and shown:
        best = max(shown, key=lambda face: len(shown[face] & left))
        if not shown[best] & left:
            break
        found.append(best)
        left -= shown[best]
    unshown = [cluster for cluster in missing if not any(cluster in shown[face] for face in found)]
    if unshown:
        raise TextError(_missing_message(unshown))
    return found


def _has(face: FontFace, cluster: str) -> bool:
    try:
        return _first_with((cluster,), (face,)) is not None
    except TextError:
        return False  # one damaged font among the installed ones is no reason to give up


def _missing_message(missing: Sequence[str]) -> str:
    named = [f"{cluster!r} (U+{ord(cluster[0]):04X}, {script_name(cluster[0])})" for cluster in missing[:_MAX_NAMED]]
    more = f" and {len(missing) - _MAX_NAMED} more" if len(missing) > _MAX_NAMED else ""
    return (
        f"no font at hand shows {', '.join(named)}{more}; "
        "install a font that does, give one with --font FILE, or change the text"
    )
