"""E-mail addresses as names of accounts: all spellings of an address name the same account."""

from __future__ import annotations

import re
import unicodedata

from adreel.domain.errors import InputError

_EMAIL = re.compile(r"[^\s@\x00]{1,64}@[^\s@\x00]{1,255}")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Categories of invisible characters and of characters that databases reject."""


def account_name(email: str) -> str:
    """The canonical spelling of `email`: case, width, composition and punycode make no difference. Never raises."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", email.strip()).casefold())
    local, at, domain = folded.rpartition("@")
    return f"{local}@{_readable(domain.rstrip('.'))}" if at else folded


def names_of(email: str) -> tuple[str, ...]:
    """Names under which the account may be stored: the canonical one, and that of earlier versions, which only folded case."""
    names = dict.fromkeys((account_name(email), email.strip().casefold()))
    return tuple(name for name in names if is_address(name))


def normal_email(email: str) -> str:
    """The address as it is stored. Raises InputError."""
    address = account_name(email)
    if not is_address(address):
        raise InputError(f"{email!r} is not an e-mail address")
    return address


def is_address(text: str) -> bool:
    """Also false for characters that databases reject, and for invisible ones: two accounts would look alike."""
    return bool(_EMAIL.fullmatch(text)) and not any(unicodedata.category(each) in _INVISIBLE for each in text)


def _readable(domain: str) -> str:
    if "xn--" not in domain:
        return domain
    try:
        return domain.encode("ascii").decode("idna").casefold()
    except UnicodeError:
        return domain
