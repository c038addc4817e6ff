"""Wires file storage, the secret that signs links to files, and downloads."""

from __future__ import annotations

import secrets
from pathlib import Path

from adreel.bootstrap.settings import Settings
from adreel.domain.errors import SetupError
from adreel.services.storage.downloads import Downloader
from adreel.services.storage.folder_store import FolderStore
from adreel.services.storage.object_store import ObjectStore
from adreel.services.storage.private_files import private_file, private_folder
from adreel.services.storage.s3_client import S3Config
from adreel.services.storage.s3_store import S3Store
from adreel.services.storage_service import StorageService
from adreel.services.webhooks.posting import WebhookPoster


def service_storage(settings: Settings) -> StorageService:
    """Returns storage in the configured bucket, else in the data folder. Raises SetupError."""
    return StorageService(_store(settings), downloader(settings))


def downloader(settings: Settings) -> Downloader:
    """Returns a downloader for public addresses and for the hosts that the settings allow."""
    return Downloader(allowed_hosts=settings.download_hosts)


def signing_secret(settings: Settings) -> bytes:
    """Returns the configured secret, else one that is generated once and stored. Raises SetupError."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().encode()
    return _stored_secret(settings.data_dir / "secret")


def _store(settings: Settings) -> ObjectStore:
    if settings.s3_bucket is None:
        return FolderStore(settings.data_dir / "storage")
    secret = settings.s3_secret_key
    config = S3Config(
        bucket=settings.s3_bucket,
        region=settings.s3_region,
        endpoint=settings.s3_endpoint,
        access_key=settings.s3_access_key,
        secret_key=None if secret is None else secret.get_secret_value(),
        public_url=settings.s3_public_url,
        acl=settings.s3_acl,
        checksums=settings.s3_checksums,
    )
    return S3Store(config)


def _stored_secret(path: Path) -> bytes:
    try:
        if not path.exists():
            _generate_secret(path)
        private_file(path)
        return path.read_bytes()
    except OSError as error:
        raise SetupError(f"cannot keep a secret in {path}: {error.strerror}; set ADREEL_SECRET_KEY") from error


def _generate_secret(path: Path) -> None:
    """Writes a new secret unless another process has written one: the first wins, and all read the same file."""
    private_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    temporary.touch(0o600)
    try:
        temporary.write_text(secrets.token_hex(32), encoding="ascii")
        path.hardlink_to(temporary)
    except FileExistsError:
        return
    finally:
        temporary.unlink()


def webhook_poster(settings: Settings) -> WebhookPoster:
    """What sends webhooks to users' addresses; those that are internal must be allowed by the settings."""
    return WebhookPoster(settings.webhook_hosts)
