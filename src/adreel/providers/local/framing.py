"""How a product, or the picture as a whole, is framed in each view. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from adreel.domain.formats import FrameSize
from adreel.domain.scene import ViewType
from adreel.providers.local.geometry import Box

_BASE_YAW = 0.075
"""Turn of the angle view, radians; the move comes on top, both together stay below what betrays a flat picture."""

_SHARP = 1.8
"""Largest enlargement of a photo's pixels in close-ups."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Photo pixel (x, y) lies at (scale * x + left, scale * y + top) of the composed frame; `yaw` in radians about `pivot`."""

    scale: float
    left: float
    top: float
    yaw: float = 0.0

    def place(self, box: Box) -> Box:
        s = self.scale
        return Box(
            s * box.left + self.left, s * box.top + self.top, s * box.right + self.left, s * box.bottom + self.top
        )


@dataclass(frozen=True, slots=True)
class _Share:
    """Room for the product: at most these parts of the frame's width and height, centred at (x, y)."""

    width: float
    height: float
    x: float
    y: float


def frame_product(
    box: Box, detail: tuple[float, float], size: FrameSize, view: ViewType, side: int, *, floor: float | None = None
) -> Placement:
    """Where to put a product that stands free. `side` is -1 or 1: to which side views that are off centre lean.

    `floor`, for a product that its photo cuts below: the lowest row that the camera's move reaches, where the cut must lie.
    """
    whole = _fitted(box, size, _share(view, size, side))
    if view is ViewType.DETAIL:
        whole = _close_up(box, detail, size, whole.scale, side)
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
            return _Share(0.76 if portrait else 0.60, 0.56 if portrait else 0.68, 0.5 - 0.03 * side, 0.53)
        case _:
            return _Share(0.80 if portrait else 0.64, 0.60 if portrait else 0.72, 0.5, 0.525)


def _fitted(box: Box, size: FrameSize, share: _Share) -> Placement:
    scale = min(share.width * size.width / box.width, share.height * size.height / box.height)
    x, y = box.center
    return Placement(scale, share.x * size.width - scale * x, share.y * size.height - scale * y)


def _close_up(box: Box, detail: tuple[float, float], size: FrameSize, whole: float, side: int) -> Placement:
    """About twice as close as the whole product, on its most interesting point, never mostly on empty ground."""
    fill = max(size.width / box.width, size.height / box.height)
    scale = max(min(2.1 * whole, max(_SHARP, 1.3 * whole), 1.15 * fill), 1.3 * whole)
    x = _centered(detail[0], box.left, box.right, size.width / scale)
    y = _centered(detail[1], box.top, box.bottom, size.height / scale)
    lean = 0.08 * side * size.width if box.width * scale < 0.7 * size.width else 0.0
    return Placement(scale, size.width / 2 - scale * x + lean, size.height / 2 - scale * y)


def _centered(point: float, low: float, high: float, window: float) -> float:
    """Centre of a window that shows `point`, moved so that at most a tenth of it lies outside `low` to `high`."""
    room = 0.40 * window
    if high - low <= 2 * room:
        return (low + high) / 2
    return min(max(point, low + room), high - room)


def _rising(placement: Placement, box: Box, size: FrameSize, floor: float) -> Placement:
    """A product that the photo cuts below is cut by the frame as well, and rises well into it."""
    x = placement.left + placement.scale * box.center[0]
    widest = 1.05 * size.width / box.width
    scale = max(placement.scale, min(0.9 * size.height / box.height, widest))
    return Placement(scale, x - scale * box.center[0], floor + 2 - scale * box.bottom, placement.yaw)


def fits(photo: Box, subject: Box | None, size: FrameSize) -> bool:
    """Whether a photo that fills the frame still shows its subject, or where it has none that is whole, most of itself."""
    cover = max(size.width / photo.width, size.height / photo.height)
    close_up = subject is not None and _touches(subject, photo)
    if subject is not None and not close_up:
        return subject.width * cover <= 0.9 * size.width and subject.height * cover <= 0.9 * size.height
    seen = min(size.width / (cover * photo.width), size.height / (cover * photo.height))
    return seen > (0.4 if close_up else 0.6)


def _touches(subject: Box, photo: Box) -> bool:
    """Whether the photo itself cuts its subject, as close-ups do: then the frame may as well."""
    near = 0.01 * max(photo.width, photo.height)
    gaps = (
        subject.left - photo.left,
        subject.top - photo.top,
        photo.right - subject.right,
        photo.bottom - subject.bottom,
    )
    return min(gaps) < near


def frame_card(photo: Box, subject: Box | None, size: FrameSize, view: ViewType, side: int) -> tuple[Box, Placement]:
    """What part of the photo a card shows, and where it hangs."""
    shown = _card_part(photo, subject)
    lifestyle = view is ViewType.LIFESTYLE
    room = 0.76 if lifestyle else 0.90
    scale = min(room * size.width / shown.width, room * size.height / shown.height)
    free = 0.5 * (size.width - scale * shown.width)
    x = size.width / 2 + (0.45 * side * free if lifestyle and size.width > size.height else 0.0)
    yaw = side * _BASE_YAW if view is ViewType.ANGLE else 0.0
    center = shown.center
    return shown, Placement(scale, x - scale * center[0], size.height / 2 - scale * center[1], yaw)


def _card_part(photo: Box, subject: Box | None) -> Box:
    """All of a photo up to 3:2 or 2:3; of longer ones, as much around the subject."""
    width, height = min(photo.width, 1.5 * photo.height), min(photo.height, 1.5 * photo.width)
    x, y = photo.center
    if subject is not None:
        width, height = (
            max(width, min(photo.width, 1.1 * subject.width)),
            max(height, min(photo.height, 1.1 * subject.height)),
        )
        x, y = subject.center
    left = min(max(x - width / 2, photo.left), photo.right - width)
    top = min(max(y - height / 2, photo.top), photo.bottom - height)
    return Box(left, top, left + width, top + height)


def frame_picture(
    photo: Box, subject: Box | None, detail: tuple[float, float], seen: Box, size: FrameSize, view: ViewType, side: int
) -> Placement:
    """How a photo fills the frame. `seen`, what the camera's move reaches (composed-frame pixels), lies in the photo."""
    cover = max(seen.width / photo.width, seen.height / photo.height)
    if view is ViewType.DETAIL:
        tight = 1.75 * cover
        if subject is not None:
            tight = min(tight, max(1.2 * cover, 1.1 * max(size.width / subject.width, size.height / subject.height)))
        return _inside(photo, detail, tight, seen, size, (0.5, 0.5))
    middle = subject.center if subject is not None else (photo.center[0], photo.center[1])
    if view is ViewType.LIFESTYLE:
        # A little closer than all of it, so that there is room to set the subject aside.
        return _inside(photo, middle, 1.05 * cover, seen, size, (0.5 + 0.16 * side, 0.54))
    fill = 1.1 * cover
    if subject is not None:
        fill = min(0.80 * size.width / subject.width, 0.84 * size.height / subject.height)
    front = cover * max(1.0, min(1.35, fill / cover))
    if view is ViewType.ANGLE:
        return _inside(photo, middle, 1.12 * front, seen, size, (0.5 - 0.06 * side, 0.51))
    return _inside(photo, middle, front, seen, size, (0.5, 0.51))


def _inside(
    photo: Box, point: tuple[float, float], scale: float, seen: Box, size: FrameSize, where: tuple[float, float]
) -> Placement:
    """Brings `point` to the relative place `where`, as far as the photo still covers all of `seen`."""
    left = where[0] * size.width - scale * point[0]
    top = where[1] * size.height - scale * point[1]
    left = min(max(left, seen.right - scale * photo.right), seen.left - scale * photo.left)
    top = min(max(top, seen.bottom - scale * photo.bottom), seen.top - scale * photo.top)
    return Placement(scale, left, top)
