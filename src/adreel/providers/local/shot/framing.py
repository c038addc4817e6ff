"""Frames a product, or the whole picture, for each view. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from adreel.domain.films.box import Box, box_around
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.scene import ViewType

_BASE_YAW = 0.075
"""Yaw of the angle view in radians; with the move's yaw added it stays below the angle at which a picture looks flat."""

_SHARP = 1.8
"""Largest enlargement of a photo's pixels in close-ups."""

_SHARPEST = 2.4
"""Largest enlargement to fill a frame of another shape: more is visibly soft."""

_SOFTEST = 3.2
"""Largest enlargement of a photo that lacks little of the frame's shape: narrow strips beside it would look like a fault."""

_NEARLY_ALL = 0.9
"""Visible part of a photo from which its shape counts as the frame's."""

_LEAST_CLOSE_UP, _LEAST_WITH_HEADS, _LEAST_SCENE = 0.7, 0.3, 0.28
"""Smallest visible part of a photo that cuts its subject, of one whose heads are known to be in the picture, and of one along
which the camera passes."""


_ROOM_TO_MOVE = 1.12
"""Enlargement of a whole photo, so that its subject can be moved aside for words."""

_FEW = 2
"""Texts below or beside which a product stays large."""

_MOST_BESIDE = 0.5
"""Largest share of the frame that a subject may fill, in the direction in which words stand beside it."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Maps photo pixel (x, y) to (scale * x + left, scale * y + top) in the composed frame; `yaw` in radians about `pivot`."""

    scale: float
    left: float
    top: float
    yaw: float = 0.0

    def scaled(self, factor: float) -> Placement:
        """The same in a frame `factor` times as large, whose pixel centres are at integers too."""
        half = 0.5 * (factor - 1)
        return replace(self, scale=factor * self.scale, left=factor * self.left + half, top=factor * self.top + half)

    def place(self, box: Box) -> Box:
        s = self.scale
        return Box(
            s * box.left + self.left, s * box.top + self.top, s * box.right + self.left, s * box.bottom + self.top
        )


@dataclass(frozen=True, slots=True)
class _Share:
    """Room for the product: at most these fractions of the frame's width and height, centred at (x, y)."""

    width: float
    height: float
    x: float
    y: float


def frame_product(
    box: Box,
    detail: tuple[float, float],
    size: FrameSize,
    view: ViewType,
    side: int,
    *,
    floor: float | None = None,
    words: int = 0,
) -> Placement:
    """Places a free-standing product. `side` is -1 or 1: the side to which off-centre views lean. For `words`, the number of
    texts over the shot, room is left beside or above the product.

    `floor`, for a product that its photo cuts below: the lowest row that the camera reaches, where the cut must be.
    """
    whole = _fitted(
        box, size, _aside(size, side, words) if words and view is not ViewType.DETAIL else _share(view, size, side)
    )
    if view is ViewType.DETAIL:
        whole = _close_up(box, detail, size, whole.scale, side)
        whole = _moved_aside(whole, size, side) if words else whole
    elif view is ViewType.ANGLE:
        whole = Placement(whole.scale, whole.left, whole.top, side * _BASE_YAW)
    return _rising(whole, box, size, floor) if floor is not None else whole


def _share(view: ViewType, size: FrameSize, side: int) -> _Share:
    portrait = size.height > size.width
    square = abs(size.width - size.height) < 0.3 * size.width and not size.height > 1.3 * size.width
    match view:
        case ViewType.LIFESTYLE if portrait:
            return _Share(0.62, 0.40, 0.5 + 0.06 * side, 0.60)
        case ViewType.LIFESTYLE:
            return _Share(0.46, 0.52, 0.5 + (0.12 if square else 0.165) * side, 0.565)
        case ViewType.ANGLE:
            return _Share(0.71 if portrait else 0.60, 0.56 if portrait else 0.68, 0.5 - 0.03 * side, 0.53)
        case _:
            return _Share(0.77 if portrait else 0.64, 0.60 if portrait else 0.72, 0.5, 0.525)


def _aside(size: FrameSize, side: int, words: int) -> _Share:
    """The room for a product beside which words stand: in a wide frame at one side, else below them; full-screen frames of phones
    are covered at their lower end, so that the words need the part above the middle."""
    if size.width > 1.3 * size.height:
        return _Share(0.44, 0.74, 0.5 + 0.2 * side, 0.525)
    if size.height > 1.6 * size.width:
        return _Share(0.78, 0.36, 0.5, 0.735) if words > _FEW else _Share(0.78, 0.44, 0.5, 0.665)
    return _Share(0.72, 0.38, 0.5, 0.745) if words > _FEW else _Share(0.72, 0.5, 0.5, 0.675)


def _moved_aside(place: Placement, size: FrameSize, side: int) -> Placement:
    """A close-up whose middle is where products stand beside words."""
    share = _aside(size, side, 1)
    return replace(place, left=place.left + (share.x - 0.5) * size.width, top=place.top + (share.y - 0.5) * size.height)


def _fitted(box: Box, size: FrameSize, share: _Share) -> Placement:
    scale = min(share.width * size.width / box.width, share.height * size.height / box.height)
    x, y = box.center
    return Placement(scale, share.x * size.width - scale * x, share.y * size.height - scale * y)


def _close_up(box: Box, detail: tuple[float, float], size: FrameSize, whole: float, side: int) -> Placement:
    """A view about twice as close as the whole product, at its most interesting point, never mostly of empty ground."""
    fill = max(size.width / box.width, size.height / box.height)
    scale = max(min(2.1 * whole, max(_SHARP, 1.3 * whole), 1.15 * fill), 1.3 * whole)
    x = _centered(detail[0], box.left, box.right, size.width / scale)
    y = _centered(detail[1], box.top, box.bottom, size.height / scale)
    lean = 0.08 * side * size.width if box.width * scale < 0.7 * size.width else 0.0
    return Placement(scale, size.width / 2 - scale * x + lean, size.height / 2 - scale * y)


def _centered(point: float, low: float, high: float, window: float) -> float:
    """Centre of a window around `point`, moved so that at most a tenth of it is outside `low` to `high`."""
    room = 0.40 * window
    if high - low <= 2 * room:
        return (low + high) / 2
    return min(max(point, low + room), high - room)


def _rising(placement: Placement, box: Box, size: FrameSize, floor: float) -> Placement:
    """Moves a product that the photo cuts below so that the frame cuts it too, and it rises well into the frame."""
    x = placement.left + placement.scale * box.center[0]
    widest = 1.05 * size.width / box.width
    scale = max(placement.scale, min(0.9 * size.height / box.height, widest))
    return Placement(scale, x - scale * box.center[0], floor + 2 - scale * box.bottom, placement.yaw)


class Layout(StrEnum):
    """`FILL`: a part of the photo fills the frame. `TRAVEL`: so it does, and the camera passes along the photo. `EXTEND`: the
    photo's surroundings are extended to the frame's shape."""

    FILL = "fill"
    TRAVEL = "travel"
    EXTEND = "extend"


def choose_layout(photo: Box, subject: Box | None, size: FrameSize, heads: Sequence[Box] = ()) -> Layout:
    """How a photo that is shown itself meets the frame. `subject`: bounds of a reliable mask."""
    cover = max(size.width / photo.width, size.height / photo.height)
    visible = min(size.width / (cover * photo.width), size.height / (cover * photo.height))
    if visible > _NEARLY_ALL:
        return Layout.FILL
    # A subject that two sides cut has no surroundings that could go on.
    is_part = subject is not None and not heads and _cut_sides(subject, photo) > 1
    if not is_sharp(photo, size) and (cover > _SOFTEST or (visible < _LEAST_CLOSE_UP and not is_part)):
        return Layout.EXTEND
    if heads:
        whole = _has_room(box_around(heads), cover, size) and visible > _LEAST_WITH_HEADS
        return Layout.FILL if whole else Layout.EXTEND
    if subject is None:
        return Layout.TRAVEL if visible > _LEAST_SCENE else Layout.EXTEND
    if _has_room(subject, cover, size):
        return Layout.FILL
    cuts = _cut_sides(subject, photo)
    if cuts and visible > _LEAST_CLOSE_UP:
        return Layout.FILL
    return Layout.TRAVEL if cuts > 1 and visible > _LEAST_SCENE else Layout.EXTEND


def leaves_room(photo: Box, subject: Box | None, size: FrameSize) -> bool:
    """Whether a photo that fills the frame has room for words beside its subject, or above it in a tall frame."""
    if subject is None:
        return True
    scale = _ROOM_TO_MOVE * max(size.width / photo.width, size.height / photo.height)
    if size.width > size.height:
        return subject.width * scale <= _MOST_BESIDE * size.width
    return subject.height * scale <= _MOST_BESIDE * size.height


def is_sharp(photo: Box, size: FrameSize) -> bool:
    """Whether a photo has pixels enough to fill the frame."""
    return max(size.width / photo.width, size.height / photo.height) <= _SHARPEST


def _has_room(box: Box, scale: float, size: FrameSize) -> bool:
    return box.width * scale <= 0.9 * size.width and box.height * scale <= 0.9 * size.height


def _cut_sides(subject: Box, photo: Box) -> int:
    """Number of sides at which the photo itself cuts its subject, as close-ups do: then the frame may cut it too."""
    near = 0.01 * max(photo.width, photo.height)
    gaps = (
        subject.left - photo.left,
        subject.top - photo.top,
        photo.right - subject.right,
        photo.bottom - subject.bottom,
    )
    return sum(gap < near for gap in gaps)


def frame_picture(
    photo: Box,
    subject: Box | None,
    detail: tuple[float, float],
    visible: Box,
    size: FrameSize,
    view: ViewType,
    side: int,
    *,
    words: int = 0,
) -> Placement:
    """Fills the frame with a photo. The photo covers `visible`, the area that the camera reaches (composed-frame pixels). `words`
    as in `frame_product`, as far as the photo reaches."""
    cover = max(visible.width / photo.width, visible.height / photo.height)
    if view is ViewType.DETAIL:
        tight = 1.75 * cover
        if subject is not None:
            tight = min(tight, max(1.2 * cover, 1.1 * max(size.width / subject.width, size.height / subject.height)))
        share = _aside(size, side, 1)
        return _inside(photo, detail, tight, visible, size, (share.x, share.y) if words else (0.5, 0.5))
    middle = subject.center if subject is not None else (photo.center[0], photo.center[1])
    if words:
        share = _aside(size, side, 1)
        return _inside(photo, middle, _ROOM_TO_MOVE * cover, visible, size, (share.x, share.y))
    if view is ViewType.LIFESTYLE:
        # Slightly closer than the whole photo, so that there is room to move the subject aside.
        return _inside(photo, middle, 1.05 * cover, visible, size, (0.5 + 0.16 * side, 0.54))
    fill = 1.1 * cover
    if subject is not None:
        fill = min(0.80 * size.width / subject.width, 0.84 * size.height / subject.height)
    front = cover * max(1.0, min(1.35, fill / cover))
    if view is ViewType.ANGLE:
        return _inside(photo, middle, 1.12 * front, visible, size, (0.5 - 0.06 * side, 0.51))
    return _inside(photo, middle, front, visible, size, (0.5, 0.51))


def kept_in(place: Placement, kept: Box, always: Box, visible: Box, photo: Box) -> Placement:
    """Moves a placement, and widens it if necessary, so that the camera sees all of `kept` at every moment, as far as the photo
    still covers `visible`. `always` and `visible`: what the camera sees at every moment and at some moment."""
    cover = max(visible.width / photo.width, visible.height / photo.height)
    room = min(always.width / kept.width, always.height / kept.height)
    scale = max(min(place.scale, 0.98 * room), cover)
    x, y = always.center
    moved = replace(
        place,
        scale=scale,
        left=x + scale / place.scale * (place.left - x),
        top=y + scale / place.scale * (place.top - y),
    )
    box = moved.place(kept)
    left = moved.left + _shift(box.left, box.right, always.left, always.right)
    top = moved.top + _shift(box.top, box.bottom, always.top, always.bottom)
    left = min(max(left, visible.right - scale * photo.right), visible.left - scale * photo.left)
    top = min(max(top, visible.bottom - scale * photo.bottom), visible.top - scale * photo.top)
    return replace(moved, left=left, top=top)


def _shift(low: float, high: float, first: float, last: float) -> float:
    """The smallest shift that brings a span within another, or to its middle where it is longer."""
    if high - low > last - first:
        return (first + last) / 2 - (low + high) / 2
    return max(first - low, 0.0) + min(last - high, 0.0)


def _inside(
    photo: Box, point: tuple[float, float], scale: float, visible: Box, size: FrameSize, where: tuple[float, float]
) -> Placement:
    """Moves `point` toward the relative position `where`, as far as the photo still covers all of `visible`."""
    left = where[0] * size.width - scale * point[0]
    top = where[1] * size.height - scale * point[1]
    left = min(max(left, visible.right - scale * photo.right), visible.left - scale * photo.left)
    top = min(max(top, visible.bottom - scale * photo.bottom), visible.top - scale * photo.top)
    return Placement(scale, left, top)
