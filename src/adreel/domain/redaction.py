"""Removes credentials from text that people see: errors, logs, reports."""

from __future__ import annotations

import re

HIDDEN = "***"

_USERINFO = re.compile(
    r"""(?P<scheme>[a-z][a-z0-9+.-]*://)
        (?:[^/\s'"<>]*@                              # user, user:password, token
        |  [^/\s@:\['"<>]*:(?!\d{1,5}(?:[/?\#\s]|$))[^\s'"<>]*@  # a password with an unescaped slash
        )""",
    re.IGNORECASE | re.VERBOSE,
)
_PARAMETER = re.compile(
    r"(?P<name>[?&;][\w.-]*(?:password|passwd|passphrase|pwd|secret|token|signature|credential|api[_-]?key|access[_-]?key)"
    r"[\w.-]*=)[^&;\s'\"<>]+",
    re.IGNORECASE,
)


def without_credentials(text: str) -> str:
    """Replaces user, password and secret parameters of every URL in `text` by ``***``."""
    if "://" not in text:
        return text
    return _PARAMETER.sub(rf"\g<name>{HIDDEN}", _USERINFO.sub(rf"\g<scheme>{HIDDEN}@", text))
