"""Extends a photo beyond two of its sides, for a frame of another shape: its surroundings go on, out of focus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import cv2
import numpy as np

from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize
from adreel.providers.local.drawing.raster import blur, dilate, fit_within, luma, shrink_or_grow, smoothstep, stretch
from adreel.providers.local.drawing.still import U8, Floats
from adreel.providers.local.photo.route import PLAIN
from adreel.providers.local.photo.study import Study
from adreel.providers.local.shot.closeup import TALLEST_WORDS, find_label

_SPARE, _SPARE_AT_ONE = 1.25, 1.1
"""Width of the result relative to the frame's, so that the subject can be placed off-centre; if one side stays the edge."""

_LEAST, _LEAST_WHOLE, _LEAST_BEFORE, _LEAST_SCENE = 0.52, 0.3, 0.42, 0.62
"""Smallest part of the frame that the photo fills: usually; if its subject would otherwise be cut; the same before a copy, which
is seen as such; and without a certain subject."""

_FREE = 1.12
"""Length that is kept around a subject, relative to its own."""

_SHARP = 2.2
"""Largest enlargement of a photo's pixels to fill more of the frame."""

_FINE = 1.3
"""Largest height of the result relative to the frame's."""

_CALM = 2.5
"""Largest mean contrast of neighbouring pixels at the photo's sides, in luma steps at a height of 600 pixels, that counts as out
of focus."""

_EVEN = 0.05
"""Width of the strip at the border from which a plain ground goes on, as a fraction of the height: a wider one would repeat its
gradient and the shadow of the subject."""

_DARKER = 0.18
"""Decrease of the light from the photo's border on, for each height of the photo."""

_PASSED = 1.6
"""Length of the photo along which the camera passes, relative to what the frame shows at a time."""

_DIM = 0.8

_CUT = 0.01
"""Distance from the photo's border at which it cuts its subject, as a fraction of its side."""

_TOUCH = 0.25
"""Part of a subject's length that may reach the photo's border if it is not cut there."""

_SOFT_END = 0.06
"""Width over which the photo ends before its copy, as a fraction of the height: a hard edge looks like a bar."""

_WORDS, _MOST_WORDS, _WORDS_AIR = 0.8, 0.8, 0.06
"""Part of the frame's width that words may fill, at least while the camera moves; the largest part of a photo that counts as its
words; and the room beside them, as a fraction of their width."""

_BESIDE = 0.02
"""Least width beside a subject, as a fraction of the photo's, from which its surroundings go on."""


def widened(study: Study, size: FrameSize, around: Box | None = None, words: Box | None = None) -> Study:
    """The photo with extended surroundings, in the frame's aspect or wider; of a long photo, the part around its subject, or
    `around` what is to be shown instead. `words`: lettering that is not repeated in what is added."""
    whole = study.whole()
    if whole.width * size.height > whole.height * size.width:
        turned, beside = (None if box is None else box.transposed() for box in (around, words))
        return _turned(_widened(_turned(study), FrameSize(size.height, size.width), turned, beside, upright=True))
    return _widened(study, size, around, words, upright=False)


def _widened(study: Study, size: FrameSize, around: Box | None, words: Box | None, *, upright: bool) -> Study:
    """As `widened`, to the left and right; `upright`: they are the upper and lower side, transposed."""
    whole = study.whole()
    cut = _cut_sides(study.focus, whole.width)
    # A product that both sides cut has no surroundings that could go on.
    goes_on = not (study.mask is not None and cut == (True, True))
    shown = _shown_rows(whole, around or study.focus, size, _LEAST_WHOLE if goes_on else _LEAST_BEFORE)
    # Around an uncertain subject the camera passes along the photo.
    tall = min(whole.height, shown if study.focus is not None else _PASSED * shown)
    middle = (study.focus.center if study.focus is not None else study.detail)[1]
    top = min(max(middle - tall / 2, 0.0), whole.height - tall)
    scale = min(1.0, _FINE * size.height / shown)
    width, height = (max(8, round(length * scale / 4) * 4) for length in (whole.width, tall))
    rows = slice(round(top), round(top + tall))
    photo = shrink_or_grow(np.ascontiguousarray(study.rgb[rows]), width, height)
    mask = _mask_of(study, rows, width, height)
    # Ears that just touch the top would stand at the top of an upright frame, above nothing but ground.
    edges = (cut[0] and not (upright and _barely_touches(mask)), cut[1]) if goes_on else (False, False)
    before, after = _additions(edges, width, shown * scale, size)

    def moved(box: Box) -> Box:
        return box.moved(0, -top).scaled(scale).moved(before, 0).clipped(Box(before, 0, before + width, height))

    subject = None if study.subject is None else moved(study.subject)
    detail = (study.detail[0] * scale + before, min(max((study.detail[1] - top) * scale, 0.0), height - 1.0))
    heads = tuple(moved(head) for head in study.heads)
    if goes_on:
        most = round(_EVEN * height) if study.measures.plainness > PLAIN else width
        single = mask if words is None else _filled([words], whole.width, rows, width, height)
        picture = _continued(photo, single, before, after, most)
    else:
        picture = _before_itself(photo, before, after)
    rim = cast("U8", cv2.copyMakeBorder(mask, 0, 0, before, after, cv2.BORDER_CONSTANT, value=0))
    kept = None if study.mask is None else rim
    focus, rough = (None if box is None else moved(box) for box in (study.focus, study.rough))
    return replace(study, rgb=picture, mask=kept, subject=subject, heads=heads, focus=focus, rough=rough, detail=detail)


def widened_around_all(study: Study, size: FrameSize) -> Study:
    """The photo with extended surroundings and as much of the photo itself as possible: its subject becomes as small as can be,
    for words beside it."""
    made = widened(study, size, around=study.whole())
    return replace(made, focus=made.subject or made.known)


def shows_a_part(study: Study) -> bool:
    """Whether the photo is a close-up: it cuts its subject at two sides or more, so that nothing could go on beside it."""
    if study.subject is None or study.mask is None:
        return False
    whole, near = study.whole(), _CUT * max(study.rgb.shape[:2])
    ends = (
        study.subject.left,
        study.subject.top,
        whole.right - study.subject.right,
        whole.bottom - study.subject.bottom,
    )
    return sum(end < near for end in ends) >= 2


def wide_lettering(study: Study, size: FrameSize) -> Box | None:
    """The bounds of the lettering around a photo's most interesting point, if it is wider than every part of the photo in the
    frame's shape, and no more than most of the photo, whose surroundings can go on. None without a mask: fine structure of a
    scene looks like lettering."""
    whole = study.whole()
    if study.heads or study.mask is None:
        return None
    cover = max(size.width / whole.width, size.height / whole.height)
    label = find_label(study.rgb, study.mask, study.detail)
    is_wider = label.width * cover > _WORDS * size.width
    is_words = label.width < _MOST_WORDS * whole.width and label.height < TALLEST_WORDS * whole.height
    return label if is_wider and is_words and _goes_on(study.rgb, size) else None


def _goes_on(rgb: U8, size: FrameSize) -> bool:
    """Whether the photo can be continued where the frame shows more than it."""
    is_narrow = size.width * rgb.shape[0] < size.height * rgb.shape[1]
    return sides_are_calm(np.ascontiguousarray(rgb.transpose(1, 0, 2)) if is_narrow else rgb)


def widened_to_words(study: Study, lettering: Box, size: FrameSize) -> Study:
    """The photo with extended surroundings and as much around its lettering as the frame's width holds; the lettering is its
    subject."""
    room = _WORDS_AIR * lettering.width
    made = widened(replace(study, focus=lettering.grown(room).clipped(study.whole())), size, words=lettering)
    return replace(made, subject=made.focus)


def _shown_rows(whole: Box, focus: Box | None, size: FrameSize, least: float) -> float:
    """Number of rows that the frame shows at a time: the less, the more of the frame the photo fills (`least` or more)."""
    exact = whole.width * size.height / size.width
    needed = _FREE * focus.height if focus is not None else exact / _LEAST_SCENE
    sharp = exact / min(1.0, _SHARP * whole.width / size.width)
    return min(max(needed, sharp, exact), max(exact / _LEAST, min(needed, exact / least)), whole.height)


def _cut_sides(subject: Box | None, photo_width: float) -> tuple[bool, bool]:
    """Whether the photo cuts its subject at the left, and at the right."""
    if subject is None:
        return False, False
    near = _CUT * photo_width
    return subject.left < near, subject.right > photo_width - near


def _barely_touches(mask: U8) -> bool:
    """Whether little of a subject reaches the left side of its photo."""
    near = max(2, round(_CUT * mask.shape[1]))
    reaching, rows = ((part.max(axis=1) > 128).sum() for part in (mask[:, :near], mask))
    return bool(reaching < _TOUCH * rows)


def _additions(cut: tuple[bool, bool], width: int, shown: float, size: FrameSize) -> tuple[int, int]:
    """Columns to add at the left and right. A side at which the photo cuts its subject stays the edge of the picture."""
    cut_left, cut_right = cut
    spare = _SPARE if cut_left == cut_right else _SPARE_AT_ONE
    missing = max(0, round((spare * shown * size.width / size.height - width) / 8) * 8)
    if cut_left == cut_right:
        return missing // 2, missing // 2
    return (0, missing) if cut_left else (missing, 0)


def _mask_of(study: Study, rows: slice, width: int, height: int) -> U8:
    if study.mask is None:
        return _boxed(study, rows, width, height)
    factor = study.mask.shape[0] / study.rgb.shape[0]
    part = study.mask[round(rows.start * factor) : max(round(rows.stop * factor), round(rows.start * factor) + 1)]
    return stretch(np.ascontiguousarray(part), width, height)


def _boxed(study: Study, rows: slice, width: int, height: int) -> U8:
    """The heads, or what is probably the subject, in place of a mask: the added area shows no blurred copy of them."""
    parts = study.heads
    if study.rough is not None and (not parts or _cut_sides(study.focus, study.rgb.shape[1]) == (True, True)):
        parts = (study.rough,)
    return _filled(parts, study.rgb.shape[1], rows, width, height)


def _filled(parts: Sequence[Box], photo_width: float, rows: slice, width: int, height: int) -> U8:
    """A mask of boxes in a photo, for its `rows` in another size."""
    mask = np.zeros((height, width), np.uint8)
    for part in parts:
        box = part.moved(0, -rows.start).scaled(width / photo_width).clipped(Box(0, 0, width, height))
        mask[int(box.top) : int(box.bottom), int(box.left) : int(box.right)] = 255
    return mask


def _turned(study: Study) -> Study:
    """Transposes a study."""
    return replace(
        study,
        rgb=np.ascontiguousarray(study.rgb.transpose(1, 0, 2)),
        mask=None if study.mask is None else np.ascontiguousarray(study.mask.T),
        subject=None if study.subject is None else study.subject.transposed(),
        heads=tuple(head.transposed() for head in study.heads),
        focus=None if study.focus is None else study.focus.transposed(),
        rough=None if study.rough is None else study.rough.transposed(),
        detail=(study.detail[1], study.detail[0]),
    )


def sides_are_calm(rgb: U8) -> bool:
    """Whether the outer tenth at the left and right is out of focus or plain."""
    height, width = rgb.shape[:2]
    grey = luma(shrink_or_grow(rgb, max(20, round(width * 600 / height)), 600)).astype(np.float32)
    edge = grey.shape[1] // 10
    fine = np.abs(grey - blur(grey, 1.5))
    return max(float(fine[:, :edge].mean()), float(fine[:, -edge:].mean())) < _CALM


def _before_itself(photo: U8, before: int, after: int) -> U8:
    """The photo from top to bottom, in front of an enlarged copy of itself, dimmed and far out of focus."""
    height, width = photo.shape[:2]
    total = before + width + after
    small = fit_within(photo, 240)
    tall = max(2, round(small.shape[1] * height / total))
    top = max(0, (small.shape[0] - tall) // 2)
    part = stretch(np.ascontiguousarray(small[top : top + tall]).astype(np.float32), total // 4, height // 4)
    soft = _DIM * blur(part, 0.05 * max(part.shape[:2]))
    picture = np.clip(stretch(soft.astype(np.float32), total, height) + 0.5, 0, 255).astype(np.uint8)
    inner = picture[:, before : before + width]
    share = _shown(width, before, after, height)
    inner[:] = (photo * share + inner * (1 - share) + 0.5).astype(np.uint8)
    return picture


def _shown(width: int, before: int, after: int, height: int) -> Floats:
    """How much of the photo each column shows: it ends softly on the sides where its copy goes on."""
    soft = max(1.0, _SOFT_END * height)
    columns = np.arange(width, dtype=np.float32)
    left = np.minimum(1, (columns + 0.5) / soft) if before else np.ones_like(columns)
    right = np.minimum(1, (width - columns - 0.5) / soft) if after else np.ones_like(columns)
    return smoothstep(0, 1, left * right)[None, :, None]


def _continued(photo: U8, mask: U8, before: int, after: int, most: int) -> U8:
    """Extends the photo by mirroring its sides beside the subject, at most `most` columns of them, increasingly blurred with
    distance.

    Height, width and the additions are multiples of 4.
    """
    height, width = photo.shape[:2]
    subject = dilate(mask, max(2, height // 90))
    left, right = (min(_free_columns(side), most) for side in (subject, np.ascontiguousarray(subject[:, ::-1])))
    picture, ground = (
        np.hstack([_mirrored(part, before, left), part, _mirrored(part[:, ::-1], after, right)[:, ::-1]])
        for part in (photo, 255 - subject)
    )
    total = before + width + after
    small = shrink_or_grow(picture, total // 4, height // 4).astype(np.float32)
    counts = shrink_or_grow(np.asarray(ground, np.uint8), total // 4, height // 4).astype(np.float32) / 255 + 1e-3
    layers = [
        (_without_subject(small, counts.astype(np.float32), sigma * height), start, end)
        for sigma, start, end in ((0.009, -0.065, -0.01), (0.046, -0.046, 0.075), (0.13, 0.037, 0.28))
    ]
    open_to = np.pad(1 - subject.astype(np.float32) / 255, ((0, 0), (before, after)), constant_values=1)
    # The middle stays unchanged, and so does the subject.
    overlap = min(round(0.065 * height / 4) * 4, width // 8 * 4)
    for columns, extra, mirrored in (
        (slice(0, before + overlap), before, 1),
        (slice(total - after - overlap, total), after, -1),
    ):
        if extra:
            away = ((extra - np.arange(extra + overlap, dtype=np.float32)) / height)[::mirrored]
            picture[:, columns] = _softened(picture[:, columns], layers, columns, away, open_to[:, columns, None])
    return picture


def _free_columns(subject: U8) -> int:
    """Columns beside a subject that is near the left; all columns if it leaves too few to go on from."""
    taken = np.flatnonzero(subject.max(axis=0) > 128)
    first, width = int(taken[0]) if taken.size else 0, subject.shape[1]
    return first if first >= max(2, _BESIDE * width) else width


def _mirrored(part: U8, count: int, free: int) -> U8:
    """`count` columns that go on from the left of a picture: its first `free` columns, mirrored again and again."""
    strip = np.ascontiguousarray(part[:, :free])
    wider = cv2.copyMakeBorder(strip, 0, 0, count, 0, cv2.BORDER_REFLECT_101)
    return np.asarray(wider, np.uint8)[:, :count]


def _softened(
    strip: U8, layers: Sequence[tuple[Floats, float, float]], columns: slice, outside: Floats, share: Floats
) -> U8:
    """The part `columns` of the picture. `layers`: increasingly soft versions at a quarter of the size, and the distances over
    which each fades in; `outside`: distance of a column from the photo, as a fraction of the height; `share`: how soft a pixel
    may become, 0-1."""
    picture = strip.astype(np.float32)
    for soft, start, end in layers:
        part = soft[:, columns.start // 4 : columns.stop // 4]
        mixed = stretch(np.ascontiguousarray(part), strip.shape[1], strip.shape[0])
        mixed -= picture
        mixed *= smoothstep(start, end, outside)[None, :, None] * share
        picture += mixed
    picture *= (1 - _DARKER * np.clip(outside, 0, 0.56))[None, :, None]
    return np.clip(picture + 0.5, 0, 255).astype(np.uint8)


def _without_subject(small: Floats, counts: Floats, sigma: float) -> Floats:
    """Blurs pixels by their weight `counts` and spreads them over those of no weight; `sigma` is in full-size pixels, the blur is
    wider than high."""
    across, down = sigma / 4, 0.1 * sigma
    soft = blur(small * counts[:, :, None], across, down)
    soft /= blur(counts, across, down)[:, :, None]
    return soft
