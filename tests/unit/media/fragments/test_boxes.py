from __future__ import annotations

import struct
from collections.abc import Iterator

from adreel.domain.films.formats import FrameSize
from adreel.media.fragments.boxes import PICTURE, SOUND, Run, event, fragment, movie
from adreel.media.fragments.coded import CodedSound


def boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kinds and contents of the boxes in a row."""
    while content:
        length, kind = struct.unpack(">I4s", content[:8])
        assert 8 <= length <= len(content)
        yield kind, content[8:length]
        content = content[length:]


def test_the_index_says_how_long_the_film_will_be_and_has_no_samples() -> None:
    ((kind, inside),) = boxes(movie(FrameSize(960, 540), b"avcC of the encoder", 360, b"\x11\x90"))
    found = list(boxes(inside))
    assert (kind, [kind for kind, _ in found]) == (b"moov", [b"mvhd", b"trak", b"trak", b"mvex"])
    extends = dict(boxes(found[-1][1]))
    assert struct.unpack(">I", extends[b"mehd"][4:]) == (360 * 512,)
    assert b"avcC of the encoder" in found[1][1]
    silent = movie(FrameSize(960, 540), b"avcC", 360, None)
    assert silent.count(b"trak") == silent.count(b"trex") == 1


def test_a_fragment_points_each_track_at_its_own_bytes() -> None:
    runs = [
        (Run(PICTURE, 30 * 512, (3, 2), frozenset({0})), b"aaabb"),
        (Run(SOUND, 48_128, (4,)), b"cccc"),
    ]
    made = fragment(2, runs)
    (moof, index), (mdat, data) = boxes(made)
    assert (moof, mdat, data) == (b"moof", b"mdat", b"aaabbcccc")
    tracks = [dict(boxes(content)) for kind, content in boxes(index) if kind == b"traf"]
    offsets = [struct.unpack(">i", track[b"trun"][8:12])[0] for track in tracks]
    assert [made[offset : offset + 1] for offset in offsets] == [b"a", b"c"]
    assert [struct.unpack(">Q", track[b"tfdt"][4:])[0] for track in tracks] == [30 * 512, 48_128]
    flags = struct.unpack(">4I", tracks[0][b"trun"][12:])[1::2]
    assert flags == (0x02000000, 0x01010000)


def test_an_event_is_a_box_that_players_skip() -> None:
    ((kind, inside),) = boxes(event("urn:adreel:problem", b'{"status": 422}'))
    assert (kind, inside[4:23]) == (b"emsg", b"urn:adreel:problem\0")
    assert inside.endswith(b'{"status": 422}')


def test_every_sound_frame_comes_with_exactly_one_part() -> None:
    sound = CodedSound(b"", tuple(bytes([index % 256]) for index in range(200)))
    starts, taken = zip(*(sound.between(first, first + 30) for first in (0, 30, 60)), strict=True)
    assert sum(taken, ()) == sound.frames[: len(sum(taken, ()))]
    assert starts[0] == 0
    assert all(0 <= start / 48_000 - second < 1024 / 48_000 for second, start in enumerate(starts))
