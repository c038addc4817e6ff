"""What makes a bought clip one of no use, and what to say of it."""

from __future__ import annotations

import logging
import re
from collections.abc import Generator
from contextlib import contextmanager

from adreel.catalogue.models import VideoModel
from adreel.domain.errors import DownloadError, GenerationError
from adreel.domain.formats import FrameSize
from adreel.domain.remote import RemoteJob
from adreel.media.clip_info import ClipInfo

_log = logging.getLogger(__name__)

_SMALLEST = 120
"""Pixels of the shorter side from which a clip is a picture and not a stamp: no model makes smaller ones."""

_NEAR_ENOUGH = 0.1
"""Share by which a clip's aspect may differ from the one that was asked for."""

_UNSAFE = re.compile(r"nsfw|sensitive|safety|unsafe|inappropriate|flagged|moderation", re.IGNORECASE)
"""What providers say of pictures that they refuse to show."""


def size_fault(model: VideoModel, wanted: FrameSize, info: ClipInfo) -> str | None:
    """What is wrong with the size of a clip, if anything. A model that is not asked for an aspect gives its image's."""
    shown = f"{info.width}x{info.height}"
    if min(info.width, info.height) < _SMALLEST:
        return f"the clip is {shown} pixels small"
    if model.aspect is None:
        return None
    asked = min(model.aspect.values, key=lambda value: abs(_ratio(value) / _ratio(wanted.aspect) - 1))
    if abs(info.width / info.height / _ratio(asked) - 1) > _NEAR_ENOUGH:
        return f"the clip is {shown} instead of {asked}"
    return None


def failure_of(model: str, remote: RemoteJob) -> GenerationError:
    """In words, why a job gave no clip and what can be done."""
    said = (remote.error or "the provider does not say why").rstrip(". ")
    advice = "change the photo or the words" if _UNSAFE.search(said) else "try again"
    return GenerationError(f"{model} gave no clip ({remote.status}): {said}; {advice}, or choose another model")


@contextmanager
def unfetched(model: str) -> Generator[None]:
    """What is made but cannot be fetched stays bought: says so. Its address is not told, the log has it."""
    try:
        yield
    except DownloadError as error:
        _log.warning("what %s has made cannot be fetched: %s", model, error)
        raise DownloadError(
            f"{model}: it is made, but cannot be fetched just now; try again, it is not paid for twice",
            retryable=error.retryable,
        ) from error


def of_no_use(model: str, fault: str) -> GenerationError:
    told = fault.removesuffix("; export it again").rstrip(". ")
    return GenerationError(f"{model}: {told}; try again, or choose another model")


def _ratio(aspect: str) -> float:
    width, _, height = aspect.partition(":")
    return int(width) / int(height)
