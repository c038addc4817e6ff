"""Decides whether users must log in: whenever other machines can reach the service."""

from __future__ import annotations

from adreel.bootstrap.settings import PREFIX, Settings
from adreel.domain.network import is_loopback, is_loopback_url


def ways_in(settings: Settings, host: str) -> tuple[str, ...]:
    """Returns the settings and options that expose the service to other machines; empty when it is local only.

    `host` is the address that the service listens on, as the system resolved it.
    """
    names = [] if is_loopback(host) else [f"--host {host}"]
    if settings.public_url and not is_loopback_url(settings.public_url):
        names.append(f"{PREFIX}PUBLIC_URL")
    if settings.trusted_proxies:
        names.append(f"{PREFIX}TRUSTED_PROXIES")
    return tuple(names)


def login_reason(settings: Settings, host: str) -> str | None:
    """Returns the settings that require logins; None when no login is needed."""
    if settings.auth == "on":
        return f"{PREFIX}AUTH=on"
    return " and ".join(ways_in(settings, host)) or None


def needs_login(settings: Settings, host: str) -> bool:
    """Whether users must log in: always, except on a service that only its own machine can reach."""
    return login_reason(settings, host) is not None
