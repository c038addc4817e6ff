"""Plans films for placements: one order for each, and clips and scripts of exactly the length that a placement asks for. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from adreel.agents.script import Storyboard
from adreel.agents.video_generator import ClipPlan
from adreel.catalogue.recipes import recipe
from adreel.domain.ad import Ad, Beat
from adreel.domain.errors import InputError
from adreel.domain.films.clip import Clip
from adreel.domain.films.film import FilmSpec
from adreel.domain.films.formats import FPS, to_frames, to_seconds
from adreel.domain.scripts.ad_timing import least_seconds
from adreel.media.timeline import Item, Timeline, film_timeline
from adreel.placements.lengths import film_seconds
from adreel.placements.placement import Placement

_LEAST_CLIP = FPS
"""Frames of the shortest clip: a shot of a second can be taken in, and is long enough for two crossfades."""


def out_for(out: Path, placement: Placement, count: int) -> Path:
    """The file of one of `count` films: NAME.mp4 for one, else NAME-PLACEMENT.mp4."""
    return out if count == 1 else out.with_name(f"{out.stem}-{placement.name}{out.suffix}")


def frames_for(placement: Placement | None, timeline: Timeline) -> int | None:
    """The exact frames of a film for a placement; None when the film may stay as long as it is."""
    if placement is None:
        return None
    seconds = film_seconds(placement, to_seconds(timeline.frames))
    frames = None if seconds is None else to_frames(seconds)
    return None if frames == timeline.frames else frames


def script_for(ad: Ad, frames: int) -> Ad:
    """The script for a film of exactly these frames: beats without a length of their own, and those that fall away first by the
    recipe left out until the words of the others can be read. Scripts still too long are found when the beats are timed."""
    order = {beat.name: beat.drop for beat in recipe(ad.recipe).beats}
    shorter = replace(ad, seconds=to_seconds(frames), beats=tuple(map(_freed, ad.beats)))
    while least_seconds(shorter) > to_seconds(frames):
        droppable = [beat for beat in shorter.beats if order.get(beat.name)]
        if not droppable or len(shorter.beats) == 1:
            break
        first = min(droppable, key=lambda beat: order[beat.name])
        shorter = replace(shorter, beats=tuple(beat for beat in shorter.beats if beat is not first))
    return shorter


def _freed(beat: Beat) -> Beat:
    return beat if beat.seconds is None else replace(beat, seconds=None, weight=beat.seconds)


def board_for(board: Storyboard, timeline: Timeline, frames: int) -> Storyboard:
    """The storyboard of a film of exactly these frames: all clips equally long, the last ones left out where they would be
    shorter than a second. `timeline` is that of the film as it was ordered. Raises InputError."""
    lengths = _lengths(timeline, len(board.plans), frames)
    count = len(lengths)
    plans = tuple(_timed(plan, length) for plan, length in zip(board.plans, lengths, strict=False))
    return replace(board, images=board.images[:count], plans=plans, names=board.names[:count])


def cut_clips(clips: Sequence[Clip], spec: FilmSpec, placement: Placement | None) -> list[Clip]:
    """The clips of a film as long as its placement asks for. Raises InputError."""
    timeline = film_timeline(spec, [Item(clip.id, clip.frames) for clip in clips])
    frames = frames_for(placement, timeline)
    return list(clips) if frames is None else list(clips_for(clips, timeline, frames))


def clips_for(clips: Sequence[Clip], timeline: Timeline, frames: int) -> tuple[Clip, ...]:
    """Clips cut to a film of exactly these frames, the longest first; the last ones are left out where they would be
    shorter than a second. Raises InputError for a longer film: pictures are not invented."""
    if frames > timeline.frames:
        raise InputError(
            f"the film lasts {to_seconds(timeline.frames):.2f} s, and the placement asks for {to_seconds(frames):g} s; give "
            "more or longer clips"
        )
    for count in range(len(clips), 0, -1):
        total = _clip_frames(timeline, len(clips), frames, count)
        kept = clips[:count]
        if sum(_least(clip) for clip in kept) <= total <= sum(clip.frames for clip in kept):
            shares = _shares(kept, total)
            return tuple(replace(clip, frames=share) for clip, share in zip(kept, shares, strict=True))
    raise InputError(
        f"these clips cannot be cut to a film of {to_seconds(frames):g} s; give others, or shorten the cards"
    )


def _least(clip: Clip) -> int:
    return min(_LEAST_CLIP, clip.frames)


def _shares(clips: Sequence[Clip], total: int) -> list[int]:
    """Cuts the longest clips first: none becomes shorter than another that stays whole, nor than a second; the sum is exact."""
    shares = [clip.frames for clip in clips]
    low, high = 0, max(shares)
    while low < high:
        middle = (low + high + 1) // 2
        fits = sum(max(min(share, middle), _least(clip)) for share, clip in zip(shares, clips, strict=True)) <= total
        low, high = (middle, high) if fits else (low, middle - 1)
    cut = [max(min(share, low), _least(clip)) for share, clip in zip(shares, clips, strict=True)]
    longer = [place for place, clip in enumerate(clips) if cut[place] < clip.frames and cut[place] >= low]
    for place in longer[: total - sum(cut)]:
        cut[place] += 1
    return cut


def _lengths(timeline: Timeline, clips: int, frames: int) -> list[int]:
    for count in range(clips, 0, -1):
        total = _clip_frames(timeline, clips, frames, count)
        if total >= count * _LEAST_CLIP:
            return list(_divided(total, count))
    raise InputError(f"a film of {to_seconds(frames):g} s has no room for a clip beside its cards; shorten the cards")


def _clip_frames(timeline: Timeline, clips: int, frames: int, count: int | None = None) -> int:
    """The frames that `count` of the clips have in a film of `frames`, less the cards, and more for crossfades."""
    shown = sum(item.frames for item in timeline.items)
    joints = len(timeline.items) - 1
    overlap = (shown - timeline.frames) // joints if joints else 0
    cards = len(timeline.items) - clips
    own = _card_frames(timeline, cards)
    kept = clips if count is None else count
    return frames - own + overlap * (kept + cards - 1)


def _card_frames(timeline: Timeline, cards: int) -> int:
    """Cards are the first item, or the last, or both."""
    items = timeline.items
    closing = items[-1].frames if items[-1].closing else 0
    opening = items[0].frames if cards - items[-1].closing > 0 else 0
    return closing + opening


def _divided(total: int, count: int) -> Iterator[int]:
    whole, rest = divmod(total, count)
    for place in range(count):
        yield whole + (place < rest)


def _timed(plan: ClipPlan, frames: int) -> ClipPlan:
    return replace(plan, frames=frames)
