from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from adreel.providers.planning.json_text import json_values, objects_in

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
TABLES = st.dictionaries(st.text(min_size=1, max_size=8), PLAIN, min_size=1, max_size=4)
PROSE = st.text(st.characters(blacklist_characters='{}[]"', blacklist_categories=["Cs"]), max_size=60)


@given(TABLES, PROSE, PROSE, st.sampled_from(["", "```json\n", "```\n", "Here it is: "]), st.sampled_from([None, 2]))
def test_an_object_is_found_in_any_wrapping(table: object, before: str, after: str, fence: str, indent: int) -> None:
    text = f"{before}{fence}{json.dumps(table, indent=indent)}\n```{after}"
    assert table in json_values(text)


@settings(max_examples=300)
@given(st.text(max_size=400) | st.text(st.sampled_from('{}[]",:\\ \n1aeE-.'), max_size=400))
def test_garbage_never_raises(text: str) -> None:
    for value in json_values(text):
        assert isinstance(value, (dict, list))
        assert len(list(objects_in(value))) >= isinstance(value, dict)


def test_deep_nesting_is_passed_over_in_time() -> None:
    assert json_values("[" * 100_000) == []
    assert json_values('{"a":' * 20_000) == []


def test_a_comma_too_many_is_forgiven_outside_of_strings_only() -> None:
    assert json_values('{"a": [1, 2,], "b": "x,]",}') == [{"a": [1, 2], "b": "x,]"}]


def test_prose_with_brackets_before_the_answer_does_not_hide_it() -> None:
    assert json_values('As in [1] and {see below}: {"a": 1} done.') == [[1], {"a": 1}]


def test_objects_are_told_from_the_outside_in() -> None:
    assert list(objects_in({"a": [{"b": 1}], "c": {"d": 2}})) == [{"a": [{"b": 1}], "c": {"d": 2}}, {"b": 1}, {"d": 2}]
