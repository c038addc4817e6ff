"""Decides what can be mended in a film without inventing anything: containers, rates, lengths, levels, bars. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

from adreel.placements.colors import UNSPECIFIED
from adreel.placements.judge import Judgement
from adreel.placements.measurements import Measurements
from adreel.placements.placement import Level, Operator, Rule
from adreel.placements.streams import USUAL_RATES

_JUST_BELOW = Fraction(1000, 1001)
_COPIED_VIDEO = frozenset({"h264", "hevc"})
_COPIED_AUDIO = frozenset({"aac", "mp3"})
"""Codecs that an MP4 file may keep."""
_MOST_ADVISED_KBPS = 15_000
"""A higher bit rate that is only advised would multiply the file and change nothing that anyone sees."""
_OVER = 1.03
"""Factor over a floor of the bit rate: the first and last frames of a film are not filled up."""
_MOST_CROPPED = 0.12
"""Share of the picture that is cropped at most where bars are cut off."""
_AUDIO_KBPS, _RICH_AUDIO_KBPS = 192, 256
_ROUNDED = frozenset({"mkv", "webm", "flv", "avi", "mpegts", "mpeg"})
"""Containers that round times to milliseconds, hold none, or in which picture and sound begin at times of their own: copied into
MP4, frames would come at uneven times, or behind a gap."""
_SIZE_MARGIN = 0.97
RATE_BUFFER = 0.5
"""Seconds of a limited bit rate that its buffer holds: films of a few seconds would pass their size limit with more."""
_HD_LINES = 720
"""From this height on players take colours that are not stated as BT.709, below as BT.601."""
_ENCODED = frozenset(
    {
        "video_codec",
        "chroma",
        "rotation",
        "bit_depth",
        "square_pixels",
        "progressive",
        "edit_list",
        "constant_rate",
        "full_range",
    }
)
_SOUND = frozenset({"audio_codec", "audio_rate", "audio_channels", "audio_kbps", "true_peak"})


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of the picture, in pixels."""

    width: int
    height: int
    left: int
    top: int


@dataclass(frozen=True, slots=True)
class MendPlan:
    """What a command does. `start` and `end` are the seconds that stay; `kbps` is a constant bit rate, `most_kbps` a limit;
    `gain` in decibels. `align`: picture and sound both begin at 0. `color` is what the film's colours are converted from,
    to BT.709. `done` says it in words; empty when nothing is to do."""

    done: tuple[str, ...]
    start: float = 0.0
    end: float | None = None
    crop: Crop | None = None
    rate: Fraction | None = None
    kbps: int | None = None
    most_kbps: int | None = None
    encode_video: bool = False
    encode_audio: bool = False
    audio_kbps: int = _AUDIO_KBPS
    gain: float = 0.0
    fade: bool = False
    align: bool = False
    deinterlace: bool = False
    color: str | None = None

    @property
    def trims(self) -> bool:
        return self.start > 0 or self.end is not None

    @property
    def changes_pictures(self) -> bool:
        return self.trims or any((self.crop, self.rate, self.kbps, self.most_kbps, self.color))

    @property
    def changes_sound(self) -> bool:
        return self.trims or bool(self.gain) or self.fade


def plan_mending(found: Measurements, judgement: Judgement) -> MendPlan:
    """The mending of all broken rules that can be mended. What cannot be is found when the mended film is judged."""
    broken = [verdict.rule for verdict in judgement.verdicts if verdict.failed and not _is_dear(verdict.rule)]
    fields = {rule.field for rule in broken}
    start, end = _kept(found, broken)
    align = "edit_list" in fields or ("container" in fields and found.container in _ROUNDED)
    fade = end is not None or ("abrupt_end" in fields and bool(found.abrupt_sound_end))
    plan = MendPlan(
        done=(),
        start=start,
        end=end,
        crop=_crop(found) if "bars" in fields else None,
        rate=_rate(found, broken) or (_standard(found.frame_rate) if align and found.frame_rate else None),
        kbps=_floor(broken),
        most_kbps=_ceiling(found, broken, start, end),
        audio_kbps=_audio_kbps(judgement),
        gain=_gain(found, broken),
        fade=fade and found.has_audio,
        align=align,
        deinterlace=not found.progressive,
        color=_color(found) if "color" in fields else None,
    )
    plan = replace(
        plan, encode_video=_encodes_video(plan, found, fields), encode_audio=_encodes_audio(plan, found, fields)
    )
    return replace(plan, done=tuple(_words(plan, found, fields)))


def _encodes_video(plan: MendPlan, found: Measurements, fields: Set[str]) -> bool:
    return plan.changes_pictures or bool(fields & _ENCODED) or found.video_codec not in _COPIED_VIDEO


def _encodes_audio(plan: MendPlan, found: Measurements, fields: Set[str]) -> bool:
    changes = plan.changes_sound or plan.align or bool(fields & _SOUND)
    return found.has_audio and (changes or found.audio_codec not in (*_COPIED_AUDIO, None))


def _words(plan: MendPlan, found: Measurements, fields: Set[str]) -> Iterator[str]:
    yield from _trimmed(plan.start, plan.end)
    yield from _pictures(plan)
    if plan.gain:
        yield f"loudness changed by {plan.gain:+.1f} dB"
    if plan.fade:
        yield "sound faded out"
    if plan.encode_video and not plan.changes_pictures:
        yield "video encoded again"
    if plan.encode_audio and not plan.changes_sound:
        yield "sound encoded again"
    yield from _remuxed(found, fields)


def _pictures(plan: MendPlan) -> Iterator[str]:
    if plan.crop:
        yield "bars cropped"
    if plan.color:
        yield "colours converted to BT.709"
    if plan.rate:
        yield f"{float(plan.rate):.5g} frames per second, constant"
    if plan.kbps:
        yield f"video at {plan.kbps} kbit/s"
    if plan.most_kbps:
        yield f"video below {plan.most_kbps} kbit/s"


def _is_dear(rule: Rule) -> bool:
    is_rate = rule.field == "video_kbps" and rule.level is Level.ADVICE
    return is_rate and isinstance(rule.value, int | float) and rule.value > _MOST_ADVISED_KBPS


def _trimmed(start: float, end: float | None) -> Iterator[str]:
    if start > 0:
        yield f"the first {start:.2f} s cut off"
    if end is not None:
        yield f"cut at {end:.2f} s"


def _remuxed(found: Measurements, fields: Set[str]) -> Iterator[str]:
    if found.index_first is False:
        yield "index placed first"
    extra = found.video_streams + found.audio_streams + found.other_streams - 1 - found.has_audio
    if extra > 0:
        yield f"{extra} other streams left out"
    if found.fragmented:
        yield "fragments joined"
    if "container" in fields or found.index_first is None:
        yield "stored as MP4"


def _kept(found: Measurements, broken: list[Rule]) -> tuple[float, float | None]:
    """The seconds that stay: without empty frames at the ends where a rule forbids them, and within the longest length."""
    frame = 1 / found.frame_rate if found.frame_rate else 0.0
    fields = {rule.field for rule in broken}
    first = max(_frames(found, fields, "start"), 0)
    last = _frames(found, fields, "end")
    if first + last >= found.frames:
        return 0.0, None
    end = found.seconds - last * frame
    # Advice about the length is not a reason to cut off the end of a film.
    lengths = [rule for rule in broken if rule.field == "seconds" and rule.level is not Level.ADVICE]
    limits = [limit for rule in lengths for limit in _limits(rule, found.seconds)]
    most = min([end, *(first * frame + limit for limit in limits)])
    return first * frame, most if last or most < end else None


def _frames(found: Measurements, fields: Set[str], side: str) -> int:
    names = [f"{kind}_{side}_frames" for kind in ("black", "empty")]
    return max((int(getattr(found, name)) for name in names if name in fields), default=0)


def _limits(rule: Rule, seconds: float) -> list[float]:
    """Lengths to which a rule lets a longer film be cut."""
    if rule.operator is Operator.ONE_OF:
        shorter = [value for value in cast("tuple[float, ...]", rule.value) if value < seconds]
        return [max(shorter)] if shorter else []
    if rule.operator is Operator.BETWEEN:
        high = cast("tuple[float, float]", rule.value)[1]
        return [high] if high < seconds else []
    return [cast("float", rule.value)] if rule.operator in (Operator.AT_MOST, Operator.BELOW) else []


def _rate(found: Measurements, broken: list[Rule]) -> Fraction | None:
    mean = found.frame_rate
    if mean is None:
        return None
    for rule in broken:
        if rule.field == "frame_rate" and rule.operator is not Operator.AT_LEAST:
            return _allowed_rate(rule, mean)
    return None if found.constant_rate else _standard(mean)


def _allowed_rate(rule: Rule, mean: float) -> Fraction:
    if rule.operator is Operator.ONE_OF:
        return _standard(min(cast("tuple[float, ...]", rule.value), key=lambda rate: abs(rate - mean)))
    limit = Fraction(str(rule.value if not isinstance(rule.value, tuple) else rule.value[-1]))
    return limit * _JUST_BELOW if rule.operator is Operator.BELOW else limit


def _standard(rate: float) -> Fraction:
    return Fraction(min(USUAL_RATES, key=lambda known: abs(float(known) - rate)))


def _floor(broken: list[Rule]) -> int | None:
    floors = [
        cast("float", rule.value) if rule.operator is Operator.AT_LEAST else cast("tuple[float, float]", rule.value)[0]
        for rule in broken
        if rule.field == "video_kbps" and rule.operator in (Operator.AT_LEAST, Operator.BETWEEN)
    ]
    return round(max(floors) * _OVER) if floors else None


def _ceiling(found: Measurements, broken: list[Rule], start: float, end: float | None) -> int | None:
    limits = [
        cast("float", rule.value) if not isinstance(rule.value, tuple) else cast("float", rule.value[1])
        for rule in broken
        if rule.field == "bytes" and rule.operator in (Operator.AT_MOST, Operator.BELOW, Operator.BETWEEN)
    ]
    limits = [limit for limit in limits if limit < found.bytes]
    if not limits:
        return None
    seconds = (found.seconds if end is None else end) - start
    # A full buffer is sent on top of the rate.
    return max(1, int(min(limits) * 8 / (seconds + RATE_BUFFER) / 1000 * _SIZE_MARGIN - _RICH_AUDIO_KBPS))


def _gain(found: Measurements, broken: list[Rule]) -> float:
    if found.loudness is None or found.loudness == float("-inf"):
        return 0.0
    targets = [cast("tuple[float, float]", rule.value)[0] for rule in broken if rule.field == "loudness"]
    return round(targets[0] - found.loudness, 1) if targets else 0.0


def _audio_kbps(judgement: Judgement) -> int:
    floors = [
        cast("float", rule.value)
        for rule in judgement.placement.rules_of("audio_kbps")
        if not isinstance(rule.value, tuple)
    ]
    return _RICH_AUDIO_KBPS if max(floors, default=0) >= _AUDIO_KBPS else _AUDIO_KBPS


def _crop(found: Measurements) -> Crop | None:
    """The part within the bars, in the aspect of the film; None when more than an eighth of it would be lost."""
    left, top = _even(found.bars_left), _even(found.bars_top)
    width = found.width - left - _even(found.bars_right)
    height = found.height - top - _even(found.bars_bottom)
    wide = min(width, int(height * found.aspect) // 2 * 2)
    high = min(height, int(width / found.aspect) // 2 * 2)
    if wide * high < (1 - _MOST_CROPPED) * width * height:
        return None
    return Crop(wide, high, left + (width - wide) // 4 * 2, top + (height - high) // 4 * 2)


def _color(found: Measurements) -> str | None:
    """The colours of a film as players take them, where they can be converted to BT.709 exactly; None for wider ones, of which
    something would be lost, and for such that contradict each other."""
    if found.color == UNSPECIFIED:
        return "bt709" if found.height >= _HD_LINES else "bt601"
    return found.color if found.color in ("bt709", "bt601") else None


def _even(value: int) -> int:
    return value + value % 2
