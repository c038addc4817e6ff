from __future__ import annotations

import io

from adreel.media.photos.spliced import Span, splice

SOURCE = bytes(range(100))
PIECES = (b"head", Span(10, 5), b"", Span(90, 10), b"tail")
WHOLE = b"head" + SOURCE[10:15] + SOURCE[90:] + b"tail"


def test_pieces_are_read_as_one_file() -> None:
    with splice(io.BytesIO(SOURCE), PIECES) as file:
        assert file.read() == WHOLE
        assert file.seek(-4, io.SEEK_END) == len(WHOLE) - 4
        assert file.read() == b"tail"


def test_reading_from_any_place_gives_as_much_as_is_asked_for() -> None:
    with splice(io.BytesIO(SOURCE), PIECES) as file:
        for start in range(len(WHOLE) + 3):
            file.seek(start)
            assert file.read(7) == WHOLE[start : start + 7]


def test_closing_it_closes_the_source() -> None:
    source = io.BytesIO(SOURCE)
    splice(source, PIECES).close()
    assert source.closed
