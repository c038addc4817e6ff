"""Checks whether a bought clip is usable, and makes the errors for unusable ones."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager

from adreel.catalogue.aspects import is_near, nearest
from adreel.catalogue.models import VideoModel
from adreel.domain.costs.refusals import ADVICE, is_refusal, is_unsafe, reason_in_words
from adreel.domain.errors import DownloadError, GenerationError
from adreel.domain.films.film import Fit
from adreel.domain.films.formats import FrameSize
from adreel.domain.providers import RemoteJob
from adreel.media.clips.info import ClipInfo

_log = logging.getLogger(__name__)

_SMALLEST = 120
"""Minimum of the shorter side in pixels: no model makes smaller clips."""


def size_fault(model: VideoModel, size: FrameSize, info: ClipInfo) -> str | None:
    """Returns the fault of a clip's size, or None. A model without an aspect option may give the aspect of its image."""
    actual = f"{info.width}x{info.height}"
    if min(info.width, info.height) < _SMALLEST:
        return f"the clip is {actual} pixels small"
    if model.aspect is None:
        return None
    requested = nearest(model.aspect.values, size.aspect)
    if not _is_near(info, requested):
        return f"the clip is {actual} instead of {requested}"
    return None


def fit_of(size: FrameSize, info: ClipInfo) -> Fit:
    """How a bought clip fills the frame: a small difference in aspect is cropped, else the whole clip is shown."""
    return fit_of_resolution(size, f"{info.width}x{info.height}")


def fit_of_resolution(size: FrameSize, resolution: str) -> Fit:
    """As `fit_of`, for a clip of a resolution written as 1280x720."""
    return Fit.COVER if is_near(resolution.replace("x", ":"), size.aspect) else Fit.BLUR


def _is_near(info: ClipInfo, aspect: str) -> bool:
    return is_near(f"{info.width}:{info.height}", aspect)


def failure_of(model: str, remote: RemoteJob) -> GenerationError:
    """The error of a job that gave no clip: the reason in words, and what to do. The provider's own text goes to the log."""
    if remote.error:
        _log.warning("%s: job %s: %s: %s", model, remote.id, remote.status, remote.error)
    advice = "change the photo or the words" if is_unsafe(remote.error) else "try again"
    advice = ADVICE if is_refusal(remote.error) else advice
    reason = reason_in_words(remote.error)
    return GenerationError(f"{model} gave no clip ({remote.status}): {reason}; {advice}, or choose another model")


@contextmanager
def unfetched(model: str) -> Generator[None]:
    """Replaces a DownloadError by one that says that the output stays bought. Its URL is logged, not shown."""
    try:
        yield
    except DownloadError as error:
        _log.warning("the output of %s cannot be fetched: %s", model, error)
        raise DownloadError(
            f"{model}: it is made, but cannot be fetched just now; try again, it is not paid for twice",
            retryable=error.retryable,
        ) from error


def rejected(model: str, fault: str) -> GenerationError:
    """The error of a bought clip that is unusable because of `fault`."""
    reason = fault.removesuffix("; export it again").rstrip(". ")
    return GenerationError(f"{model}: {reason}; try again, or choose another model")
