"""Refusals of a picture are distinguished from failures after which another take may pass."""

from __future__ import annotations

import pytest

from adreel.domain.costs.refusals import is_refusal


@pytest.mark.parametrize(
    "reason",
    [
        "cannot identify image file <_io.BytesIO object>",
        "Unsupported image format: image/heic",
        "Invalid input image",
        "Failed to load the first frame image",
        "image is too small: 200x200",
        "The image dimensions must be at least 300px",
        "Image aspect ratio is not supported",
    ],
)
def test_a_picture_that_a_model_cannot_take_is_refused(reason: str) -> None:
    assert is_refusal(reason)


@pytest.mark.parametrize(
    "reason",
    [
        None,
        "",
        "NSFW content detected. Try running it again, or try a different prompt",
        "The input image was flagged as sensitive",
        "CUDA out of memory",
        "failed to load model weights",
        "the clip holds pictures in a format that cannot be decoded",
        "Prediction timed out while generating the image",
    ],
)
def test_other_failures_are_no_refusal(reason: str | None) -> None:
    assert not is_refusal(reason)
