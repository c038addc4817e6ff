"""Opens what signs films: a bought certificate, or a key of adreel's own in the data folder, made at the first film."""

from __future__ import annotations

from pathlib import Path

from adreel.bootstrap.settings import Settings
from adreel.domain.errors import SetupError
from adreel.provenance.identity import ROOT, Identity, bought_identity, own_identity
from adreel.provenance.signing import FilmSigner

FOLDER = "credentials"
_NAMES = "ADREEL_C2PA_CERT and ADREEL_C2PA_KEY"


def open_signer(settings: Settings) -> FilmSigner | None:
    """The signer of all films, None where they are not signed. A bought certificate is read now, so that a wrong or expired one
    is found before any film is made. Raises SetupError."""
    if not settings.content_credentials:
        return None
    certificate, key = settings.c2pa_cert, settings.c2pa_key
    if certificate is None and key is None:
        return FilmSigner(lambda: own_identity(settings.data_dir / FOLDER))
    if certificate is None or key is None:
        raise SetupError(f"a certificate and its key belong together: set both {_NAMES}, or none")
    identity = _bought(certificate, key)
    return FilmSigner(lambda: identity)


def own_root(settings: Settings) -> bytes | None:
    """The certificate that proves films to be signed in this data folder; None before the first one is."""
    root = settings.data_dir / FOLDER / ROOT
    return root.read_bytes() if root.is_file() else None


def _bought(certificate: Path, key: Path) -> Identity:
    try:
        return bought_identity(certificate, key)
    except SetupError as error:
        raise SetupError(f"{error} ({_NAMES})") from error
