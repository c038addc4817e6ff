"""Lays the words of a shot over its frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Protocol

from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.errors import TextError
from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.logo import LogoMark
from adreel.domain.films.shown_words import ShownWords, Words
from adreel.domain.films.subject import Subject
from adreel.media.cards.logo import identified
from adreel.media.overlays.arrange import Placed, WordsInFrame, arrange, recolored
from adreel.media.overlays.backing import (
    Behind,
    Letters,
    MeasureBeneath,
    choose_letters,
    panel_behind,
    panel_box,
    piece_box,
    shade_behind,
)
from adreel.media.overlays.beneath import Beneath, cells_beneath
from adreel.media.overlays.block import Piece, in_order
from adreel.media.overlays.faces import cap_height
from adreel.media.overlays.ink import check_ink, ink_fonts
from adreel.media.overlays.logo_mark import PlacedMark, place_marks
from adreel.media.overlays.movement import REST, pose_at
from adreel.media.overlays.schedule import Schedule, schedule
from adreel.media.overlays.sprite import Sprite, make_sprite, room_for
from adreel.media.overlays.style import REFERENCE, TextStyle

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame
    from adreel.media.cards.plate import Layer

OVERLAY_VERSION = "2"
"""Part of the key of clips with words. Increased when words are drawn differently, or a style changes."""

MARK_VERSION = "1"
"""The same of clips with a logo."""

_SAMPLES = 12
"""Frames whose picture is measured: a camera moves about ten pixels from one to the next, in a long shot as in a short one."""


class Footage(Protocol):
    """The frames of a shot, and where its subject is; None when that is not known."""

    @property
    def subject(self) -> Subject | None: ...

    def samples(self, indexes: Sequence[int]) -> Iterable[YuvFrame]:
        """The frames of these indexes, in their order."""
        ...

    def frames(self) -> Iterable[YuvFrame]:
        """All frames, once; each may be changed."""
        ...


@dataclass(frozen=True, slots=True)
class Captioned:
    """Words, their style, and the frame and length of their shot in frames. `stays`: until the end, as on an end card. `mark`:
    the brand's logo, over every frame; with it there may be no words."""

    words: tuple[ScreenText, ...]
    style: TextStyle
    size: FrameSize
    frames: int
    stays: bool = False
    mark: LogoMark | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """What a segment depends on because of the words and the logo. Raises PhotoError for a logo that cannot be read."""
        mark = () if self.mark is None else ("mark", MARK_VERSION, self.mark.corner, identified(self.mark.logo))
        return ("words", OVERLAY_VERSION, self.style.name, self.words, *mark)

    def times(self, parts: int) -> Schedule:
        """When the words come and go in `parts` parts. Raises TextError for words that cannot be read in the time."""
        if not self.words:
            return Schedule(0, 0, 0, self.frames, self.frames)
        return schedule(self.words, parts, self.style, self.frames, stays=self.stays)


@dataclass(frozen=True, slots=True)
class Moving:
    """A sprite that moves as the `part`th of its shot. What lies behind words has no role, and only fades."""

    sprite: Sprite
    part: int
    role: TextRole | None


@dataclass(frozen=True, slots=True)
class Overlay:
    """Everything that is laid over the frames of a shot, from back to front. `boxes`: where words and panels stand, and the logo;
    `words` are those words. `fixed` is there in every frame."""

    moving: tuple[Moving, ...]
    style: TextStyle
    times: Schedule
    size: FrameSize
    boxes: tuple[Box, ...]
    words: Words = ()
    fixed: tuple[Sprite, ...] = ()

    def lay(self, frame: YuvFrame, index: int) -> None:
        """Lays the words over frame `index` in place."""
        for sprite in self.fixed:
            sprite.lay(frame, self.size, REST)
        for each in self.moving:
            pose = pose_at(index, each.part, self.style, self.times, fades=each.role is None)
            if pose is not None:
                each.sprite.lay(frame, self.size, pose)

    def over(self, frames: Iterable[YuvFrame], first: int = 0) -> Iterator[YuvFrame]:
        """The frames of the shot from `first` on, in order, with the words over them; they are changed in place."""
        for index, frame in enumerate(frames, first):
            self.lay(frame, index)
            yield frame

    def laid(self, frame: YuvFrame, index: int) -> YuvFrame:
        """A copy of frame `index` with the words."""
        copy = frame.copy()
        self.lay(copy, index)
        return copy


def check_words(captioned: Captioned) -> None:
    """Raises TextError for words that no font shows or that cannot be read in the time."""
    for each in captioned.words:
        for text in (each.text, each.struck):
            if text is not None:
                check_ink(text, captioned.style.roles[each.role])
    captioned.times(1)


def plan_overlay(captioned: Captioned, footage: Footage) -> Overlay:
    """Places the words and the logo, chooses their colours against the frames beneath, and prepares their sprites. A logo that
    leaves the words no room is left out. Raises TextError, RenderError, PhotoError."""
    check_words(captioned)
    given = WordsInFrame(captioned.words, captioned.style, captioned.size, footage.subject)
    # Words on a panel need no measuring, which takes a decoder or a camera some time.
    samples = cache(lambda: list(footage.samples(_sampled(captioned))))

    def measure(area: Box) -> Beneath:
        return cells_beneath(samples(), captioned.size, area)

    bare = _worded(captioned, given, measure)
    marks = place_marks(captioned.mark, captioned.size, footage.subject, measure) if captioned.mark else ()
    return _with_mark(captioned, given, bare, list(marks), measure)


def _with_mark(
    captioned: Captioned, given: WordsInFrame, bare: Overlay, marks: Sequence[PlacedMark], measure: MeasureBeneath
) -> Overlay:
    """The words with the logo in the first corner that leaves them clear of the product as they were, else in the first one that
    leaves them room; the words alone where none does."""
    found: list[Overlay] = []
    for mark in marks:
        with suppress(TextError):
            beside = replace(given, kept=(mark.box.grown(given.style.gap * given.unit),))
            found.append(_marked(_worded(captioned, beside, measure), mark))
            if _is_clear(found[-1], given) or not _is_clear(bare, given):
                return found[-1]
    return found[0] if found else bare


def _is_clear(overlay: Overlay, given: WordsInFrame) -> bool:
    boxes = given.subject.boxes if given.subject else ()
    return not any(word.meets(box) for word in overlay.boxes for box in boxes)


def _worded(captioned: Captioned, given: WordsInFrame, measure: MeasureBeneath) -> Overlay:
    lettered = _lettered(given, measure) if captioned.words else []
    total = sum(len(each.placed.block.pieces) for each in lettered)
    return _overlay(lettered, given, captioned.times(total))


def _marked(overlay: Overlay, mark: PlacedMark) -> Overlay:
    size = overlay.size
    unit = min(size.width, size.height) / REFERENCE
    sprite = make_sprite(mark.layer, round(mark.box.left), round(mark.box.top), size, unit, 0, backwards=False)
    return replace(overlay, fixed=(sprite,), boxes=(*overlay.boxes, mark.box))


def _sampled(captioned: Captioned) -> list[int]:
    """The frames that are measured: a logo is there in all of them."""
    times = captioned.times(len(captioned.words))
    if captioned.mark is not None:
        times = replace(times, first=0, gone=captioned.frames)
    return sample_indexes(times)


def sample_indexes(times: Schedule) -> list[int]:
    """The frames that are measured, evenly from the first to the last with words."""
    span = times.gone - 1 - times.first
    return sorted({times.first + round(step * span / (_SAMPLES - 1)) for step in range(_SAMPLES)})


@dataclass(frozen=True, slots=True)
class _Lettered:
    """A block in its final colours; without letters it stands on a panel."""

    placed: Placed
    letters: Letters | None


def _lettered(given: WordsInFrame, measure: MeasureBeneath) -> list[_Lettered]:
    """The words in the picture if they can be read there, else all on panels."""
    first = given.style.on_dark
    placed = arrange(given, first, panelled=False)
    if any(each.panelled for each in placed):
        return [_on_panel(each, given) for each in placed]
    chosen = choose_letters(placed, given, measure)
    if chosen is None:
        return [_on_panel(each, given) for each in arrange(given, given.style.panel.letters, panelled=True)]
    return [
        _Lettered(recolored(each, given, letters.palette), letters)
        for each, letters in zip(placed, chosen, strict=True)
    ]


def _on_panel(placed: Placed, given: WordsInFrame) -> _Lettered:
    return _Lettered(recolored(placed, given, given.style.panel.letters), None)


def _overlay(lettered: Sequence[_Lettered], given: WordsInFrame, times: Schedule) -> Overlay:
    moving: list[Moving] = []
    boxes: list[Box] = []
    words: list[ShownWords] = []
    part = 0
    for each in lettered:
        behind = _behind(each, given)
        if behind is not None:
            moving.append(Moving(_sprite(behind.layer, behind.left, behind.top, given, 0, backwards=False), part, None))
        if each.letters is None:
            boxes.append(panel_box(each.placed, given))
        words += _shown(each.placed, given, times, part)
        for piece in each.placed.block.pieces:
            moving.append(Moving(_part_sprite(each.placed, piece, given), part, piece.part.role))
            boxes.append(piece_box(each.placed, piece))
            part += 1
    return Overlay(tuple(moving), given.style, times, given.size, tuple(boxes), tuple(words))


def _shown(placed: Placed, given: WordsInFrame, times: Schedule, part: int) -> list[ShownWords]:
    """The words of a block whose first moving part is the `part`th; the line above a headline is none of them."""
    pieces, ordered = placed.block.pieces, in_order(placed.words)
    parts = list(enumerate(pieces, start=part))[len(pieces) - len(ordered) :]
    return [
        ShownWords(
            kind=each.role.value,
            text=f"{each.text} {each.struck}" if each.struck else each.text,
            box=piece_box(placed, piece),
            first=times.first + number * times.stagger,
            last=times.gone,
            type_size=piece.part.cap / cap_height(given.style.roles[each.role].face),
            fonts=ink_fonts(f"{each.text} {each.struck or ''}", given.style.roles[each.role]),
        )
        for (number, piece), each in zip(parts, ordered, strict=True)
    ]


def _behind(each: _Lettered, given: WordsInFrame) -> Behind | None:
    if each.letters is None:
        return panel_behind(each.placed, given)
    return shade_behind(each.placed, given, each.letters) if each.letters.opacity else None


def _part_sprite(placed: Placed, piece: Piece, given: WordsInFrame) -> Sprite:
    part = piece.part
    room = max(
        room_for(motion.kind, motion.distance, given.unit, part.width, part.height)
        for motion in (given.style.enter, given.style.leave)
    )
    left, top = placed.left + piece.left, placed.top + piece.top
    return _sprite(part.layer, left, top, given, room, backwards=part.right_to_left)


def _sprite(layer: Layer, left: int, top: int, given: WordsInFrame, room: int, *, backwards: bool) -> Sprite:
    return make_sprite(layer, left, top, given.size, given.unit, room, backwards=backwards)
