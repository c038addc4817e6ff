"""Where files are kept, what signs links to them, and how files are fetched from elsewhere."""

from __future__ import annotations

import secrets
from pathlib import Path

from adreel.domain.errors import SetupError
from adreel.services.downloads import Downloader
from adreel.services.storage.folder_store import FolderStore
from adreel.services.storage.objects import ObjectStore
from adreel.services.storage.s3_client import S3Config
from adreel.services.storage.s3_store import S3Store
from adreel.services.storage_service import StorageService
from adreel.settings import Settings


def service_storage(settings: Settings) -> StorageService:
    """The bucket when one is set, else the data folder. Raises SetupError."""
    return StorageService(_store(settings), downloader(settings))


def downloader(settings: Settings) -> Downloader:
    """Fetches files from elsewhere: public addresses only, and the hosts that settings allow."""
    return Downloader(allowed_hosts=settings.download_hosts)


def signing_secret(settings: Settings) -> bytes:
    """The secret that is set, else one that is made once and kept. Raises SetupError."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().encode()
    return _kept_secret(settings.data_dir / "secret")


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


def _kept_secret(path: Path) -> bytes:
    try:
        if not path.exists():
            _keep_secret(path)
        return path.read_bytes()
    except OSError as error:
        raise SetupError(f"cannot keep a secret in {path}: {error.strerror}; set ADREEL_SECRET_KEY") from error


def _keep_secret(path: Path) -> None:
    """Whoever is first keeps it; the others read what the first kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    temporary.touch(0o600)
    try:
        temporary.write_text(secrets.token_hex(32), encoding="ascii")
        path.hardlink_to(temporary)
    except FileExistsError:
        return
    finally:
        temporary.unlink()
