"""Everything that a studio keeps anywhere, to be searched for bytes and words that must not be there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from support.s3 import S3Server

_TABLES = """
SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables
WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
"""


@dataclass(frozen=True)
class Contents:
    """By name, the bytes of every file, stored object and table."""

    parts: Mapping[str, bytes] = field(default_factory=dict[str, bytes])

    @property
    def digests(self) -> Mapping[str, str]:
        """Of files and objects, without databases and locks, by digest: a name."""
        names = [name for name in self.parts if not name.startswith("table ") and "engine.db" not in name]
        names = [name for name in names if "adreel.db" not in name and not name.endswith("executor.lock")]
        return {hashlib.sha256(self.parts[name]).hexdigest(): name for name in names if self.parts[name]}

    def holding(self, needles: Iterable[bytes]) -> list[tuple[str, bytes]]:
        """Where one of the needles is found: in the content or in the name."""
        return [
            (name, needle)
            for needle in needles
            for name, content in self.parts.items()
            if needle in content or needle in name.encode()
        ]


@dataclass(frozen=True)
class Stores:
    """A data folder, and a database server and a bucket where these are used."""

    data: Path
    database_url: str | None = None
    s3: S3Server | None = None
    bucket: str | None = None

    async def contents(self) -> Contents:
        files = {str(path.relative_to(self.data)): path.read_bytes() for path in self.data.rglob("*") if path.is_file()}
        return Contents({**files, **self._objects(), **await self._tables()})

    def _objects(self) -> dict[str, bytes]:
        if self.s3 is None or self.bucket is None:
            return {}
        client = self.s3.client()
        uploads = client.list_multipart_uploads(Bucket=self.bucket).get("Uploads", [])
        found = {f"upload {upload.get('Key')}": b"part" for upload in uploads}
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket):
            for entry in page.get("Contents", []):
                key = entry.get("Key", "")
                found[f"object {key}"] = client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return found

    async def _tables(self) -> dict[str, bytes]:
        if self.database_url is None:
            return {}
        connection = await asyncpg.connect(self.database_url)
        try:
            names = [row[0] for row in await connection.fetch(_TABLES)]
            rows = {name: await connection.fetch(f"SELECT t::text FROM {name} AS t") for name in names}  # noqa: S608
        finally:
            await connection.close()
        return {f"table {name}": "\n".join(row[0] for row in found).encode() for name, found in rows.items()}
