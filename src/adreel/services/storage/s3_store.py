"""S3Store: stores files in a bucket of any S3-compatible server.

S3Bucket makes the blocking calls through boto3 and raises StorageError.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from adreel.domain.errors import StorageError
from adreel.services.storage.atomic import whole_file
from adreel.services.storage.keys import check_key, check_prefix, check_type, key_below, type_of
from adreel.services.storage.object_store import StoredObject
from adreel.services.storage.s3_client import (
    NO_BUCKET,
    S3Config,
    is_missing,
    make_client,
    transfer_config,
    translated_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef, ListObjectsV2OutputTypeDef


_log = logging.getLogger(__name__)


class S3Bucket:
    """Thread-safe. Does not check keys: the caller does."""

    def __init__(self, config: S3Config) -> None:
        self._config = config
        self._name = config.bucket
        self._place = f"bucket {config.bucket}"
        self._making = threading.Lock()
        self._clients: dict[str | None, S3Client] = {}

    def put(self, path: Path, key: str, content_type: str) -> int:
        """Stores the file and verifies the stored size. Returns the number of bytes."""
        acl = self._config.acl
        headers = {"ContentType": content_type} | ({} if acl is None else {"ACL": acl})
        with translated_errors(f"store {key}", self._place):
            size = path.stat().st_size
            config = transfer_config(self._config)
            self._client.upload_file(str(path), self._name, key, ExtraArgs=headers, Config=config)
            stored = self._head(key)["ContentLength"]
        if stored != size:
            raise StorageError(f"{key} has {stored} bytes in {self._place} instead of {size}; store it again")
        return size

    def fetch(self, key: str, path: Path, go_on: Callable[[int], None]) -> None:
        """Writes the file to `path`. Calls `go_on` from time to time, and at the end; an exception of it stops the download."""
        with translated_errors(f"fetch {key}", self._place), whole_file(path) as temporary:
            size = self._head(key)["ContentLength"]
            self._client.download_file(
                self._name, key, str(temporary), Callback=go_on, Config=transfer_config(self._config)
            )
            received = temporary.stat().st_size
            if received != size:
                raise StorageError(
                    f"{key} came with {received} bytes from {self._place} instead of {size}; fetch it again"
                )
            go_on(0)

    def stat(self, key: str) -> StoredObject | None:
        from botocore.exceptions import ClientError

        with translated_errors(f"look at {key}", self._place):
            try:
                found = self._head(key)
            except ClientError as error:
                if is_missing(error):
                    return None
                raise
        return StoredObject(key, found["ContentLength"], found.get("ContentType", type_of(key)))

    def delete(self, key: str) -> None:
        with translated_errors(f"delete {key}", self._place):
            self._client.delete_object(Bucket=self._name, Key=key)

    def delete_folder(self, prefix: str) -> int:
        """Removes all files whose keys begin with `prefix`, page by page. Returns their number."""
        with translated_errors(f"delete {prefix}", self._place):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._name, Prefix=prefix, PaginationConfig={"PageSize": self._config.page_size}
            )
            count = sum(self._delete_page(page) for page in pages)
        self._abort_uploads(prefix)
        return count

    def sign(self, key: str, seconds: int, disposition: str | None = None) -> str:
        """A presigned link for reading, at the public address."""
        endpoint = self._config.public_url or self._config.endpoint
        headers = {} if disposition is None else {"ResponseContentDisposition": disposition}
        with translated_errors(f"sign a link to {key}", self._place):
            return self._client_at(endpoint).generate_presigned_url(
                "get_object", Params={"Bucket": self._name, "Key": key, **headers}, ExpiresIn=seconds
            )

    def check(self) -> None:
        """Raises StorageError when the bucket does not exist or may not be used."""
        with translated_errors("keep files", self._place, missing=NO_BUCKET):
            self._client.head_bucket(Bucket=self._name)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def _abort_uploads(self, prefix: str) -> None:
        """Removes the parts of uploads that a crash interrupted: they are not listed as objects, but take storage."""
        from botocore.exceptions import ClientError

        with translated_errors(f"delete unfinished uploads below {prefix}", self._place):
            try:
                pages = self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self._name, Prefix=prefix)
                uploads = [upload for page in pages for upload in page.get("Uploads", [])]
            except ClientError as error:
                if is_missing(error):
                    raise
                _log.warning(
                    "unfinished uploads in %s cannot be listed, give it a lifecycle rule: %s", self._place, error
                )
                return
            for upload in uploads:
                self._client.abort_multipart_upload(
                    Bucket=self._name, Key=upload.get("Key", ""), UploadId=upload.get("UploadId", "")
                )

    def _delete_page(self, page: ListObjectsV2OutputTypeDef) -> int:
        keys = [found["Key"] for found in page.get("Contents", []) if "Key" in found]
        if not keys:
            return 0
        answer = self._client.delete_objects(
            Bucket=self._name, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
        )
        failed = answer.get("Errors", [])
        if failed:
            first = failed[0]
            raise StorageError(
                f"cannot delete {len(failed)} files in {self._place}, {first.get('Key')} among them: {first.get('Message')}"
            )
        return len(keys)

    def _head(self, key: str) -> HeadObjectOutputTypeDef:
        return self._client.head_object(Bucket=self._name, Key=key)

    @property
    def _client(self) -> S3Client:
        return self._client_at(self._config.endpoint)

    def _client_at(self, endpoint: str | None) -> S3Client:
        with self._making:
            if endpoint not in self._clients:
                self._clients[endpoint] = make_client(self._config, endpoint)
            return self._clients[endpoint]


T = TypeVar("T")

MAX_LINK_SECONDS = 7 * 24 * 3600
"""S3's signatures are valid for a week at most."""


class S3Store:
    """An ObjectStore in a bucket. Calls run in a separate thread pool, `config.jobs` at a time."""

    def __init__(self, config: S3Config) -> None:
        self._bases = config.bases
        self._bucket = S3Bucket(config)
        self._threads = ThreadPoolExecutor(config.jobs, thread_name_prefix="adreel-s3")

    async def put(self, path: Path, key: str, content_type: str, *, move: bool = False) -> StoredObject:
        check_type(check_key(key), content_type)
        size = await self._run(lambda: self._bucket.put(path, key, content_type))
        if move:
            await self._run(lambda: _remove(path))
        return StoredObject(key, size, content_type)

    async def fetch(self, key: str, path: Path) -> None:
        check_key(key)
        stopped = threading.Event()

        def go_on(_bytes: int) -> None:
            if stopped.is_set():
                raise StorageError(f"fetching {key} was stopped")

        try:
            await self._run(lambda: self._bucket.fetch(key, path, go_on))
        except asyncio.CancelledError:
            # The thread cannot be cancelled, but must not write the file after the caller was cancelled.
            stopped.set()
            raise

    async def stat(self, key: str) -> StoredObject | None:
        check_key(key)
        return await self._run(lambda: self._bucket.stat(key))

    async def delete(self, key: str) -> None:
        check_key(key)
        await self._run(lambda: self._bucket.delete(key))

    async def delete_prefix(self, prefix: str) -> int:
        folder = check_prefix(prefix)
        return await self._run(lambda: self._bucket.delete_folder(folder))

    def url(self, key: str) -> str:
        return f"{self._bases[0]}/{check_key(key)}"

    def key_of(self, url: str) -> str | None:
        return next((key for base in self._bases if (key := key_below(base, url)) is not None), None)

    async def link(self, key: str, seconds: int, disposition: str | None = None) -> str | None:
        """A presigned URL, valid for a week at most."""
        check_key(key)
        return await self._run(lambda: self._bucket.sign(key, max(1, min(seconds, MAX_LINK_SECONDS)), disposition))

    def local_path(self, key: str) -> Path | None:
        """Always None: the files are remote."""
        check_key(key)

    async def check(self) -> None:
        await self._run(self._bucket.check)

    async def close(self) -> None:
        """Waits for running calls."""
        await asyncio.to_thread(self._threads.shutdown)
        self._bucket.close()

    async def _run(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise StorageError(f"{path} was stored but cannot be removed: {error.strerror}") from error
