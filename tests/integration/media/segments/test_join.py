from __future__ import annotations

import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from adreel.domain.errors import JoinError
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.formats import FrameSize
from adreel.media.captions.cue import Cue
from adreel.media.captions.track import CaptionTrack, track_text
from adreel.media.segments import decode
from adreel.media.segments.encoder import SegmentEncoder
from adreel.media.segments.inspect import packets_digest
from adreel.media.segments.join import Piece, join
from adreel.media.segments.render import SegmentMaker, weight
from adreel.media.segments.store import SegmentStore, profiled_key
from adreel.media.segments.x264 import TICKS_PER_FRAME
from support.pictures import SMALL, Picture, segment


@pytest.fixture
def store(tmp_path: Path) -> SegmentStore:
    return SegmentStore(tmp_path / "segments")


def pictures(path: Path, first: int = 0, last: int | None = None) -> list[Picture]:
    return list(decode.decode_frames(path, first, last))


def same(left: list[Picture], right: list[Picture]) -> bool:
    return len(left) == len(right) and all(np.array_equal(a, b) for a, b in zip(left, right, strict=True))


@pytest.mark.parametrize("lengths", [(1, 2, 3, 45), (7, 30, 1, 1), (16, 15, 31), (90,)])
def test_joined_pictures_are_those_of_the_segments(
    store: SegmentStore, tmp_path: Path, lengths: tuple[int, ...]
) -> None:
    segments = [segment(store, frames, seed) for seed, frames in enumerate(lengths)]
    film = tmp_path / "film.mp4"
    join([Piece(part, 0, part.frames) for part in segments], None, film)
    assert same(pictures(film), [picture for part in segments for picture in pictures(part.video)])
    packets = decode.read_coded(film).packets
    assert sorted(packet.pts or 0 for packet in packets) == [index * TICKS_PER_FRAME for index in range(sum(lengths))]
    times = [packet.dts or 0 for packet in packets]
    assert all(a < b for a, b in pairwise(times))


def test_crossfades_leave_all_other_frames_as_they_were(store: SegmentStore, tmp_path: Path) -> None:
    maker = SegmentMaker(store, Path("unused"))
    left, right = segment(store, 40, 1), segment(store, 50, 2)
    fade = maker.crossfade(left, right)
    film = tmp_path / "film.mp4"
    join([Piece(left, 0, 25), Piece(fade, 0, 15), Piece(right, 15, 50)], None, film)
    seen = pictures(film)
    assert same(seen[:25], pictures(left.video)[:25])
    assert same(seen[40:], pictures(right.video)[15:])
    middle = pictures(left.video)[32] * (1 - weight(7)) + pictures(right.video)[7] * weight(7)
    assert np.abs(seen[32] - middle)[: SMALL.height].mean() < 3


def test_captions_leave_the_packets_of_the_pictures_as_they_are(store: SegmentStore, tmp_path: Path) -> None:
    pieces = [Piece(segment(store, 40, 1), 0, 40), Piece(segment(store, 50, 2), 0, 50)]
    cues = (Cue(6, 38, ("Held by hand,", "\u5c0f\u5fc3")), Cue(40, 70, ("<b>{as it is}</b>",)))
    plain, captioned = tmp_path / "plain.mp4", tmp_path / "captioned.mp4"
    join(pieces, None, plain)
    join(pieces, None, captioned, CaptionTrack(cues, "eng"))
    assert packets_digest(decode.read_coded(captioned).packets) == packets_digest(decode.read_coded(plain).packets)
    with decode.open_mp4(captioned, packets_only=True) as film:
        stream = film.streams.subtitles[0]
        assert stream.metadata["language"] == "eng"
        read = [
            (packet.pts, packet.duration, track_text(bytes(packet))) for packet in film.demux(stream) if packet.size
        ]
    shown = [(cue.first, cue.last - cue.first, "\n".join(cue.lines)) for cue in cues]
    assert [each for each in read if each[2]] == shown


def test_another_program_finds_the_same_packets_with_and_without_captions(store: SegmentStore, tmp_path: Path) -> None:
    pieces = [Piece(segment(store, 40, 1), 0, 40)]
    plain, captioned = tmp_path / "plain.mp4", tmp_path / "captioned.mp4"
    join(pieces, None, plain)
    join(pieces, None, captioned, CaptionTrack((Cue(6, 38, ("Held by hand", "\u5c0f\u5fc3 <b>")),), "eng"))
    assert _hashes(plain) == _hashes(captioned)
    assert len(_hashes(plain).splitlines()) > 40
    read = subprocess.run([FFMPEG, "-v", "error", "-i", captioned, "-f", "srt", "-"], capture_output=True, check=True)
    assert "00:00:00,200 --> 00:00:01,267" in read.stdout.decode()
    assert "\u5c0f\u5fc3" in read.stdout.decode()


FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


def _hashes(film: Path) -> str:
    """Times, sizes and hashes of the packets of the pictures, by ffmpeg."""
    command = [FFMPEG, "-v", "error", "-i", str(film), "-map", "0:v", "-c", "copy", "-f", "framehash", "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_cut_that_is_no_key_frame_is_refused(store: SegmentStore, tmp_path: Path) -> None:
    part = segment(store, 40, 1)
    with pytest.raises(JoinError, match="cannot be cut at frames 3 and 40"):
        join([Piece(part, 3, 40)], None, tmp_path / "film.mp4")


def test_a_changed_segment_is_refused(store: SegmentStore, tmp_path: Path) -> None:
    part = replace(segment(store, 40, 1), video=segment(store, 40, 2).video)
    with pytest.raises(JoinError, match="changed since it was checked"):
        join([Piece(part, 0, 40)], None, tmp_path / "film.mp4")


def test_segments_of_another_size_are_refused(store: SegmentStore, tmp_path: Path) -> None:
    parts = [segment(store, 20, 1), segment(store, 20, 1, FrameSize(180, 320))]
    with pytest.raises(JoinError, match="different stream headers"):
        join([Piece(part, 0, 20) for part in parts], None, tmp_path / "film.mp4")


def test_still_segments_join_moving_ones(store: SegmentStore, tmp_path: Path) -> None:
    still = tmp_path / "still.mp4"
    picture = next(iter(pictures(segment(store, 5, 3).video)))
    with SegmentEncoder(still, SMALL, 30, still=True) as encoder:
        for _ in range(30):
            encoder.write(picture)
    assert decode.read_coded(still).header == decode.read_coded(segment(store, 40, 1).video).header


def encoded(path: Path, profile: EncoderProfile, *, still: bool = False) -> decode.Coded:
    """Twenty frames of one noisy picture, a little darker from one to the next."""
    noise = np.random.default_rng(1).integers(40, 200, (SMALL.height * 3 // 2, SMALL.width), np.uint8)
    with SegmentEncoder(path, SMALL, 20, still=still, profile=profile) as encoder:
        for index in range(20):
            encoder.write(noise - np.uint8(index))
    return decode.read_coded(path)


@pytest.mark.parametrize("profile", EncoderProfile)
def test_moving_and_still_segments_of_a_profile_have_one_header(tmp_path: Path, profile: EncoderProfile) -> None:
    moving = encoded(tmp_path / "moving.mp4", profile)
    assert encoded(tmp_path / "still.mp4", profile, still=True).header == moving.header


@pytest.mark.parametrize("profile", [EncoderProfile.FAST, EncoderProfile.RENEWED])
def test_fast_segments_join_standard_ones(tmp_path: Path, profile: EncoderProfile) -> None:
    fast = encoded(tmp_path / "fast.mp4", profile)
    standard = encoded(tmp_path / "standard.mp4", EncoderProfile.STANDARD)
    assert fast.header == standard.header
    assert [bytes(packet) for packet in fast.packets] != [bytes(packet) for packet in standard.packets]


def test_each_profile_has_segments_of_its_own() -> None:
    assert profiled_key("a key", EncoderProfile.STANDARD) == "a key"
    assert len({profiled_key("a key", profile) for profile in EncoderProfile}) == len(EncoderProfile)
