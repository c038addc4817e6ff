"""Places the words of a shot in its frame: in the room beside the product, or on a panel where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.errors import TextError
from adreel.domain.films.box import Box, box_around
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.subject import Subject
from adreel.media.overlays.block import Block, set_block, widest_block
from adreel.media.overlays.safe_area import safe_area
from adreel.media.overlays.space import free_rooms
from adreel.media.overlays.style import REFERENCE, Align, Backing, Palette, TextStyle

_FOOT = (TextRole.LOWER_THIRD, TextRole.LEGAL)
"""Roles that stand at the foot of the frame."""

_FOOT_WIDTH = 0.36
"""Least share of the safe width for a foot: in a narrower room a short line breaks into many."""

_ROOMS_TRIED = 3

_COLUMN = 0.7
"""Share of the safe height from which a room is a column beside the product."""

_BANDS = ((0.62, 1.0), (0.0, 0.38), (0.45, 1.0), (0.0, 0.55), (0.0, 1.0))
"""Parts of the safe area's height for words over the picture: the lower third comes first. Frames in which the platforms cover
the lower part begin with the upper one."""

_LABEL_SHARES = (1.0, 0.75, 0.5, 0.25, 0.1)
"""Shares of a label's sides that are kept clear: the largest that leaves room."""

_CRAMPED = 0.6
"""What cramped words are worth beside others, see `Ink`."""

_HIGH = 0.47
"""Where the middle of a block stands in a room, from its top: the optical middle."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A block at (left, top) in the frame, set within (width, height) in a room of it. `panelled`: on a panel, which needs room
    around the block."""

    words: tuple[ScreenText, ...]
    block: Block
    left: int
    top: int
    room: Box
    within: tuple[int, int]
    panelled: bool

    @property
    def box(self) -> Box:
        return Box(self.left, self.top, self.left + self.block.width, self.top + self.block.height)


@dataclass(frozen=True, slots=True)
class WordsInFrame:
    """What an arrangement depends on: the words, their style, the frame, and what they keep clear of: the `subject`, and what is
    `kept`, such as the brand's logo."""

    words: tuple[ScreenText, ...]
    style: TextStyle
    size: FrameSize
    subject: Subject | None
    kept: tuple[Box, ...] = ()

    @property
    def unit(self) -> float:
        """Pixels of the frame per pixel of a frame whose shorter side has 1080."""
        return min(self.size.width, self.size.height) / REFERENCE

    @property
    def safe(self) -> Box:
        return safe_area(self.size)


def arrange(given: WordsInFrame, palette: Palette, *, panelled: bool) -> tuple[Placed, ...]:
    """Places all words. With `panelled` they stand on panels wherever they are. Raises TextError when there is no room."""
    wants_panel = panelled or given.style.backing is Backing.PANEL
    if given.subject is not None:
        kept_clear = [*([box_around(given.subject.boxes)] if given.subject.boxes else []), *given.subject.marks]
        obstacles = [*(box.grown(given.style.gap * given.unit) for box in kept_clear), *given.kept]
        for groups in (_groups(given.words), [list(given.words)]):
            placed = _beside(given, groups, obstacles, palette, panelled=wants_panel)
            if placed is not None:
                return placed
        if not given.style.over_product:
            said = " / ".join(each.text for each in given.words)
            raise TextError(f"the product leaves no room for the words {said!r}; shorten them, or show it farther away")
    return (_over(given, given.style.panel.letters),)


def recolored(placed: Placed, given: WordsInFrame, palette: Palette) -> Placed:
    """The same in other colours."""
    return replace(placed, block=set_block(placed.words, given.style, palette, *placed.within, given.unit))


def _groups(words: Sequence[ScreenText]) -> list[list[ScreenText]]:
    main = [each for each in words if each.role not in _FOOT]
    foot = [each for each in words if each.role in _FOOT]
    return [group for group in (main, foot) if group]


def _beside(
    given: WordsInFrame,
    groups: Sequence[Sequence[ScreenText]],
    obstacles: Sequence[Box],
    palette: Palette,
    *,
    panelled: bool,
) -> tuple[Placed, ...] | None:
    """Places each group in the room that the product and the earlier groups leave; None when one finds none."""
    placed: list[Placed] = []
    kept = list(obstacles)
    for group in groups:
        found = _in_rooms(given, group, free_rooms(given.safe, kept), palette, panelled=panelled)
        if found is None:
            return None
        placed.append(found)
        kept.append(found.box.grown(_padding(given, panelled=panelled) + given.style.gap * given.unit))
    return tuple(placed)


def _in_rooms(
    given: WordsInFrame, words: Sequence[ScreenText], rooms: Sequence[Box], palette: Palette, *, panelled: bool
) -> Placed | None:
    """The group in the room in which it is largest; a foot in the lowest room that is no narrow strip."""
    is_foot = all(each.role in _FOOT for each in words)
    wide = [room for room in rooms if room.width >= _FOOT_WIDTH * given.safe.width]
    ordered = sorted(wide, key=lambda room: (-room.bottom, -room.area)) if is_foot else rooms
    best: Placed | None = None
    for room in ordered[:_ROOMS_TRIED]:
        placed = _in_room(given, words, room, palette, panelled=panelled, low=is_foot)
        if placed is not None and (is_foot or (best is None and _is_at_its_best(placed))):
            return placed
        if placed is not None and (best is None or _merit(placed) > 1.1 * _merit(best)):
            best = placed
    return best


def _is_at_its_best(placed: Placed) -> bool:
    return placed.block.ease == 1 and not placed.block.is_cramped


def _merit(placed: Placed) -> float:
    """The size of the words; what is cramped reads like something much smaller."""
    return placed.block.largest * (_CRAMPED if placed.block.is_cramped else 1.0)


def _in_room(
    given: WordsInFrame, words: Sequence[ScreenText], room: Box, palette: Palette, *, panelled: bool, low: bool
) -> Placed | None:
    inner = room.grown(-_padding(given, panelled=panelled))
    width = min(int(inner.width), widest_block(max(given.size.width, given.size.height)))
    if width < 1 or inner.height < 1:
        return None
    try:
        block = set_block(words, given.style, palette, width, int(inner.height), given.unit)
    except TextError:
        return None
    left, top = _position(given, block, inner, low=low)
    return Placed(tuple(words), block, left, top, room, (width, int(inner.height)), panelled)


def _over(given: WordsInFrame, palette: Palette) -> Placed:
    """All words on a panel in the band of the frame where it covers least of the product, clear of the label. Raises TextError
    when there is no room."""
    for label in _labels(given):
        found = [placed for band in _bands(given) if (placed := _in_band(given, band, label, palette)) is not None]
        if found:
            return min(
                found, key=lambda placed: _covered(given, placed) / (_CRAMPED if placed.block.is_cramped else 1.0)
            )
    said = " / ".join(each.text for each in given.words)
    raise TextError(f"there is no room on the screen for the words {said!r}; shorten them or use fewer in this shot")


def _in_band(given: WordsInFrame, band: Box, label: Sequence[Box], palette: Palette) -> Placed | None:
    low = band.bottom >= given.safe.bottom
    rooms = free_rooms(band, label)
    tried = (_in_room(given, given.words, room, palette, panelled=True, low=low) for room in rooms)
    placed = [each for each in islice(tried, _ROOMS_TRIED) if each is not None]
    return next((each for each in placed if not each.block.is_cramped), next(iter(placed), None))


def _covered(given: WordsInFrame, placed: Placed) -> float:
    """The area of the product that a panel covers."""
    if given.subject is None or not given.subject.boxes:
        return 0.0
    panel = placed.box.grown(_padding(given, panelled=True))
    return panel.clipped(box_around(given.subject.boxes)).area


def _bands(given: WordsInFrame) -> list[Box]:
    safe = given.safe
    upper_first = safe.bottom < 0.8 * given.size.height
    shares = sorted(_BANDS, key=lambda band: band[1] - band[0] > 0.5 or (band[0] > 0) is upper_first)
    return [
        Box(safe.left, safe.top + low * safe.height, safe.right, safe.top + high * safe.height) for low, high in shares
    ]


def _labels(given: WordsInFrame) -> list[list[Box]]:
    """What words over the product keep clear of: its label, else as much around the middle of the label as leaves them room."""
    if given.subject is None or not given.subject.labels:
        return [list(given.kept)]
    label = box_around(given.subject.labels)
    return [[label.resized(share).grown(given.style.gap * given.unit), *given.kept] for share in _LABEL_SHARES]


def _padding(given: WordsInFrame, *, panelled: bool) -> float:
    return given.style.panel.padding * given.unit if panelled else 0.0


def _position(given: WordsInFrame, block: Block, room: Box, *, low: bool) -> tuple[int, int]:
    """Left and top of a block in a room."""
    spare_x, spare_y = room.width - block.width, room.height - block.height
    y = 1.0 if low else _HIGH
    return round(room.left + _across(given, block, room) * spare_x), round(room.top + y * spare_y)


def _across(given: WordsInFrame, block: Block, room: Box) -> float:
    """The share of the spare width to the left of a block."""
    if given.style.align is Align.CENTER:
        return 0.5
    is_column = room.height >= _COLUMN * given.safe.height
    inward = 0.25 if is_column and room.width < 0.8 * given.safe.width else 0.0
    beyond = room.left > given.size.width / 2 if not block.right_to_left else room.right < given.size.width / 2
    start = inward if beyond else 0.0
    return 1 - start if block.right_to_left else start
