"""Files that are broken, or are not what they seem: each is refused by name, and no other file is ever opened."""

from __future__ import annotations

import ctypes
import os
import random
import struct
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import av
import pytest

from adreel.domain.errors import ClipError
from adreel.media.clips import probe
from adreel.media.clips.probe import probe_clip, verify_decodes
from support.pictures import ClipMaker

PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=128x96:r=24:d=0.25")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="watches files by inotify")


def examine(path: Path, ffmpeg: Path) -> None:
    verify_decodes(path, probe_clip(path), ffmpeg=ffmpeg)


def refuse(path: Path, ffmpeg: Path, match: str | None = None) -> None:
    with pytest.raises(ClipError, match=match) as caught:
        examine(path, ffmpeg)
    assert str(path) in str(caught.value)


def cut(data: bytes) -> bytes:
    return data[: len(data) * 6 // 10]


def flip(data: bytes) -> bytes:
    """Eight wrong bits in the second and third quarter."""
    chance, damaged = random.Random(1), bytearray(data)
    for _ in range(8):
        damaged[chance.randrange(len(data) // 4, len(data) * 3 // 4)] ^= 1 << chance.randrange(8)
    return bytes(damaged)


@contextmanager
def opened(path: Path) -> Generator[Callable[[], bool]]:
    """Tells whether anything opened a file since."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    try:
        assert libc.inotify_add_watch(watch, os.fsencode(path), 0x20) >= 0  # IN_OPEN

        def was_opened() -> bool:
            try:
                return bool(os.read(watch, 4096))
            except BlockingIOError:
                return False

        yield was_opened
    finally:
        os.close(watch)


def alias(target: Path) -> bytes:
    """A data reference to a file of the same folder, as in old QuickTime films (QuickTime File Format, alias)."""
    name = os.fsencode(target)
    record = bytes(10) + b"\4disk".ljust(28, b"\0") + bytes(12) + b"\4file".ljust(64, b"\0") + bytes(16)
    record += struct.pack(">hh", 1, 1) + bytes(16)
    record += struct.pack(">hH", 2, len(name)) + name + b"\0" * (len(name) % 2) + struct.pack(">hH", -1, 0)
    return struct.pack(">I4sI", 12 + len(record), b"alis", 0) + record


def with_data_reference(boxes: bytes, reference: bytes) -> bytes:
    """Exchanges every data reference of an MP4 whose index comes last."""
    out = b""
    while boxes:
        size, kind = struct.unpack(">I4s", boxes[:8])
        body, boxes = boxes[8:size], boxes[size:]
        if kind in {b"moov", b"trak", b"mdia", b"minf", b"dinf"}:
            body = with_data_reference(body, reference)
        elif kind == b"dref":
            body = body[:8] + reference
        out += struct.pack(">I4s", 8 + len(body), kind) + body
    return out


def test_a_whole_clip_is_accepted(spoken: Path, ffmpeg: Path) -> None:
    info = probe_clip(spoken)
    assert (info.width, info.height, info.fps, info.frames, info.duration) == (320, 180, 24, 24, 1.0)
    assert (info.codec, info.has_audio, info.is_vfr, info.has_alpha, info.hdr) == ("h264", True, False, False, False)
    assert verify_decodes(spoken, info, ffmpeg=ffmpeg, threads=2).frames == 24


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "is empty"),
        (b"not a video at all", "is not a video"),
        (random.Random(1).randbytes(5000), "is not a video"),
        (b"\0\0\0\x20ftypisom" + bytes(2000), "is damaged or cut short"),
        (b"\x1a\x45\xdf\xa3" + bytes(2000), "is damaged or cut short"),
        (b"\x89PNG\r\n\x1a\n" + bytes(2000), "is not a video"),
        ((b"\x47" + bytes(187)) * 20, "no video stream|is damaged"),
    ],
    ids=["empty", "text", "noise", "hollow mp4", "hollow matroska", "picture", "hollow transport stream"],
)
def test_what_is_no_video_is_refused(content: bytes, match: str, tmp_path: Path, ffmpeg: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    refuse(path, ffmpeg, match)


def test_what_is_no_file_is_refused(tmp_path: Path, ffmpeg: Path) -> None:
    refuse(tmp_path / "missing.mp4", ffmpeg, "does not exist")
    refuse(tmp_path, ffmpeg, "is not a file")
    os.mkfifo(tmp_path / "pipe.mp4")
    refuse(tmp_path / "pipe.mp4", ffmpeg, "is not a file")


@pytest.mark.parametrize(
    ("tags", "match"), [((b"avc1",), "pictures in a format"), ((b"mp4a", b"esds"), "sound in a format")]
)
def test_formats_that_nothing_decodes_are_named(
    tags: tuple[bytes, ...], match: str, spoken: Path, tmp_path: Path, ffmpeg: Path
) -> None:
    path, content = tmp_path / "clip.mp4", spoken.read_bytes()
    for tag in tags:
        content = content.replace(tag, b"zzzz")
    path.write_bytes(content)
    refuse(path, ffmpeg, match)


def test_sound_without_picture_is_refused(make_clip: ClipMaker, spoken: Path, ffmpeg: Path) -> None:
    refuse(make_clip("sound.mp4", "-i", spoken, "-vn", "-c", "copy"), ffmpeg, "no video stream")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("plain.mp4", ()),
        ("fast.mp4", ("-movflags", "+faststart")),
        ("pieces.mp4", ("-movflags", "+frag_keyframe+empty_moov")),
        ("a.mkv", ()),
        ("a.avi", ("-bsf:v", "h264_mp4toannexb")),
        ("a.ts", ()),
        ("a.flv", ()),
    ],
)
@pytest.mark.parametrize("damage", [cut, flip])
def test_damage_is_found(
    damage: Callable[[bytes], bytes],
    name: str,
    options: tuple[str, ...],
    make_clip: ClipMaker,
    spoken: Path,
    ffmpeg: Path,
) -> None:
    path = make_clip(name, "-i", spoken, "-c", "copy", *options)
    examine(path, ffmpeg)
    path.write_bytes(damage(path.read_bytes()))
    refuse(path, ffmpeg)


@pytest.mark.parametrize(
    ("name", "options"), [("a.mp4", ("-movflags", "+faststart")), ("a.mkv", ()), ("a.ts", ()), ("a.flv", ())]
)
def test_missing_ends_are_found_without_decoding(
    name: str, options: tuple[str, ...], make_clip: ClipMaker, spoken: Path
) -> None:
    path = make_clip(name, "-i", spoken, "-c", "copy", *options)
    path.write_bytes(cut(path.read_bytes()))
    with pytest.raises(ClipError, match="cut short"):
        probe_clip(path)


def test_a_clip_cut_exactly_between_two_pictures_is_found(make_clip: ClipMaker, spoken: Path) -> None:
    path = make_clip("a.mp4", "-i", spoken, "-an", "-c", "copy", "-movflags", "+faststart")
    with av.open(str(path)) as container:
        place = [packet.pos or 0 for packet in container.demux(video=0) if packet.size][15]
    path.write_bytes(path.read_bytes()[:place])
    with pytest.raises(ClipError, match="cut short"):
        probe_clip(path)


@linux_only
@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{path}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{path}'\n",
        "file '{path}'\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\na={path}\n",
        "data:video/mp4;base64,AAAA{path}",
        "<MPD><BaseURL>{path}</BaseURL></MPD>",
        "{path}",
    ],
    ids=["playlist", "concat script", "bare concat", "session", "data", "manifest", "path"],
)
def test_no_text_leads_to_another_file(text: str, spoken: Path, tmp_path: Path, ffmpeg: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_text(text.format(path=spoken))
    with opened(spoken) as was_opened:
        refuse(path, ffmpeg, "is not a video")
        assert not was_opened()
        spoken.open().close()
        assert was_opened(), "the watch itself must work"


@linux_only
def test_a_film_that_refers_to_another_file_is_refused(spoken: Path, tmp_path: Path, ffmpeg: Path) -> None:
    path, target = tmp_path / "clip.mov", tmp_path / "target.mp4"
    target.write_bytes(spoken.read_bytes())
    path.write_bytes(with_data_reference(spoken.read_bytes(), alias(target)))
    with opened(target) as was_opened:
        refuse(path, ffmpeg)
        assert not was_opened()
        with av.open(str(path), format="mov", options={"enable_drefs": "1"}) as container:
            assert sum(1 for _ in container.decode(video=0)) == 24, "the reference itself must work"
        assert was_opened()


@linux_only
def test_a_playlist_within_a_container_is_not_followed(spoken: Path, tmp_path: Path, ffmpeg: Path) -> None:
    """FFmpeg's AVI reader looks into embedded subtitles by itself."""
    path = tmp_path / "clip.avi"
    playlist = f"#EXTM3U\n#EXTINF:2,\n{spoken}\n#EXT-X-ENDLIST\n".encode()
    subtitles = b"GAB2\0\2\0" + struct.pack("<I", 0) + struct.pack("<HI", 4, len(playlist)) + playlist
    header = struct.pack("<4sI4s4sI4s", b"RIFF", 4000, b"AVI ", b"LIST", 4, b"hdrl")
    chunk = struct.pack("<4sI4s4sI", b"LIST", 4 + 8 + len(subtitles), b"movi", b"00sb", len(subtitles)) + subtitles
    path.write_bytes((header + chunk).ljust(4008, b"\0"))
    with opened(spoken) as was_opened:
        refuse(path, ffmpeg)
        assert not was_opened()


@pytest.mark.parametrize(
    ("limit", "value", "match"),
    [
        ("MAX_BYTES", 10_000, "is larger than"),
        ("MAX_SECONDS", 0.5, "is longer than"),
        ("MAX_SIDE", 300, "is 320x180, larger"),
        ("MAX_PIXELS", 50_000, "is 320x180, larger"),
        ("MAX_FRAMES", 20, "more than 20 frames"),
    ],
)
def test_what_is_too_large_is_refused(
    limit: str, value: float, match: str, spoken: Path, ffmpeg: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, limit, value)
    refuse(spoken, ffmpeg, match)


@pytest.mark.parametrize(
    "name", ["-y.mp4", "pipe:0.mp4", "concat:a|b.mp4", "it's [a] %d, clip;.mp4", "ü 视频.mp4", "\udcff.mp4"]
)
def test_odd_names_are_only_names(
    name: str, spoken: Path, tmp_path: Path, ffmpeg: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_bytes(spoken.read_bytes())
    monkeypatch.chdir(tmp_path)
    examine(Path(name), ffmpeg)


def with_pixels(make_clip: ClipMaker, across: int, down: int) -> Path:
    """A clip whose container says that its pixels are of this aspect (QuickTime File Format, pasp)."""
    coded = ("-vf", "setsar=4/3", "-c:v", "libx264", "-pix_fmt", "yuv420p")
    clip = make_clip("clip.mp4", *PICTURE, *coded)
    content = clip.read_bytes()
    at = content.index(b"pasp") + 4
    clip.write_bytes(content[:at] + struct.pack(">II", across, down) + content[at + 8 :])
    return clip


@pytest.mark.parametrize(
    "aspect", [(65535, 1), (1, 65535), (65535, 2), (11, 1), (1, 11), (2**31 - 1, 1), (1, 2**31 - 1)]
)
def test_pixels_of_an_absurd_shape_are_refused(make_clip: ClipMaker, ffmpeg: Path, aspect: tuple[int, int]) -> None:
    refuse(with_pixels(make_clip, *aspect), ffmpeg, "pixel aspect ratio of .* export it with square pixels")


@pytest.mark.parametrize(
    ("aspect", "width"),
    [((1, 1), 128), ((64, 33), 248), ((4, 1), 512), ((1, 2), 64), ((10, 1), 1280), ((0, 1), 170), ((1, 0), 170)],
)
def test_pixels_of_a_shape_in_use_are_taken(make_clip: ClipMaker, aspect: tuple[int, int], width: int) -> None:
    """A shape with a zero says nothing: then that of the coded pictures holds, which is 4:3 here."""
    info = probe_clip(with_pixels(make_clip, *aspect))
    assert (info.width, info.height) == (width, 96)
