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

ADVICE = "use another photo"
"""What to do about a refusal, for messages."""


def is_refusal(reason: str | None) -> bool:
    """Whether a failure's reason is about the picture as such, so that a retry cannot help."""
    return reason is not None and _REFUSED.search(reason) is not None
