from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.routers.common.files import NoSuchBytesError, Span, is_known, is_same, requested_span


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-0", Span(0, 1)),
        ("bytes=2-5", Span(2, 6)),
        ("BYTES=2-", Span(2, 10)),
        ("bytes=-3", Span(7, 10)),
        ("bytes=-30", Span(0, 10)),
        ("bytes=9-99", Span(9, 10)),
        ("bytes=0-9", Span(0, 10)),
    ],
)
def test_one_part_is_found(header: str, span: Span) -> None:
    assert requested_span(header, 10) == span


@pytest.mark.parametrize(
    "header", [None, "", "bytes", "bytes=-", "bytes=5-2", "bytes=0-1,3-4", "lines=1-2", "bytes=²-3"]
)
def test_what_is_no_single_part_is_the_whole(header: str | None) -> None:
    assert requested_span(header, 10) is None


@pytest.mark.parametrize(("header", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-1", 0)])
def test_a_part_behind_the_end_is_none(header: str, size: int) -> None:
    with pytest.raises(NoSuchBytesError):
        requested_span(header, size)


@given(st.text(max_size=30) | st.from_regex(r"bytes=\d*-\d*", fullmatch=True), st.integers(0, 10**12))
def test_a_part_is_never_outside_of_the_file(header: str, size: int) -> None:
    try:
        span = requested_span(header, size)
    except NoSuchBytesError:
        return
    if span is not None:
        assert 0 <= span.start < span.end <= size


def test_versions_are_compared() -> None:
    assert is_same(None, '"a"')
    assert is_same('"a"', '"a"')
    assert not is_same("Wed, 21 Oct 2026 07:28:00 GMT", '"a"')
    assert is_known('W/"b", "a"', '"a"')
    assert is_known("*", '"a"')
    assert not is_known(None, '"a"')
    assert not is_known('"b"', '"a"')
