"""The key and the certificates that sign films: made once in the data folder, or bought.

A self-made chain proves that the film was not changed since it was signed. Public viewers show it as untrusted.
"""

from __future__ import annotations

import datetime as dt
import os
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from adreel.domain.errors import SetupError
from adreel.domain.ids import utc_now

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_YEARS = 10
_DAY = dt.timedelta(days=1)
_LEAF_DAYS = 825
"""Longest life of a certificate that readers accept (CA/Browser Forum)."""
_FILE_MODE, _FOLDER_MODE = 0o600, 0o700
ROOT = "root.pem"
_CHAIN, _KEY = "chain.pem", "key.pem"
_CLOCKS = _DAY
"""By which clocks may differ, or be set back after the certificate was made."""


@dataclass(frozen=True, slots=True)
class Identity:
    """PEM texts: `chain` with the signing certificate first. `root` anchors a self-made chain, None for a bought one. `algorithm`
    is the name of the signature (C2PA 2.x, section 13.2)."""

    chain: bytes = field(repr=False)
    key: bytes = field(repr=False)
    root: bytes | None = field(repr=False)
    algorithm: str
    expires: dt.datetime

    @property
    def self_signed(self) -> bool:
        return self.root is not None


def own_identity(folder: Path, now: dt.datetime | None = None) -> Identity:
    """The self-made identity in `folder`, made there when there is none or it is about to expire. Only its owner can read it.

    Raises SetupError for a folder that cannot be written.
    """
    now = now or utc_now()
    try:
        found = _read_own(folder, now)
        return found or _made(folder, now)
    except OSError as error:
        raise SetupError(f"the key that signs films cannot be kept in {folder}: {error.strerror}") from error


def bought_identity(chain: Path, key: Path, now: dt.datetime | None = None) -> Identity:
    """Reads a bought certificate with its chain, and its key. Raises SetupError for files that cannot be read, do not belong
    together, or whose certificate is not valid now."""
    try:
        return _identity(chain.read_bytes(), key.read_bytes(), None, now or utc_now(), str(chain))
    except OSError as error:
        raise SetupError(
            f"the certificate that signs films cannot be read: {error.filename}: {error.strerror}"
        ) from error


def _read_own(folder: Path, now: dt.datetime) -> Identity | None:
    if not (folder / _KEY).exists():
        return None
    chain, key, root = ((folder / name).read_bytes() for name in (_CHAIN, _KEY, ROOT))
    (folder / _KEY).chmod(_FILE_MODE)
    try:
        found = _identity(chain, key, root, now, str(folder))
    except SetupError:
        return None
    return found if found.expires - now > 30 * _DAY else None


def _identity(chain: bytes, key: bytes, root: bytes | None, now: dt.datetime, where: str) -> Identity:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        certificates = x509.load_pem_x509_certificates(chain)
        private = load_pem_private_key(key, None)
    except (ValueError, TypeError) as error:
        raise SetupError(f"{where}: the certificate or its key is not PEM without a password") from error
    leaf = certificates[0]
    if leaf.public_key() != private.public_key():
        raise SetupError(
            f"{where}: the key does not belong to the first certificate; put the signing certificate first"
        )
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        days = f"{leaf.not_valid_before_utc:%Y-%m-%d} to {leaf.not_valid_after_utc:%Y-%m-%d}"
        raise SetupError(f"{where}: the certificate is valid from {days}, and not now; renew it")
    return Identity(chain, key, root, _algorithm(private, where), leaf.not_valid_after_utc)


def _algorithm(key: object, where: str) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, ec.EllipticCurvePrivateKey):
        names = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
        if key.curve.name in names:
            return names[key.curve.name]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, rsa.RSAPrivateKey):
        return "ps256"
    raise SetupError(f"{where}: a key of this kind cannot sign films; use ECDSA (P-256), Ed25519 or RSA")


def _made(folder: Path, now: dt.datetime) -> Identity:
    """Makes key and chain. The key is placed last: another process that made its own at the same time wins or loses whole."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    folder.mkdir(_FOLDER_MODE, parents=True, exist_ok=True)
    chain, root, key = _new_chain(now)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for name, data in ((ROOT, root), (_CHAIN, chain), (_KEY, pem)):
        _place(folder / name, data)
    return _identity(chain, pem, root, now, str(folder))


def _place(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{uuid.uuid4().hex}")
    with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _FILE_MODE), "wb") as file:
        file.write(data)
    temporary.replace(path)


def _new_chain(now: dt.datetime) -> tuple[bytes, bytes, EllipticCurvePrivateKey]:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding

    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _root(root_key, now)
    leaf = _leaf(root, root_key, key, now)
    root_pem = root.public_bytes(Encoding.PEM)
    return leaf.public_bytes(Encoding.PEM) + root_pem, root_pem, key


def _name(common: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "adreel, self-signed"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _root(key: EllipticCurvePrivateKey, now: dt.datetime) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    name = _name("adreel self-signed root")
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    return (
        builder.not_valid_before(now - _CLOCKS)
        .not_valid_after(now + _YEARS * 365 * _DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _leaf(
    root: x509.Certificate, root_key: EllipticCurvePrivateKey, key: EllipticCurvePrivateKey, now: dt.datetime
) -> x509.Certificate:
    """Readers that do not know the root find a chain with the purpose emailProtection valid, and others invalid."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID

    builder = x509.CertificateBuilder(root.subject, _name("adreel"), key.public_key(), x509.random_serial_number())
    return (
        builder.not_valid_before(now - _CLOCKS)
        .not_valid_after(now - _CLOCKS + _LEAF_DAYS * _DAY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
            critical=False,
        )
        .sign(root_key, hashes.SHA256())
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )
