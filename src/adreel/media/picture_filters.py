"""The filter chain that turns any clip's picture into ours: upright, square pixels, 8 bits, BT.709 limited range, fitted.

Text of a filter graph is made of numbers and of names from this module only, never of anything a person or a file gave.
"""

from __future__ import annotations

from dataclasses import dataclass

from adreel.domain.fit import Fit
from adreel.domain.formats import FPS, FrameSize
from adreel.media.clip_info import ClipInfo

_NEAR = 0.02
"""A picture that would leave bars of up to 2 % of a side fills the frame instead: nobody misses the edge, all see a bar."""

_TO_OURS = "out_color_matrix=bt709:out_range=tv"
_PRECISE = "flags=bicubic+accurate_rnd+full_chroma_int"
"""For pictures whose colours must be converted: one code value off at most, where the scaler's default is 1.5 off."""
_TAGS = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"

_LIKE_OURS = frozenset({"yuv420p", "yuvj420p", "nv12"})
"""Formats of 8 bits with colour at half the size each way, as ours."""
_SPACES = {"bt709": "bt709", "bt601": "smpte170m", "fcc": "fcc", "smpte240m": "smpte240m", "bt2020": "bt2020nc"}
"""What FFmpeg's setparams and colorspace filters call the matrices of the scale filter."""

_BACKDROP_SHRINK = 8
_BACKDROP_BLUR = 0.08
_BACKDROP_LIGHT = 0.65
"""The backdrop is blurred at an eighth of the size, where it costs next to nothing, by 8 % of the short side (Gaussian
sigma), which leaves no lettering legible, and keeps 65 % of its light."""

_WHITE_NITS = 203
_PEAK_NITS = 1000
"""HDR keeps the white of a page at 203 cd/m² (ITU-R BT.2408); clips are rarely mastered brighter than 1000 cd/m²."""

_TONE_MAP = (
    f"zscale=transfer=linear:npl={_WHITE_NITS},format=gbrpf32le,zscale=primaries=bt709,"
    # Leaves everything up to 30 % of white as it is, and bends the rest so that the peak just fits.
    f"tonemap=tonemap=mobius:param=0.3:desat=0:peak={_PEAK_NITS / _WHITE_NITS:.3f},"
    "zscale=transfer=bt709:matrix=bt709:primaries=bt709:range=limited"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Size of the scaled picture, and where its corner lies in the frame; negative where it is cut off. All even."""

    width: int
    height: int
    x: int
    y: int


def place(width: int, height: int, size: FrameSize, fit: Fit) -> Place:
    """Where a picture of `width` x `height` square pixels goes in a frame of `size`."""
    inside = _scaled(width, height, min(size.width / width, size.height / height))
    near = inside[0] >= size.width * (1 - _NEAR) and inside[1] >= size.height * (1 - _NEAR)
    scaled = _covering(width, height, size) if fit is Fit.COVER or near else inside
    return Place(*scaled, *(_even((room - taken) / 2) for room, taken in zip(_sides(size), scaled, strict=True)))


def _covering(width: int, height: int, size: FrameSize) -> tuple[int, int]:
    scaled = _scaled(width, height, max(size.width / width, size.height / height))
    return max(scaled[0], size.width), max(scaled[1], size.height)


def _scaled(width: int, height: int, factor: float) -> tuple[int, int]:
    return max(2, _even(width * factor)), max(2, _even(height * factor))


def _even(value: float) -> int:
    return 2 * round(value / 2)


def _sides(size: FrameSize) -> tuple[int, int]:
    return size.width, size.height


def conform_chain(info: ClipInfo, size: FrameSize, frames: int, fit: Fit) -> str:
    """The whole ``-vf`` value: exactly `frames` pictures of `size`, 30 a second from 0; the last is held as needed."""
    steps = [
        *_first(info),
        # A faster clip is thinned out before the costly steps, a slower one is filled up after them.
        *([_RATE] if is_faster(info) else []),
        *_fitted(info, size, fit),
        *([] if is_faster(info) else [_RATE]),
        f"tpad=stop_mode=clone:stop={frames}",
        f"trim=end_frame={frames}",
        "setpts=PTS-STARTPTS",
        # Nothing of the source's light levels, rotation or captions may reach the encoder.
        "sidedata=mode=delete",
        "setsar=1",
        _TAGS,
    ]
    return ",".join(steps)


def fitted_chain(info: ClipInfo, size: FrameSize, fit: Fit) -> str:
    """As `conform_chain`, but every picture of the clip passes once, at its own time."""
    return ",".join([*_first(info), *_fitted(info, size, fit), "sidedata=mode=delete", "setsar=1", _TAGS])


def _first(info: ClipInfo) -> list[str]:
    return ["setpts=PTS-STARTPTS", *(["bwdif=mode=send_frame:deint=all"] if info.interlaced else [])]


_RATE = f"fps={FPS}:eof_action=pass"
"""The last picture always passes, however short it is; it is held or cut to the exact length after that."""


def is_faster(info: ClipInfo) -> bool:
    """Whether the clip has more pictures a second than the film: some are left out."""
    return info.fps is not None and info.fps > FPS


def _fitted(info: ClipInfo, size: FrameSize, fit: Fit) -> list[str]:
    placed = place(info.width, info.height, size, fit)
    blurred = fit is Fit.BLUR and (placed.width < size.width or placed.height < size.height)
    if info.has_alpha and blurred:
        # The format is named again, or the scaler might drop the opacity.
        return [*_premultiplied(info), _scale(placed), "format=gbrap", *_see_through_over_backdrop(size, placed)]
    flat = [*_premultiplied(info), "format=gbrp"] if info.has_alpha else []
    ours = [*_in_our_colors(info, placed, is_rgb=bool(flat)), _TAGS]
    if blurred:
        return [*flat, *ours, *_over_backdrop(size, placed)]
    return [*flat, *ours, *_padded_or_cropped(size, placed)]


def _in_our_colors(info: ClipInfo, placed: Place, *, is_rgb: bool) -> list[str]:
    """Scaled, and brought to yuv420p of BT.709 and limited range."""
    if info.hdr_transfer:
        return [*_tone_mapped(info, placed), "format=yuv420p"]
    if is_rgb or not info.matrix or info.pix_fmt not in _LIKE_OURS or not _has_other_colors(info):
        return [_scale(placed, "" if is_rgb else _source_colors(info), _TO_OURS), "format=yuv420p"]
    # As exact as the scaler, which would go by RGB, cut off there what RGB cannot show, and take four times as long.
    there, span = _SPACES[info.matrix], _range(info)
    kept = f"in_color_matrix={info.matrix}:out_color_matrix={info.matrix}:in_range={span}:out_range={span}"
    said = f"setparams=range={span}:color_primaries=bt709:color_trc=bt709:colorspace={there}"
    only = "iprimaries=bt709:primaries=bt709:itrc=bt709:trc=bt709:format=yuv420p"
    changed = f"colorspace=ispace={there}:space=bt709:irange={span}:range=tv:{only}"
    return [_scale(placed, kept), "format=yuv420p", said, changed]


def _scale(placed: Place, *options: str) -> str:
    return ":".join([f"scale={placed.width}:{placed.height}", *filter(None, options)])


def _source_colors(info: ClipInfo) -> str:
    """What the scaler must take the source for, whether it says so itself or not. Empty for RGB: nothing is open there."""
    if not info.matrix:
        return ""
    colors = f"in_color_matrix={info.matrix}:in_range={_range(info)}"
    return f"{colors}:{_PRECISE}" if _has_other_colors(info) else colors


def _has_other_colors(info: ClipInfo) -> bool:
    return info.matrix != "bt709" or info.full_range


def _range(info: ClipInfo) -> str:
    return "pc" if info.full_range else "tv"


def _premultiplied(info: ClipInfo) -> list[str]:
    """RGB times opacity: over black, and safe to scale, because colours hidden under transparency are gone."""
    colors = _source_colors(info)
    return [*([f"scale={colors}"] if colors else []), "format=gbrap", "premultiply=inplace=1"]


def _tone_mapped(info: ClipInfo, placed: Place) -> list[str]:
    """HDR to BT.709, at the smaller size. Primaries are BT.2020, as both HDR systems use (ITU-R BT.2100)."""
    source = f"range={_range(info)}:color_primaries=bt2020:color_trc={info.hdr_transfer}"
    return [_scale(placed), f"setparams={source}:colorspace=bt2020nc", _TONE_MAP]


def _padded_or_cropped(size: FrameSize, placed: Place) -> list[str]:
    width, height = _sides(size)
    cropped = f"crop={min(width, placed.width)}:{min(height, placed.height)}"
    padded = f"pad={width}:{height}:{max(0, placed.x)}:{max(0, placed.y)}:color=black"
    is_larger = placed.width > width or placed.height > height
    is_smaller = placed.width < width or placed.height < height
    return [*([cropped] if is_larger else []), *([padded] if is_smaller else [])]


def _backdrop(size: FrameSize, placed: Place) -> str:
    small = FrameSize(*(max(2, _even(side / _BACKDROP_SHRINK)) for side in _sides(size)))
    width, height = _covering(placed.width, placed.height, small)
    sigma = _BACKDROP_BLUR * min(_sides(small))
    chroma = f"(val-128)*{_BACKDROP_LIGHT}+128"
    light = f"lutyuv=y=(val-16)*{_BACKDROP_LIGHT}+16:u={chroma}:v={chroma}"
    return (
        f"scale={width}:{height}:flags=area,crop={small.width}:{small.height},gblur=sigma={sigma:.2f},{light},"
        f"scale={size.width}:{size.height}"
    )


def _over_backdrop(size: FrameSize, placed: Place) -> list[str]:
    far = f"split[near][far];[far]{_backdrop(size, placed)}[backdrop];[backdrop][near]"
    return [f"{far}overlay={placed.x}:{placed.y}:format=yuv420"]


def _see_through_over_backdrop(size: FrameSize, placed: Place) -> list[str]:
    """The backdrop shows through the transparent parts. Blended in RGB, in which the opacity was multiplied in."""
    to_ours, to_rgb = (
        f"format=gbrp,scale={_TO_OURS},format=yuv420p",
        "scale=in_color_matrix=bt709:in_range=tv,format=gbrp",
    )
    far = f"split[near][far];[far]{to_ours},{_backdrop(size, placed)},{to_rgb}[backdrop];[backdrop][near]"
    blended = f"{far}overlay={placed.x}:{placed.y}:format=gbrp:alpha=premultiplied"
    return [blended, f"scale={_TO_OURS}", "format=yuv420p"]
