"""Recognises a provider's refusal of a picture as an input: it is refused again each time, and may be billed each time.

Rejections for their content are none: they depend on the seed, and another take may pass.
"""

from __future__ import annotations

import re

_PICTURE = r"(image|photo|picture)"
_FAILED_TO = r"(can ?not|could not|failed to|unable to) (identify|read|decode|open|load)"
_UNREADABLE = rf"(invalid|unsupported|unreadable|corrupt(ed)?|{_FAILED_TO})"
_UNFIT = r"(too (small|large|big|wide|tall)|(is )?not supported|unsupported|invalid|must be (at least|between|less))"

_REFUSED = re.compile(rf"\b{_UNREADABLE}\W.{{0,40}}{_PICTURE}|\b{_PICTURE}\b.{{0,40}}\b{_UNFIT}", re.IGNORECASE)
"""Words in providers' messages about pictures that their models cannot take."""

_UNSAFE = re.compile(r"nsfw|sensitive|safety|unsafe|inappropriate|flagged|moderation", re.IGNORECASE)
"""Words in providers' messages about pictures that they reject for their content."""

_TOO_LONG = re.compile(r"the [a-z]+ was not made within \d+ minutes")
"""adreel's own reason, see `billing.job_wait`."""

ADVICE = "use another photo"
"""What to do about a refusal, for messages."""


def is_refusal(reason: str | None) -> bool:
    """Whether a failure's reason is about the picture as such, so that a retry cannot help."""
    return reason is not None and _REFUSED.search(reason) is not None


def is_unsafe(reason: str | None) -> bool:
    """Whether a failure's reason is the content of the picture or the words."""
    return reason is not None and _UNSAFE.search(reason) is not None


def reason_in_words(reason: str | None) -> str:
    """The words for people about a provider's reason: providers' own texts are for programmers, and may hold anything."""
    if not reason:
        return "the provider does not say why"
    if is_refusal(reason):
        return "the model cannot take this photo"
    if is_unsafe(reason):
        return "the provider's filter rejects its content"
    return reason if _TOO_LONG.fullmatch(reason) else "the provider's machine reported a fault"
