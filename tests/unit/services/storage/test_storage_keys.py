from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.domain.errors import StorageError
from adreel.services.storage.keys import MAX_KEY, check_key, check_prefix, is_key, key_below, suffix_of, type_of

BASE = "https://b.s3.eu-west-1.amazonaws.com"


@pytest.mark.parametrize("key", ["a", "videos/0f3a.mp4", "sessions/a-b_C/clips/clip_01.v2.mp4", "a" * 128, "_a/_b"])
def test_names_of_ours_are_keys(key: str) -> None:
    assert check_key(key) == key


@pytest.mark.parametrize(
    "key",
    ["", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/../b", "./a", "a/.b", "a b", "a\\b", "a\0b", "a\n",
     "ä.mp4", "a%2fb", "a?b", "a#b", "a:b", "~/a", "-a", "C:/a", "a" * 129, "a/" * MAX_KEY + "a"],
)  # fmt: skip
def test_everything_else_is_refused(key: str) -> None:
    assert not is_key(key)
    with pytest.raises(StorageError, match="cannot be the key") as caught:
        check_key(key)
    assert not caught.value.retryable


@given(st.text(alphabet="ab./\\%\0 -_", max_size=20))
def test_no_key_has_a_part_that_means_another_place(text: str) -> None:
    if is_key(text):
        assert all(part and not part.startswith(".") for part in text.split("/"))
        assert set(text) <= set("ab./-_")


def test_a_prefix_ends_with_one_slash() -> None:
    assert check_prefix("sessions/1") == check_prefix("sessions/1/") == "sessions/1/"


@pytest.mark.parametrize("prefix", ["", "/", "//", "sessions//", ".", "..", "*"])
def test_no_prefix_means_more_than_a_folder(prefix: str) -> None:
    with pytest.raises(StorageError):
        check_prefix(prefix)


def test_the_key_is_found_in_a_url_with_and_without_a_signature() -> None:
    assert key_below(BASE, f"{BASE}/videos/a.mp4") == "videos/a.mp4"
    assert key_below(BASE, f"{BASE}/videos/a.mp4?X-Amz-Signature=1/2") == "videos/a.mp4"


@pytest.mark.parametrize(
    "url",
    [BASE, f"{BASE}/", f"{BASE}/../a", f"{BASE}.evil/a", f"{BASE}@evil/a", "https://evil/a", "a", "", f"x{BASE}/a"],
)
def test_other_urls_hold_no_key(url: str) -> None:
    assert key_below(BASE, url) is None


def test_suffixes_and_types_agree() -> None:
    for content_type in ("video/mp4", "image/png", "image/jpeg", "audio/mp4", "application/json"):
        assert type_of(f"a{suffix_of(content_type)}") == content_type
    assert suffix_of("image/jpeg") == ".jpg"
    assert suffix_of("text/html") == ""
    assert type_of("a.html") == "application/octet-stream"
