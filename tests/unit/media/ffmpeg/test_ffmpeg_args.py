from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from adreel.domain.films.film import Fit
from adreel.domain.films.formats import FrameSize
from adreel.media.clips.info import ClipInfo
from adreel.media.ffmpeg.args import conform_args, copy_args, pictures_args, sound_args, steady_args, verify_args
from adreel.media.ffmpeg.filters import Place, conform_chain, place

HD = FrameSize(1920, 1080)
FFMPEG = Path("/bin/ffmpeg")
PLAIN = ClipInfo(
    container="mov",
    width=1280,
    height=720,
    coded_width=1280,
    coded_height=720,
    sar=Fraction(1),
    rotation=0,
    fps=Fraction(24),
    is_vfr=False,
    frames=72,
    start=Fraction(1, 2),
    duration=3.0,
    codec="h264",
    decoder=None,
    pix_fmt="yuv420p",
    bit_depth=8,
    has_alpha=False,
    interlaced=False,
    full_range=False,
    matrix="bt709",
    hdr_transfer=None,
    has_audio=True,
    video_stream_index=1,
    audio_stream_index=2,
)


def conform(source: str = "/in/clip.mp4", info: ClipInfo = PLAIN) -> list[str]:
    return conform_args(FFMPEG, Path(source), info, Path("/out/a.mp4"), HD, 90, Fit.PAD, threads=1)


def test_spare_packets_are_dropped_before_they_are_decoded() -> None:
    args = conform_args(FFMPEG, Path("/a.mp4"), PLAIN, Path("/b.mp4"), HD, 90, Fit.PAD, 1, (1, 30, 31))
    assert value(args, "-bsf:1") == "noise=drop='(eq(n,1)+(eq(n,30)+eq(n,31)))'"
    assert args.index("-bsf:1") < args.index("-i")
    assert not any(part.startswith("-bsf") for part in conform())


def commands(source: str) -> list[list[str]]:
    path = Path(source)
    sound = sound_args(FFMPEG, path, PLAIN, Path("/out/a.wav"), 90)
    pictures = pictures_args(FFMPEG, path, PLAIN, HD, 25, Fit.PAD, threads=1)
    return [conform(source), sound, verify_args(FFMPEG, path, PLAIN, threads=1), pictures]


def value(args: list[str], option: str) -> str:
    assert args.count(option) == 1
    return args[args.index(option) + 1]


def steps(info: ClipInfo, fit: Fit = Fit.PAD, size: FrameSize = HD) -> list[str]:
    return conform_chain(info, size, 90, fit).split(",")


@pytest.mark.parametrize("name", ["-y.mp4", "concat:a|b.mp4", "http:x.mp4", "a'b,c[d];e.mp4", "%d\n.mp4"])
def test_a_name_is_never_anything_but_a_file(name: str) -> None:
    for args in commands(name):
        assert value(args, "-i") == f"file:{Path.cwd() / name}"
        assert not any(name in part for part in args if part != value(args, "-i"))


def test_every_command_forces_the_demuxer_and_stops_at_damage() -> None:
    for args in commands("/in/clip.mp4"):
        before = args[: args.index("-i")]
        assert value(before, "-f") == "mov"
        assert value(before, "-format_whitelist") == "mov"
        assert value(before, "-protocol_whitelist") == "file"
        assert value(before, "-err_detect") == "explode"
        assert "-xerror" in before
        assert "-nostdin" in before


def test_the_probed_streams_are_taken() -> None:
    picture, sound, whole, plain = commands("/in/clip.mp4")
    assert value(plain, "-map") == "0:1"
    assert value(plain, "-pix_fmt") == "yuv420p"
    assert plain[-1] == "pipe:1"
    assert plain.count("pipe:1") == 1
    assert value(picture, "-map") == "0:1"
    assert value(sound, "-map") == "0:2"
    assert [whole[index + 1] for index, part in enumerate(whole) if part == "-map"] == ["[all]", "0:2"]
    assert value(whole, "-filter_complex").startswith("[0:1]split[all]")


def test_key_frames_are_forced_by_number() -> None:
    assert value(conform(), "-force_key_frames") == "expr:eq(n,0)+eq(n,15)+eq(n,75)"


def test_a_decoder_that_sees_transparency_is_chosen_before_the_input() -> None:
    args = conform(info=replace(PLAIN, decoder="libvpx-vp9"))
    assert args.index("libvpx-vp9") < args.index("-i")


def test_sound_starts_with_the_picture_and_is_cut_to_whole_frames() -> None:
    chain = value(sound_args(FFMPEG, Path("/in/a"), PLAIN, Path("/out/a.wav"), 90), "-af").split(",")
    assert chain[0] == "asetpts=PTS-0.500000000/TB"
    assert chain[-2:] == ["apad=whole_len=144000", "atrim=end_sample=144000"]


def test_a_plain_clip_is_scaled_without_further_cost() -> None:
    assert steps(PLAIN) == [
        "setpts=PTS-STARTPTS",
        "scale=1920:1080:in_color_matrix=bt709:in_range=tv:out_color_matrix=bt709:out_range=tv",
        "format=yuv420p",
        "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709",
        "fps=30:eof_action=pass",
        "tpad=stop_mode=clone:stop=90",
        "trim=end_frame=90",
        "setpts=PTS-STARTPTS",
        "sidedata=mode=delete",
        "setsar=1",
        "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709",
    ]


@pytest.mark.parametrize(("fps", "is_early"), [(Fraction(24), False), (Fraction(30), False), (Fraction(60), True)])
def test_surplus_frames_are_dropped_before_they_are_scaled(fps: Fraction, is_early: bool) -> None:
    chain = steps(replace(PLAIN, fps=fps))
    scale = next(index for index, step in enumerate(chain) if step.startswith("scale="))
    assert chain.count("fps=30:eof_action=pass") == 1
    assert (chain.index("fps=30:eof_action=pass") < scale) is is_early


def test_full_range_and_other_matrices_are_converted_after_scaling() -> None:
    chain = steps(replace(PLAIN, full_range=True, matrix="bt601"))
    unchanged = "iprimaries=bt709:primaries=bt709:itrc=bt709:trc=bt709:format=yuv420p"
    assert chain[1:5] == [
        "scale=1920:1080:in_color_matrix=bt601:out_color_matrix=bt601:in_range=pc:out_range=pc",
        "format=yuv420p",
        "setparams=range=pc:color_primaries=bt709:color_trc=bt709:colorspace=smpte170m",
        f"colorspace=ispace=smpte170m:space=bt709:irange=pc:range=tv:{unchanged}",
    ]


@pytest.mark.parametrize("pix_fmt", ["yuv422p", "yuvj444p", "yuv420p10le"])
def test_finer_pictures_are_converted_by_the_scaler(pix_fmt: str) -> None:
    chain = steps(replace(PLAIN, full_range=True, matrix="bt601", pix_fmt=pix_fmt))
    assert chain[1] == (
        "scale=1920:1080:in_color_matrix=bt601:in_range=pc:flags=bicubic+accurate_rnd+full_chroma_int"
        ":out_color_matrix=bt709:out_range=tv"
    )


def test_rgb_needs_no_source_matrix() -> None:
    assert "in_color_matrix" not in conform_chain(replace(PLAIN, matrix=None), HD, 90, Fit.PAD)


def test_transparency_is_multiplied_in_before_scaling() -> None:
    chain = steps(replace(PLAIN, has_alpha=True))
    assert chain.index("premultiply=inplace=1") < chain.index("format=gbrp") < chain.index("format=yuv420p")
    assert chain[chain.index("format=gbrp") + 1].startswith("scale=1920:1080")


def test_interlaced_pictures_are_deinterlaced_first_one_for_one() -> None:
    assert steps(replace(PLAIN, interlaced=True))[1] == "bwdif=mode=send_frame:deint=all"


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_hdr_is_tone_mapped_at_the_smaller_size(transfer: str) -> None:
    chain = conform_chain(replace(PLAIN, width=3840, height=2160, hdr_transfer=transfer), HD, 90, Fit.PAD)
    assert chain.index("scale=1920:1080") < chain.index(f"color_trc={transfer}") < chain.index("tonemap=")


@pytest.mark.parametrize(
    ("picture", "size", "fit", "expected"),
    [
        ((1280, 720), HD, Fit.PAD, Place(1920, 1080, 0, 0)),
        ((1080, 1920), HD, Fit.PAD, Place(608, 1080, 656, 0)),
        ((1080, 1920), HD, Fit.BLUR, Place(608, 1080, 656, 0)),
        ((1080, 1920), HD, Fit.COVER, Place(1920, 3414, 0, -1168)),
        ((1920, 800), HD, Fit.PAD, Place(1920, 800, 0, 140)),
        ((1344, 768), HD, Fit.PAD, Place(1920, 1098, 0, -8)),
        ((1920, 1088), HD, Fit.BLUR, Place(1920, 1088, 0, -4)),
        ((321, 179), FrameSize(1080, 1350), Fit.PAD, Place(1080, 602, 0, 374)),
        ((8000, 2), HD, Fit.PAD, Place(1920, 2, 0, 540)),
    ],
)
def test_place(picture: tuple[int, int], size: FrameSize, fit: Fit, expected: Place) -> None:
    assert place(*picture, size, fit) == expected


def test_bars_are_black_only_when_chosen() -> None:
    tall = replace(PLAIN, width=1080, height=1920)
    assert "pad=1920:1080:656:0:color=black" in steps(tall, Fit.PAD)
    assert "crop=1920:1080" in steps(tall, Fit.COVER)
    for fit in (Fit.BLUR, Fit.COVER):
        assert "color=black" not in conform_chain(tall, HD, 90, fit)
    assert "overlay=656:0" in conform_chain(tall, HD, 90, Fit.BLUR)
    assert "overlay" not in conform_chain(PLAIN, HD, 90, Fit.BLUR)


def test_other_primaries_are_converted_in_linear_light_and_the_curve_stays() -> None:
    chain = steps(replace(PLAIN, primaries="smpte432", transfer="iec61966-2-1"))
    kept = "iprimaries=smpte432:primaries=bt709:itrc=iec61966-2-1:trc=iec61966-2-1:format=yuv420p"
    assert f"colorspace=ispace=bt709:space=bt709:irange=tv:range=tv:{kept}" in chain
    assert steps(replace(PLAIN, primaries="bt709", transfer="iec61966-2-1")) == steps(PLAIN)


def test_ten_bits_are_kept_until_the_primaries_are_converted() -> None:
    chain = steps(replace(PLAIN, primaries="bt2020", transfer="bt2020-10", matrix="bt2020", bit_depth=10))
    assert chain.index("format=yuv420p10") < next(i for i, step in enumerate(chain) if step.startswith("colorspace="))


def test_hdr_has_the_primaries_that_it_names() -> None:
    assert "color_primaries=smpte432" in conform_chain(
        replace(PLAIN, hdr_transfer="smpte2084", primaries="smpte432"), HD, 90, Fit.PAD
    )
    assert "color_primaries=bt2020" in conform_chain(replace(PLAIN, hdr_transfer="smpte2084"), HD, 90, Fit.PAD)


def test_a_copy_goes_on_where_the_strict_commands_stop() -> None:
    args = copy_args(FFMPEG, Path("/in/a.ts"), replace(PLAIN, container="mpegts"), Path("/out/a.ts"))
    assert "-xerror" not in args
    assert value(args, "-c") == "copy"
    assert value(args[: args.index("-i")], "-f") == value(args[: args.index("-i")], "-format_whitelist") == "mpegts"


def test_a_steady_clip_is_encoded_again_only_where_it_changes() -> None:
    source, out = Path("/in/a.mkv"), Path("/out/a.mkv")
    assert value(steady_args(FFMPEG, source, PLAIN, None, out), "-c:v") == "copy"
    both = steady_args(FFMPEG, source, PLAIN, (640, 360), out)
    assert value(both, "-c:v") == "libx264"
    assert "scale=640:360:force_original_aspect_ratio=decrease" in value(both, "-vf")
    assert "-xerror" in both
