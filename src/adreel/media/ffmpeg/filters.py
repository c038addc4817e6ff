"""Filter chains that conform a clip's picture: upright, square pixels, 8 bits, BT.709 limited range, fitted to the frame.

A filter graph contains only numbers and names from this module, never text from users or files.
"""

from __future__ import annotations

from dataclasses import dataclass

from adreel.domain.films.film import Fit
from adreel.domain.films.formats import FPS, FrameSize
from adreel.media.clips.info import ClipInfo

_NEAR = 0.02
"""A picture that would leave bars of up to 2 % of a side fills the frame: a cropped edge is less visible than a bar."""

_TO_FILM = "out_color_matrix=bt709:out_range=tv"
_PRECISE = "flags=bicubic+accurate_rnd+full_chroma_int"
"""For pictures whose colours must be converted: one code value off at most, where the scaler's default is 1.5 off."""
_TAGS = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"

_LIKE_FILM = frozenset({"yuv420p", "yuvj420p", "nv12"})
"""8-bit 4:2:0 formats, like the film's."""
_SPACES = {"bt709": "bt709", "bt601": "smpte170m", "fcc": "fcc", "smpte240m": "smpte240m", "bt2020": "bt2020nc"}
"""Matrix names of FFmpeg's scale filter and their names in the setparams and colorspace filters."""

_LINEAR = "linear"
_BITS = 8
"""Of the film's pixels."""

_BACKDROP_SHRINK = 8
_BACKDROP_BLUR = 0.08
_BACKDROP_LIGHT = 0.65
"""The backdrop is blurred at an eighth of the size, which is cheap, by 8 % of the short side (Gaussian sigma), which makes
lettering illegible, and dimmed to 65 %."""

_WHITE_NITS = 203
_PEAK_NITS = 1000
"""HDR reference white is 203 cd/m² (ITU-R BT.2408); clips are rarely mastered brighter than 1000 cd/m²."""

_TONE_MAP = (
    f"zscale=transfer=linear:npl={_WHITE_NITS},format=gbrpf32le,zscale=primaries=bt709,"
    # Leaves values up to 30 % of white unchanged and compresses the rest so that the peak just fits.
    f"tonemap=tonemap=mobius:param=0.3:desat=0:peak={_PEAK_NITS / _WHITE_NITS:.3f},"
    "zscale=transfer=bt709:matrix=bt709:primaries=bt709:range=limited"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Size of the scaled picture and position of its top left corner in the frame; negative where cropped. All even."""

    width: int
    height: int
    x: int
    y: int


def place(width: int, height: int, size: FrameSize, fit: Fit) -> Place:
    """Places a picture of `width` x `height` square pixels in a frame of `size`."""
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
    """The whole ``-vf`` value: exactly `frames` pictures of `size` at 30 fps from 0; the last is repeated as needed."""
    steps = [
        *_first(info),
        # Frames of a faster clip are dropped before the costly steps, those of a slower one repeated after them.
        *([_RATE] if is_faster(info) else []),
        *_fitted(info, size, fit),
        *([] if is_faster(info) else [_RATE]),
        f"tpad=stop_mode=clone:stop={frames}",
        f"trim=end_frame={frames}",
        "setpts=PTS-STARTPTS",
        # The source's light levels, rotation and captions must not reach the encoder.
        "sidedata=mode=delete",
        "setsar=1",
        _TAGS,
    ]
    return ",".join(steps)


def fitted_chain(info: ClipInfo, size: FrameSize, fit: Fit) -> str:
    """Like `conform_chain`, but outputs every picture of the clip once, at its own time."""
    return ",".join([*_first(info), *_fitted(info, size, fit), "sidedata=mode=delete", "setsar=1", _TAGS])


def _first(info: ClipInfo) -> list[str]:
    return ["setpts=PTS-STARTPTS", *(["bwdif=mode=send_frame:deint=all"] if info.interlaced else [])]


_RATE = f"fps={FPS}:eof_action=pass"
"""Always outputs the last picture, however short; later filters repeat or cut it to the exact length."""


def is_faster(info: ClipInfo) -> bool:
    """Whether the clip's frame rate is above the film's, so that frames are dropped."""
    return info.fps is not None and info.fps > FPS


def _fitted(info: ClipInfo, size: FrameSize, fit: Fit) -> list[str]:
    placed = place(info.width, info.height, size, fit)
    blurred = fit is Fit.BLUR and (placed.width < size.width or placed.height < size.height)
    if info.has_alpha and blurred:
        # The format is repeated, or the scaler might drop the alpha channel.
        return [*_premultiplied(info), _scale(placed), "format=gbrap", *_see_through_over_backdrop(size, placed)]
    flat = [*_premultiplied(info), "format=gbrp"] if info.has_alpha else []
    converted = [*_in_film_colors(info, placed, is_rgb=bool(flat)), _TAGS]
    if blurred:
        return [*flat, *converted, *_over_backdrop(size, placed)]
    return [*flat, *converted, *_padded_or_cropped(size, placed)]


def _in_film_colors(info: ClipInfo, placed: Place, *, is_rgb: bool) -> list[str]:
    """Scales and converts to yuv420p, BT.709, limited range."""
    if info.hdr_transfer:
        return [*_tone_mapped(info, placed), "format=yuv420p"]
    if info.primaries not in (None, "bt709") or info.transfer == _LINEAR:
        return _with_film_primaries(info, placed, is_rgb=is_rgb)
    if is_rgb or not info.matrix or info.pix_fmt not in _LIKE_FILM or not _has_other_colors(info):
        return [_scale(placed, "" if is_rgb else _source_colors(info), _TO_FILM), "format=yuv420p"]
    # As exact as the scaler, which would convert through RGB, clip there, and take four times as long.
    return [
        _scale(placed, _unchanged(info)),
        "format=yuv420p",
        *_converted(info.matrix, _range(info), "bt709", "bt709"),
    ]


def _with_film_primaries(info: ClipInfo, placed: Place, *, is_rgb: bool) -> list[str]:
    """Converts the primaries in linear light. The curve stays: players show SDR curves alike, so only its colours would differ.

    Scales to YUV first, which the filter needs, with the clip's own matrix if it has one.
    """
    pixels = "format=yuv420p10" if info.bit_depth > _BITS else "format=yuv420p"
    curve = info.transfer or "bt709"
    if is_rgb or info.matrix is None:
        return [_scale(placed, _PRECISE, _TO_FILM), pixels, *_converted("bt709", "tv", info.primaries, curve)]
    scaled = _scale(placed, _unchanged(info), _PRECISE)
    return [scaled, pixels, *_converted(info.matrix, _range(info), info.primaries, curve)]


def _unchanged(info: ClipInfo) -> str:
    """Scaler options that keep the source's matrix and range."""
    span = _range(info)
    return f"in_color_matrix={info.matrix}:out_color_matrix={info.matrix}:in_range={span}:out_range={span}"


def _converted(matrix: str, span: str, primaries: str | None, curve: str) -> list[str]:
    """Converts YUV of this matrix, range, primaries and curve to the film's, except for a curve that players show alike."""
    space = _SPACES[matrix]
    tags = f"setparams=range={span}:color_primaries=bt709:color_trc=bt709:colorspace={space}"
    kept = "bt709" if curve == _LINEAR else curve
    light = f"iprimaries={primaries or 'bt709'}:primaries=bt709:itrc={curve}:trc={kept}:format=yuv420p"
    return [tags, f"colorspace=ispace={space}:space=bt709:irange={span}:range=tv:{light}"]


def _scale(placed: Place, *options: str) -> str:
    return ":".join([f"scale={placed.width}:{placed.height}", *filter(None, options)])


def _source_colors(info: ClipInfo) -> str:
    """Scaler options that state the source's matrix and range, whether it is tagged or not. Empty for RGB."""
    if not info.matrix:
        return ""
    colors = f"in_color_matrix={info.matrix}:in_range={_range(info)}"
    return f"{colors}:{_PRECISE}" if _has_other_colors(info) else colors


def _has_other_colors(info: ClipInfo) -> bool:
    return info.matrix != "bt709" or info.full_range


def _range(info: ClipInfo) -> str:
    return "pc" if info.full_range else "tv"


def _premultiplied(info: ClipInfo) -> list[str]:
    """Converts to RGB premultiplied by alpha: composited over black, and scaling mixes in no hidden colours."""
    colors = _source_colors(info)
    return [*([f"scale={colors}"] if colors else []), "format=gbrap", "premultiply=inplace=1"]


def _tone_mapped(info: ClipInfo, placed: Place) -> list[str]:
    """Converts HDR to BT.709 after scaling. Both HDR systems use BT.2020 primaries (ITU-R BT.2100), unless others are named."""
    source = f"range={_range(info)}:color_primaries={info.primaries or 'bt2020'}:color_trc={info.hdr_transfer}"
    space = _SPACES[info.matrix] if info.matrix else "gbr"
    return [_scale(placed), f"setparams={source}:colorspace={space}", _TONE_MAP]


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
    """The backdrop is visible through transparent parts. Blends in premultiplied RGB."""
    to_film, to_rgb = (
        f"format=gbrp,scale={_TO_FILM},format=yuv420p",
        "scale=in_color_matrix=bt709:in_range=tv,format=gbrp",
    )
    far = f"split[near][far];[far]{to_film},{_backdrop(size, placed)},{to_rgb}[backdrop];[backdrop][near]"
    blended = f"{far}overlay={placed.x}:{placed.y}:format=gbrp:alpha=premultiplied"
    return [blended, f"scale={_TO_FILM}", "format=yuv420p"]
