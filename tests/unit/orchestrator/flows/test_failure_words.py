from __future__ import annotations

import pytest

from adreel.domain.costs.refusals import reason_in_words
from adreel.domain.errors import InternalError, PhotoError, RenderError, ToolError
from adreel.orchestrator.flows.failure_words import SERVICE_FAULT, failure_words


@pytest.mark.parametrize("kind", [RenderError, ToolError, InternalError, ValueError])
def test_faults_of_the_service_are_worded_and_their_text_is_logged(
    kind: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    error = kind("ffmpeg: /data/work/x.mp4: Invalid argument")
    assert failure_words(error, "job j1") == SERVICE_FAULT
    assert "job j1" in caplog.text
    assert "/data/work/x.mp4: Invalid argument" in caplog.text


def test_what_the_user_can_change_is_told_as_it_is() -> None:
    assert failure_words(PhotoError("mug.jpg is 100x100 pixels small"), "job j1") == "mug.jpg is 100x100 pixels small"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (None, "does not say why"),
        ("Unsupported image format", "cannot take this photo"),
        ("NSFW content detected. Try again", "rejects its content"),
        ("CUDA out of memory. Tried to allocate 2.00 GiB", "reported a fault"),
        ("Traceback (most recent call last): KeyError: 'scenes'", "reported a fault"),
        ("the clip was not made within 60 minutes", "not made within 60 minutes"),
        ("the clip was not made within 60 minutes\nKeyError", "reported a fault"),
    ],
)
def test_a_providers_reason_is_put_in_words(reason: str | None, words: str) -> None:
    said = reason_in_words(reason)
    assert words in said
    assert "\n" not in said
