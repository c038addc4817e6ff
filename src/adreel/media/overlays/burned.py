"""Captions as part of the picture: placed in the safe area clear of a shot's words and label, and laid over its frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adreel.domain.errors import TextError
from adreel.domain.films.box import Box, box_around
from adreel.domain.films.captions import ShotCaption
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.subject import Subject
from adreel.media.overlays.caption_lines import CaptionBlock, caption_layer, set_block
from adreel.media.overlays.caption_style import CaptionStyle, caption_style
from adreel.media.overlays.movement import REST
from adreel.media.overlays.safe_area import safe_area
from adreel.media.overlays.sprite import Sprite, make_sprite
from adreel.media.overlays.style import REFERENCE

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame
    from adreel.media.clips.raw_pictures import Lay
    from adreel.media.overlays.overlay import Overlay

BURNED_VERSION = "2"
"""Part of the key of clips with captions. Increased when they are drawn differently, or a style changes."""

_WIDEST = 0.92
"""Share of the safe area's width."""
_LETTER = 0.92
"""Width of an average letter in heights of capitals: bold faces with their spaces."""
_STEP = 24
_GAP = 14


def caption_key(captions: Sequence[ShotCaption], style: str) -> tuple[object, ...]:
    """What a segment depends on because of its captions."""
    return ("captions", BURNED_VERSION, style, tuple(captions))


def letters_in_line(size: FrameSize, style: CaptionStyle) -> float:
    """The letters that fit into a line of a caption."""
    return _width(size) / (_LETTER * style.cap * _unit(size))


def _width(size: FrameSize) -> float:
    return _WIDEST * safe_area(size).width


def _unit(size: FrameSize) -> float:
    return min(size.width, size.height) / REFERENCE


@dataclass(slots=True)
class _Placed:
    """A caption at its place; sprites are made when they are first shown."""

    caption: ShotCaption
    block: CaptionBlock
    box: Box
    sprites: dict[int | None, Sprite] = field(default_factory=dict[int | None, Sprite])


class BurnedCaptions:
    """The captions of one shot."""

    def __init__(
        self,
        captions: Sequence[ShotCaption],
        style: CaptionStyle,
        size: FrameSize,
        words: Sequence[Box],
        subject: Subject | None = None,
    ) -> None:
        """`words`: where the words of the shot stand. The label of its `subject` is not covered either, unless there is no other
        room. Raises TextError for letters that no font shows, and where the words of the shot leave no room; RenderError."""
        self._style, self._size = style, size
        blocks = [set_block(each.lines, style, int(_width(size)), _unit(size)) for each in captions]
        labels = [box_around(subject.labels)] if subject is not None and subject.labels else []
        bottom = self._bottom(blocks, words, labels)
        self._placed = [
            _Placed(caption, block, self._box(block, bottom)) for caption, block in zip(captions, blocks, strict=True)
        ]

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Where the captions stand."""
        return tuple(each.box for each in self._placed)

    def lay(self, frame: YuvFrame, index: int) -> None:
        """Lays the caption of frame `index` over it, if there is one."""
        for each in self._placed:
            if each.caption.first <= index < each.caption.last:
                self._sprite(each, self._spoken(each, index)).lay(frame, self._size, REST)

    def _spoken(self, placed: _Placed, index: int) -> int | None:
        """The number of the word that is spoken, where the style shows it and all words were found."""
        begun = sum(start <= index for start in placed.caption.starts)
        if self._style.spoken is None or not begun or placed.block.words != len(placed.caption.starts):
            return None
        return begun - 1

    def _sprite(self, placed: _Placed, spoken: int | None) -> Sprite:
        if spoken not in placed.sprites:
            layer = caption_layer(placed.block, self._style, spoken)
            left, top = int(placed.box.left), int(placed.box.top)
            placed.sprites[spoken] = make_sprite(layer, left, top, self._size, _unit(self._size), 0, backwards=False)
        return placed.sprites[spoken]

    def _box(self, block: CaptionBlock, bottom: float) -> Box:
        area = safe_area(self._size)
        left = round((area.left + area.right - block.width) / 2)
        return Box(left, round(bottom) - block.height, left + block.width, round(bottom))

    def _bottom(self, blocks: Sequence[CaptionBlock], words: Sequence[Box], labels: Sequence[Box]) -> float:
        """The lowest foot for all captions of a shot at which none meets its words, nor a label where that can be."""
        for kept in ([*words, *labels], words):
            bottom = self._lowest(blocks, [box.grown(_GAP * _unit(self._size)) for box in kept])
            if bottom is not None:
                return bottom
        raise TextError("the words of a shot leave no room for its captions; shorten them, or give captions as files")

    def _lowest(self, blocks: Sequence[CaptionBlock], kept: Sequence[Box]) -> float | None:
        area = safe_area(self._size)
        bottom = area.bottom
        while bottom - max(block.height for block in blocks) >= area.top:
            if not any(self._box(block, bottom).meets(box) for block in blocks for box in kept):
                return bottom
            bottom -= _STEP * _unit(self._size)
        return None


@dataclass(frozen=True, slots=True)
class ClipCaptions:
    """The captions of a clip of a file, in the style of this name."""

    captions: tuple[ShotCaption, ...] = ()
    style: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What a segment depends on because of them."""
        return caption_key(self.captions, self.style) if self.captions else ()

    def over(self, overlay: Overlay) -> Lay:
        """Lays the words of `overlay`, and captions clear of them, over copies of frames. Raises as `BurnedCaptions` does."""
        if not self.captions:
            return overlay.laid
        burned = BurnedCaptions(self.captions, caption_style(self.style), overlay.size, overlay.boxes)

        def laid(frame: YuvFrame, index: int) -> YuvFrame:
            copy = overlay.laid(frame, index)
            burned.lay(copy, index)
            return copy

        return laid


NO_CAPTIONS = ClipCaptions()


def captioned_frames(captions: BurnedCaptions, frames: Iterable[YuvFrame], first: int = 0) -> Iterator[YuvFrame]:
    """The frames of a shot from `first` on with its captions; they are changed in place."""
    for index, frame in enumerate(frames, first):
        captions.lay(frame, index)
        yield frame
