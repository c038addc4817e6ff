from __future__ import annotations

import pytest

from adreel.domain.json_text import MOST_NESTED, read_json


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


@pytest.mark.parametrize(
    "text", ['{"a": [1, {"b": null}]}', b"[1.5, true]", "3", nested(MOST_NESTED), f'{{"a": {nested(50)}}}']
)
def test_usual_json_is_read(text: str | bytes) -> None:
    read_json(text)


@pytest.mark.parametrize(
    "text",
    [
        nested(MOST_NESTED + 2),
        nested(900),
        nested(100_000),
        "[" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        '[{"a":' * 200 + "1" + "}]" * 200,
        "",
        "{",
        b"\xff\xfe\x00",
        "1" * 10_000,
    ],
)
def test_all_else_is_one_error(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (its kinds and words are those of the parser)
        read_json(text)
