from __future__ import annotations

import pytest

from adreel.media.clips.containers import avi_exceeds, is_whole, sniff

MATROSKA = b"\x1a\x45\xdf\xa3"


@pytest.mark.parametrize(
    ("head", "demuxer"),
    [
        (b"\0\0\0\x20ftypisom", "mov"),
        (b"\0\0\0\x14ftypqt  ", "mov"),
        (b"\0\0\x10\0moov", "mov"),
        (b"\0\0\0\x08wide", "mov"),
        (MATROSKA + b"\x9f", "matroska"),
        (b"RIFF\x10\0\0\0AVI LIST", "avi"),
        (b"FLV\x01\x05", "flv"),
        (b"\0\0\x01\xba\x44", "mpeg"),
        ((b"\x47" + bytes(187)) * 3, "mpegts"),
        ((bytes(4) + b"\x47" + bytes(187)) * 3, "mpegts"),
    ],
)
def test_videos_are_told_by_their_first_bytes(head: bytes, demuxer: str) -> None:
    assert sniff(head) == demuxer


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"#EXTM3U\n",
        b"ffconcat version 1.0\nfile 'x.mp4'\n",
        b"file 'x.mp4'\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\n",
        b"data:video/mp4;base64,AAAA",
        b"<?xml version='1.0'?><MPD/>",
        b"G" * 300,
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        b"GIF89a",
        b"RIFF\x10\0\0\0WAVEfmt ",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"\0\0\0\x20ftypavif",
        b"\0\0\0\x20ftypheic",
        b"\x1a\x45\xdf",
        b"OggS\0",
    ],
)
def test_everything_else_is_refused(head: bytes) -> None:
    assert sniff(head) is None


def test_a_transport_stream_shorter_than_three_packets_is_refused() -> None:
    assert sniff((b"\x47" + bytes(187)) * 2) is None


def test_an_avi_says_its_size_without_its_own_header() -> None:
    head = b"RIFF" + (1000).to_bytes(4, "little") + b"AVI "
    assert not avi_exceeds(head, 1008)
    assert avi_exceeds(head, 1007)


@pytest.mark.parametrize(("packet", "junk"), [(188, b""), (192, bytes(4)), (204, b"")])
def test_a_transport_stream_consists_of_whole_packets(packet: int, junk: bytes) -> None:
    head = (junk + b"\x47").ljust(packet, b"\0") * 4
    assert is_whole("mpegts", head, packet * 1000)
    assert not is_whole("mpegts", head, packet * 1000 + 100)


@pytest.mark.parametrize(("size", "end"), [(b"\x84", 16), (b"\x40\x04", 17), (b"\xff", 0), (b"\x01" + b"\xff" * 7, 0)])
def test_a_matroska_file_is_whole_when_its_segment_is(size: bytes, end: int) -> None:
    head = MATROSKA + b"\x82\x42\x86" + b"\x18\x53\x80\x67" + size + b"data"
    assert is_whole("matroska", head, end)
    assert end == 0 or not is_whole("matroska", head, end - 1)


@pytest.mark.parametrize("head", [MATROSKA, MATROSKA + b"\x82", MATROSKA + b"\0\0\0", MATROSKA + b"\x80abcd"])
def test_a_mangled_matroska_header_says_nothing(head: bytes) -> None:
    assert is_whole("matroska", head, len(head))
