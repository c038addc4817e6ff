"""Stages for photos without a cut-out: bent by depth under a moving camera, or flat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adreel.domain.films.box import Box, box_around
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.scene import ViewType
from adreel.domain.films.subject import Subject
from adreel.providers.local.drawing.camera import Pose
from adreel.providers.local.drawing.geometry import (
    Matrix,
    always_seen,
    camera_matrix,
    reach,
)
from adreel.providers.local.photo.matte import mask_box
from adreel.providers.local.photo.route import PLAIN
from adreel.providers.local.photo.study import Study
from adreel.providers.local.shot.bounds import subject_in
from adreel.providers.local.shot.closeup import DISTURBING, TALLEST_WORDS, calmest, find_label, find_lettering
from adreel.providers.local.shot.framing import Placement, frame_picture, kept_in
from adreel.providers.local.shot.parallax import ParallaxStage, parallax_stage
from adreel.providers.local.shot.sheets import FlatStage, SheetStage, depth_of, flat_view, visible_photo

_AIR = 0.04
"""Room around what every moment of a shot shows, as a fraction of its longer side."""

_HEAD = 0.2
"""Upper part of a subject that may be its head, as a fraction of its height."""

_TRAVEL = 0.42
"""Longest passage along a photo in a shot of `_USUAL` frames, as a fraction of the frame's shorter side."""

_USUAL = 90

_CLOSE_WORDS = 0.6
"""Part of the frame's width that words fill in the widest view of a photo, from which a close-up would cut them."""

_FINE_PRINT = 4.0
"""Contrast along the borders from which lettering counts where a photo is cut in any case: a crop may as well be another one."""

_CALMED = (1.0, 0.8, 0.6, 0.45)
"""Tried strengths of a move whose subject nearly fills the photo; a smaller one would look like a still picture."""


def picture_stage(
    study: Study,
    view: ViewType,
    poses: Sequence[Pose],
    size: FrameSize,
    side: int,
    *,
    travels: bool,
    words: int = 0,
    output: FrameSize | None = None,
) -> FlatStage | SheetStage | ParallaxStage:
    """Builds the stage of a photo that fills the frame: in two layers if its subject stands out, bent by depth if its mask is
    reliable. `travels`: the camera passes along what the frame does not hold. `words`: as in `frame_product`.
    `output`: as in `product_stage`."""
    whole = study.whole()
    kept = _kept(study, view, poses, size)
    if kept is not None:
        poses = _calmed(poses, kept, study, size)
    elif travels:
        poses = _travelling(poses, whole, size, side)
    views = [flat_view(pose, size) for pose in poses]
    visible = reach(views, size).grown(1.5)
    place = frame_picture(whole, study.focus or kept, study.detail, visible, size, view, side, words=words)
    always = always_seen(views, size)
    if view is ViewType.DETAIL:
        place = _sparing_letters(study, place, poses, size, visible)
    if kept is not None:
        place = kept_in(place, kept, always, visible, whole)
        if not (travels or study.heads or always.holds(place.place(kept))):
            # A part that is cut in any case is cut beside its lettering. A much narrower frame would only cut other letters.
            place = _sparing_letters(study, place, poses, size, visible, _FINE_PRINT)
    if output is not None and output != size:
        place, size = place.scaled(output.width / size.width), output
    return _stage(study, place, poses, size, words=bool(words))


def _stage(
    study: Study, place: Placement, poses: Sequence[Pose], size: FrameSize, *, words: bool
) -> FlatStage | SheetStage | ParallaxStage:
    views = [flat_view(pose, size) for pose in poses]
    visible = reach(views, size).grown(1.5)
    layers = parallax_stage(study, place, visible, poses, size, words=words)
    if layers is not None:
        return layers
    photo = visible_photo(study.rgb, place, visible, poses)
    if study.mask is None:
        return FlatStage(photo, poses, size, _subject(study, place, views, size) if words else None)
    depth = depth_of(study.mask, place, study.rgb.shape[1], size, poses)
    # What is near follows the camera in full, and is not turned.
    near = [camera_matrix(pose, size) for pose in poses]
    return SheetStage(photo, depth, poses, size, _subject(study, place, near, size) if words else None)


def _subject(study: Study, place: Placement, views: Sequence[Matrix], size: FrameSize) -> Subject | None:
    """What the photo shows, as far as the mask is reliable, with the heads; None when nothing is known."""
    known = [*study.heads, *([study.known] if study.known is not None else [])]
    if not known:
        return None
    whole = box_around(known)
    label = box_around(study.heads) if study.heads else find_label(study.rgb, study.mask, study.detail)
    return subject_in(views, place.place(whole), place.place(label), size)


def _sparing_letters(
    study: Study, place: Placement, poses: Sequence[Pose], size: FrameSize, visible: Box, least: float = DISTURBING
) -> Placement:
    letters = find_lettering(study.rgb, study.mask)
    return calmest(place, letters, poses, size, lambda other: other.place(study.whole()).holds(visible), least)


def _calmed(poses: Sequence[Pose], kept: Box, study: Study, size: FrameSize) -> Sequence[Pose]:
    """The move, made smaller if it then shows all of `kept` at every moment, or at least the subject with less room around it;
    as it is if no move does."""
    boxes = [kept]
    if study.subject is not None and not study.heads:
        air = _AIR * max(study.subject.width, study.subject.height)
        boxes += [study.subject.grown(0.5 * air), study.subject]
    for box in boxes:
        for share in _CALMED:
            calmer = [_smaller(pose, share) for pose in poses]
            if _if_room(box, study.whole(), calmer, size) is not None:
                return calmer
    return poses


def _smaller(pose: Pose, share: float) -> Pose:
    return Pose(1 + share * (pose.zoom - 1), share * pose.x, share * pose.y, share * pose.roll, share * pose.yaw)


def _travelling(poses: Sequence[Pose], photo: Box, size: FrameSize, side: int) -> list[Pose]:
    """The move with a passage along the longer side of a photo of another shape, to the side where it begins."""
    seen = reach([flat_view(pose, size) for pose in poses], size)
    cover = max(seen.width / photo.width, seen.height / photo.height)
    short, most = min(size.width, size.height), _TRAVEL * min(1.0, len(poses) / _USUAL)
    x, y = (
        side * min(most, max(0.0, cover * length - window) / short)
        for length, window in ((photo.width, seen.width), (photo.height, seen.height))
    )
    times = [_eased(index / max(len(poses) - 1, 1)) - 0.5 for index in range(len(poses))]
    return [replace(pose, x=pose.x + x * time, y=pose.y + y * time) for pose, time in zip(poses, times, strict=True)]


def _eased(t: float) -> float:
    return t * t * (3 - 2 * t)


def _kept(study: Study, view: ViewType, poses: Sequence[Pose], size: FrameSize) -> Box | None:
    """What every moment of the shot shows: the heads; in a close-up what may be one; else a whole subject, or what is probably
    the subject if the frame has room for it."""
    if study.heads:
        return _with_air(box_around(study.heads), study)
    if view is ViewType.DETAIL:
        return _upper_part(study, poses, size) or _words(study, size)
    if study.subject is not None or study.rough is None:
        return study.subject and _with_air(study.subject, study)
    return _if_room(_with_air(study.rough, study), study.whole(), poses, size)


def _words(study: Study, size: FrameSize) -> Box | None:
    """The lettering of a photo, if the usual close-up would cut it in a frame that is narrower than the photo."""
    whole = study.whole()
    if study.mask is None or whole.width * size.height <= 1.2 * whole.height * size.width:
        return None
    label = find_label(study.rgb, study.mask, study.detail)
    filled = label.width * size.height / (whole.height * size.width)
    return label if filled > _CLOSE_WORDS and label.height < TALLEST_WORDS * whole.height else None


def _upper_part(study: Study, poses: Sequence[Pose], size: FrameSize) -> Box | None:
    """From the top of a subject to its most interesting point, if the frame has room for both, and the ground is not plain.

    In a scene the subject may be an animal, or a person seen from the side, whose face is not found. A subject that
    the photo itself cuts at the top is shown in close-up already: it has no upper part to keep.
    """
    if study.subject is None or study.mask is None or study.measures.plainness > PLAIN or study.subject.top <= 1:
        return None
    scale = study.rgb.shape[0] / study.mask.shape[0]
    upper = mask_box(study.mask[: round((study.subject.top + _HEAD * study.subject.height) / scale)] > 128)
    if upper is None:
        return None
    x, y = study.detail
    kept = box_around([_with_air(upper.scaled(scale), study), Box(x, y, x, y)])
    return _if_room(kept, study.whole(), poses, size)


def _if_room(kept: Box, whole: Box, poses: Sequence[Pose], size: FrameSize) -> Box | None:
    """`kept`, if a photo that fills the frame can show all of it at every moment."""
    views = [flat_view(pose, size) for pose in poses]
    seen, always = reach(views, size), always_seen(views, size)
    cover = max(seen.width / whole.width, seen.height / whole.height)
    return kept if cover * kept.width <= always.width and cover * kept.height <= always.height else None


def _with_air(box: Box, study: Study) -> Box:
    return box.grown(_AIR * max(box.width, box.height)).clipped(study.whole())
