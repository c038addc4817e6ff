"""One bucket, by boto3: blocking calls that raise StorageError."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from adreel.domain.errors import StorageError
from adreel.services.storage.files import whole_file
from adreel.services.storage.keys import type_of
from adreel.services.storage.objects import StoredObject
from adreel.services.storage.s3_client import S3Config, make_client, transfer_config
from adreel.services.storage.s3_errors import NO_BUCKET, is_missing, told_as_ours

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef, ListObjectsV2OutputTypeDef


class S3Bucket:
    """May be used from several threads. Keys are taken as they are: who calls has checked them."""

    def __init__(self, config: S3Config) -> None:
        self._config = config
        self._name = config.bucket
        self._place = f"bucket {config.bucket}"
        self._making = threading.Lock()
        self._clients: dict[str | None, S3Client] = {}

    def put(self, path: Path, key: str, content_type: str) -> int:
        """Stores the file and looks whether all of it has arrived. Returns the number of bytes."""
        acl = self._config.acl
        given = {"ContentType": content_type} | ({} if acl is None else {"ACL": acl})
        with told_as_ours(f"store {key}", self._place):
            size = path.stat().st_size
            self._client.upload_file(str(path), self._name, key, ExtraArgs=given, Config=transfer_config(self._config))
            arrived = self._head(key)["ContentLength"]
        if arrived != size:
            raise StorageError(f"{key} has {arrived} bytes in {self._place} instead of {size}; store it again")
        return size

    def fetch(self, key: str, path: Path, go_on: Callable[[int], None]) -> None:
        """Writes the file to `path`. `go_on` is called now and then, and at the end, and stops all by an exception."""
        with told_as_ours(f"fetch {key}", self._place), whole_file(path) as temporary:
            size = self._head(key)["ContentLength"]
            self._client.download_file(
                self._name, key, str(temporary), Callback=go_on, Config=transfer_config(self._config)
            )
            got = temporary.stat().st_size
            if got != size:
                raise StorageError(f"{key} came with {got} bytes from {self._place} instead of {size}; fetch it again")
            go_on(0)

    def stat(self, key: str) -> StoredObject | None:
        from botocore.exceptions import ClientError

        with told_as_ours(f"look at {key}", self._place):
            try:
                found = self._head(key)
            except ClientError as error:
                if is_missing(error):
                    return None
                raise
        return StoredObject(key, found["ContentLength"], found.get("ContentType", type_of(key)))

    def delete(self, key: str) -> None:
        with told_as_ours(f"delete {key}", self._place):
            self._client.delete_object(Bucket=self._name, Key=key)

    def delete_folder(self, prefix: str) -> int:
        """Removes all files whose keys begin with `prefix`, page by page. Returns how many there were."""
        with told_as_ours(f"delete {prefix}", self._place):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._name, Prefix=prefix, PaginationConfig={"PageSize": self._config.page_size}
            )
            return sum(self._delete_page(page) for page in pages)

    def sign(self, key: str, seconds: int, disposition: str | None = None) -> str:
        """A link for reading, at the address that browsers know."""
        endpoint = self._config.public_url or self._config.endpoint
        shown = {} if disposition is None else {"ResponseContentDisposition": disposition}
        with told_as_ours(f"sign a link to {key}", self._place):
            return self._client_at(endpoint).generate_presigned_url(
                "get_object", Params={"Bucket": self._name, "Key": key, **shown}, ExpiresIn=seconds
            )

    def check(self) -> None:
        """Raises StorageError when the bucket is not there or may not be used."""
        with told_as_ours("keep files", self._place, missing=NO_BUCKET):
            self._client.head_bucket(Bucket=self._name)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

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
