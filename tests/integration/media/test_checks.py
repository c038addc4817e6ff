from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt
import pytest

from adreel.domain.errors import CheckError
from adreel.domain.films.clip import Segment
from adreel.domain.films.formats import SAMPLE_RATE, SAMPLES_PER_FRAME, FrameSize
from adreel.media.audio import mix as audio
from adreel.media.audio.soundtrack import describe
from adreel.media.checks import Expected, check_film
from adreel.media.segments.decode import decode_frames
from adreel.media.segments.encoder import SegmentEncoder
from adreel.media.segments.join import Piece, join
from adreel.media.segments.store import SegmentStore, segment_key
from support.pictures import SMALL, flat, segment

FRAMES = 60


@pytest.fixture
def store(tmp_path: Path) -> SegmentStore:
    return SegmentStore(tmp_path / "segments")


def tone(frames: int) -> npt.NDArray[np.float32]:
    time = np.arange(frames * SAMPLES_PER_FRAME) / SAMPLE_RATE
    return np.repeat(0.3 * np.sin(2 * np.pi * 440 * time)[:, None], 2, axis=1).astype(np.float32)


def sound(path: Path, frames: int = FRAMES, gain: float | None = None) -> Path:
    samples = audio.master(tone(frames)).samples if gain is None else tone(frames) * gain
    audio.encode_aac(samples.astype(np.float32), path)
    return path


def still(store: SegmentStore, luma: int) -> Segment:
    def draw(video: Path, _sound: Path) -> None:
        with SegmentEncoder(video, SMALL, FRAMES) as encoder:
            for picture in flat(SMALL, FRAMES, luma):
                encoder.write(picture)

    return store.make(segment_key("still", luma), SMALL, FRAMES, draw)


def joined(segments: Sequence[Segment], track: Path | None, film: Path) -> Expected:
    pieces = [Piece(part, 0, part.frames) for part in segments]
    return Expected(SMALL, pieces, join(pieces, track, film), track is not None)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return tmp_path / "film.mp4"


@pytest.fixture
def expected(store: SegmentStore, tmp_path: Path, film: Path) -> Expected:
    return joined([segment(store, 20, 1), segment(store, 40, 2)], sound(tmp_path / "sound.m4a"), film)


def test_a_good_film_passes_with_figures(film: Path, expected: Expected) -> None:
    results = check_film(film, expected)
    assert len(results) == 10
    assert all(result.passed for result in results)
    detail = {result.name: result.detail for result in results}
    assert "60 of 60 frames" in detail["frame count and constant rate"]
    assert "2 of 2 pieces" in detail["decodes"]
    assert "LUFS" in detail["loudness"]


def test_a_film_without_sound_passes(store: SegmentStore, film: Path) -> None:
    assert all(result.passed for result in check_film(film, joined([segment(store, 30, 1)], None, film)))


@pytest.mark.parametrize(("luma", "words"), [(16, "60 black"), (90, "0 black, 59 frozen")])
def test_black_and_frozen_stretches_fail_unless_asked_for(
    store: SegmentStore, film: Path, luma: int, words: str
) -> None:
    expected = joined([segment(store, 30, 1), still(store, luma)], None, film)
    with pytest.raises(CheckError, match=f"no black or frozen stretch.*{words}"):
        check_film(film, expected)
    asked = frozenset({expected.pieces[1].segment.key})
    assert all(result.passed for result in check_film(film, replace(expected, asked_still=asked)))


def test_a_film_that_opens_with_the_product_shows_it_in_the_first_frame(store: SegmentStore, film: Path) -> None:
    expected = joined([segment(store, 30, 1)], None, film)
    results = check_film(film, replace(expected, empty_opening=next(iter(flat(SMALL, 1, 16)))))
    assert [result.passed for result in results if result.name == "product in the first frame"] == [True]
    empty = next(iter(decode_frames(expected.pieces[0].segment.video, 0, 1)))
    with pytest.raises(CheckError, match=r"product in the first frame \(it fills 0\.0 % of it\)"):
        check_film(film, replace(expected, empty_opening=empty))


def test_missing_pictures_fail(store: SegmentStore, tmp_path: Path, film: Path, expected: Expected) -> None:
    pieces = expected.pieces[:1]
    join(pieces, tmp_path / "sound.m4a", film)
    with pytest.raises(CheckError, match=r"frame count.*duration.*decodes"):
        check_film(film, expected)


def test_other_pictures_than_were_looked_at_fail(store: SegmentStore, film: Path, expected: Expected) -> None:
    other = replace(expected.joined, digests=(expected.joined.digests[0], "0" * 64))
    with pytest.raises(CheckError, match="decodes \\(1 of 2 pieces"):
        check_film(film, replace(expected, joined=other))


def test_another_size_fails(film: Path, expected: Expected) -> None:
    with pytest.raises(CheckError, match="picture format \\(not 640x360"):
        check_film(film, replace(expected, size=FrameSize(640, 360)))


@pytest.mark.parametrize("gain", [0.05, 3.0])
def test_wrong_loudness_fails(store: SegmentStore, tmp_path: Path, film: Path, gain: float) -> None:
    expected = joined([segment(store, FRAMES, 1)], sound(tmp_path / "quiet.m4a", gain=gain), film)
    with pytest.raises(CheckError, match="loudness"):
        check_film(film, expected)


def test_sound_that_was_measured_is_known_by_its_packets(film: Path, expected: Expected, tmp_path: Path) -> None:
    known = describe(tmp_path / "sound.m4a", audio.Loudness(-13.7, -1.2))
    results = {result.name: result for result in check_film(film, replace(expected, sound=known))}
    assert results["loudness"].detail == "-13.7 LUFS, true peak -1.2 dBTP"


def test_sound_that_is_not_the_measured_one_fails(film: Path, expected: Expected, tmp_path: Path) -> None:
    other = describe(sound(tmp_path / "other.m4a", gain=0.9), audio.Loudness(-14.0, -2.0))
    with pytest.raises(CheckError, match="loudness \\(other sound than was measured"):
        check_film(film, replace(expected, sound=other))


def test_sound_that_was_measured_as_too_loud_fails(film: Path, expected: Expected, tmp_path: Path) -> None:
    loud = describe(tmp_path / "sound.m4a", audio.Loudness(-9.0, -0.2))
    with pytest.raises(CheckError, match="loudness"):
        check_film(film, replace(expected, sound=loud))


@pytest.mark.parametrize("frames", [50, 75])
def test_sound_of_another_length_fails(store: SegmentStore, tmp_path: Path, film: Path, frames: int) -> None:
    expected = joined([segment(store, FRAMES, 1)], sound(tmp_path / "long.m4a", frames), film)
    with pytest.raises(CheckError, match="duration"):
        check_film(film, expected)


def test_a_film_whose_index_is_last_fails(tmp_path: Path, film: Path, expected: Expected) -> None:
    slow = tmp_path / "slow.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(film), "-c", "copy", str(slow)]
    subprocess.run(command, check=True, capture_output=True)
    with pytest.raises(CheckError, match="ready for the web"):
        check_film(slow, expected)


def test_a_film_without_its_sound_fails(film: Path, expected: Expected) -> None:
    join(expected.pieces, None, film)
    with pytest.raises(CheckError, match="streams"):
        check_film(film, expected)


@pytest.mark.parametrize("keep", [0, 40, 2000])
def test_a_cut_film_fails(film: Path, expected: Expected, keep: int) -> None:
    film.write_bytes(film.read_bytes()[:keep])
    with pytest.raises(CheckError):
        check_film(film, expected)
