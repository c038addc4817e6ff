"""The person's own music file: read, or refused by name."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream

from adreel.domain.errors import MusicError
from adreel.media.audio import mpeg_frames, music_file, music_format
from adreel.media.audio.mix import check_music, load_music
from adreel.media.audio.samples import to_frame

FORMATS = {
    "song.wav": ("wav", "pcm_s16le", "s16", 44_100, "stereo"),
    "mono.wav": ("wav", "pcm_s16le", "s16", 22_050, "mono"),
    "song.mp3": ("mp3", "libmp3lame", "fltp", 44_100, "stereo"),
    "song.m4a": ("ipod", "aac", "fltp", 44_100, "stereo"),
    "song.aac": ("adts", "aac", "fltp", 48_000, "stereo"),
    "mono.aac": ("adts", "aac", "fltp", 44_100, "mono"),
    "song.opus": ("ogg", "libopus", "flt", 48_000, "stereo"),
    "song.flac": ("flac", "flac", "s16", 44_100, "stereo"),
}


def write(folder: Path, name: str, seconds: float = 2.0) -> Path:
    container_format, codec, sample_format, rate, layout = FORMATS[name]
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * 48_000)) / 48_000)
    frame = to_frame(np.repeat(wave[:, None], 2, axis=1).astype(np.float32))
    resampler = AudioResampler(format=sample_format, layout=layout, rate=rate)
    with av.open(str(folder / name), "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        assert isinstance(stream, AudioStream)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return folder / name


@pytest.mark.parametrize("name", FORMATS)
def test_every_promised_format_is_read_at_its_pitch_and_length(tmp_path: Path, name: str) -> None:
    sound = load_music(write(tmp_path, name))
    assert sound.dtype == np.float32
    assert len(sound) == pytest.approx(96_000, abs=3000)
    spectrum = np.abs(np.fft.rfft(sound[24_000:72_000, 0]))
    assert int(spectrum.argmax()) == pytest.approx(440, abs=1)
    # FFmpeg decodes mono ADTS as two equal channels, since parametric stereo may follow, and turns other mono 3 dB down.
    assert sound[:, 0].max() == pytest.approx(0.3 / 2**0.5 if name == "mono.wav" else 0.3, rel=0.1)
    assert np.allclose(sound[:, 0], sound[:, 1], atol=0.02)


def test_a_usable_file_is_decoded_once_and_again_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[Path] = []
    load = music_file._load

    def counting(path: Path) -> object:
        decoded.append(path)
        return load(path)

    monkeypatch.setattr(music_file, "_load", counting)
    path = write(tmp_path, "song.wav")
    for _ in range(100):
        check_music(path)
    assert decoded == [path]
    path.write_bytes(path.read_bytes()[:40_000])
    with pytest.raises(MusicError, match=r"song\.wav"):
        check_music(path)
    with pytest.raises(MusicError, match=r"gone\.wav"):
        check_music(tmp_path / "gone.wav")


def test_what_was_decoded_to_be_checked_is_taken_once_and_is_that_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "song.wav")
    check_music(path)
    with monkeypatch.context() as patch:
        patch.setattr(music_file, "_load", None)  # decoding again would fail
        taken = load_music(path)
    again = load_music(path)
    assert again is not taken
    assert np.array_equal(again, taken)


def test_a_file_that_changed_after_its_check_is_read_as_it_is_now(tmp_path: Path) -> None:
    path = write(tmp_path, "song.wav")
    check_music(path)
    other = write(tmp_path, "song.wav", 3.0)
    assert len(load_music(other)) == 3 * 48_000


def test_the_name_does_not_matter_the_bytes_do(tmp_path: Path) -> None:
    path = write(tmp_path, "song.flac").rename(tmp_path / "song.mp3")
    assert len(load_music(path)) > 90_000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"#EXTM3U\n#EXTINF:2,\nsong.wav\n",
        b"ffconcat version 1.0\nfile song.wav\n",
        b"ID3\x04\x00\x00\x00\x00\x00\x00#EXTM3U\nsong.wav\n",
        b"[playlist]\nFile1=song.wav\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
        b"\xff\xfb\x90\x00" + b"#EXTM3U\nsong.wav\n" * 50,
        b"OggS" + bytes(2000),
        b"RIFF\x00\x00\x00\x00WAVE",
        b"\x00\x00\x00\x18ftypM4A " + bytes(2000),
    ],
)
def test_playlists_scripts_and_shells_named_mp3_are_refused(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, "song.wav")
    path = tmp_path / "trap.mp3"
    path.write_bytes(content)
    with pytest.raises(MusicError, match=r"trap\.mp3"):
        load_music(path)


@pytest.mark.parametrize("name", ["song.wav", "song.mp3", "song.m4a", "song.opus", "song.flac"])
def test_a_file_cut_short_is_refused_by_name(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.6)])
    with pytest.raises(MusicError, match=name.replace(".", r"\.")):
        load_music(path)


@pytest.mark.parametrize("name", ["song.mp3", "song.m4a", "song.opus", "song.flac", "song.aac"])
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name)
    content = bytearray(path.read_bytes())
    third = len(content) // 3
    content[third : 2 * third] = np.random.default_rng(3).bytes(third)
    path.write_bytes(content)
    with pytest.raises(MusicError, match=name.replace(".", r"\.")):
        load_music(path)


def test_missing_files_folders_and_blips_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.mp3", tmp_path):
        with pytest.raises(MusicError, match=path.name):
            load_music(path)
    with pytest.raises(MusicError, match="less than a second"):
        load_music(write(tmp_path, "song.wav", 0.5))


def test_too_large_a_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.wav"
    with path.open("wb") as file:
        file.truncate(music_file.MAX_BYTES + 1)
    with pytest.raises(MusicError, match=r"huge\.wav is larger than 200 MB"):
        load_music(path)


def test_no_more_than_the_limit_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(music_file, "MAX_SECONDS", 2)
    assert len(load_music(write(tmp_path, "song.mp3", 3.0))) == 96_000


def id3(body: bytes, stated: int | None = None) -> bytes:
    """A tag; its size may be stated wrongly."""
    size = len(body) if stated is None else stated
    return b"ID3\3\0\0" + bytes(size >> shift & 127 for shift in (21, 14, 7, 0)) + body


TITLE = b"TIT2\0\0\0\6\0\0\0hello" + bytes(50)
BEFORE = {
    "two tags": id3(TITLE) * 2,
    "padding beyond the tag": id3(TITLE) + bytes(300),
    "size too small": id3(TITLE, 30),
    "size too small by a cover": id3(TITLE + b"\x55" * 300_000, 100),
    "zeros": bytes(500),
    "other data": b"<html>" * 100,
}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """MP3 without its counting frame, and ADTS."""
    folder = tmp_path_factory.mktemp("bare")
    mp3 = write(folder, "song.mp3").read_bytes()
    tag = music_format._id3_size(mp3)  # pyright: ignore[reportPrivateUsage]
    length = mpeg_frames.frame_length(mp3[tag : tag + 8])
    assert length is not None
    return {"mp3": mp3[tag + length :], "aac": write(folder, "song.aac").read_bytes()}


@pytest.mark.parametrize("name", BEFORE)
@pytest.mark.parametrize("kind", ["mp3", "aac"])
def test_what_stands_before_the_first_frame_is_skipped(
    tmp_path: Path, bare: dict[str, bytes], name: str, kind: str
) -> None:
    path = tmp_path / "song"
    path.write_bytes(BEFORE[name] + bare[kind])
    assert len(load_music(path)) == pytest.approx(96_000, abs=5000)


@pytest.mark.parametrize("before", [bytes(500), b"<html>" * 100, id3(TITLE), id3(TITLE, 30)])
def test_what_stands_before_the_first_ogg_page_is_skipped(tmp_path: Path, before: bytes) -> None:
    path = write(tmp_path, "song.opus")
    whole = path.read_bytes()
    path.write_bytes(before + whole)
    assert len(load_music(path)) == pytest.approx(96_000, abs=3000)
    path.write_bytes(before + whole[: len(whole) * 6 // 10])
    with pytest.raises(MusicError, match=r"song\.opus"):
        load_music(path)


@pytest.mark.parametrize("kind", ["mp3", "aac"])
def test_sound_cut_out_of_a_longer_file_begins_at_its_first_whole_frame(
    tmp_path: Path, bare: dict[str, bytes], kind: str
) -> None:
    path = tmp_path / "song"
    path.write_bytes(bare[kind][100:])
    assert len(load_music(path)) == pytest.approx(96_000, abs=7000)
    path.write_bytes(id3(TITLE, len(TITLE) + 5000) + bare[kind])
    assert 20_000 < len(load_music(path)) < 96_000


def test_a_number_of_frames_is_believed_as_far_as_the_number_of_bytes_beside_it(tmp_path: Path) -> None:
    path = write(tmp_path, "song.mp3")
    content = path.read_bytes()
    at = max(content.find(b"Xing"), content.find(b"Info")) + 8
    path.write_bytes(content[:at] + (9999).to_bytes(4, "big") + content[at + 4 :])
    assert len(load_music(path)) == pytest.approx(96_000, abs=5000)
    path.write_bytes(content[: len(content) * 6 // 10])
    with pytest.raises(MusicError, match="is cut short"):
        load_music(path)


@pytest.mark.parametrize("lengths", [(0, 0), (2**32 - 1, 2**32 - 1), (0x7FFFF024, 0x7FFFF000), (4096, 4000)])
def test_a_wav_with_a_placeholder_for_its_length_is_read_to_its_end(tmp_path: Path, lengths: tuple[int, int]) -> None:
    path = write(tmp_path, "song.wav")
    content = bytearray(path.read_bytes())
    for at, length in zip((4, content.index(b"data") + 4), lengths, strict=True):
        content[at : at + 4] = length.to_bytes(4, "little")
    path.write_bytes(content)
    assert len(load_music(path)) == pytest.approx(96_000, abs=50)


def test_sound_that_changes_its_format_is_read_through(tmp_path: Path) -> None:
    """Parts of other rates and channels, put together byte by byte."""
    stereo, mono = write(tmp_path, "song.aac").read_bytes(), write(tmp_path, "mono.aac").read_bytes()
    path = tmp_path / "both.aac"
    path.write_bytes(stereo + mono)
    sound = load_music(path)
    assert len(sound) == pytest.approx(192_000, abs=9000)
    for part in (sound[24_000:72_000, 0], sound[120_000:168_000, 0]):
        assert int(np.abs(np.fft.rfft(part)).argmax()) == pytest.approx(440, abs=1)
