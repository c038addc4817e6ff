from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from pathlib import Path
from adreel.services.storage.downloads import Downloader
from adreel.services.storage.folder_store import FolderStore
from adreel.services.storage.s3_client import S3Config
from adreel.services.storage.s3_store import S3Store
from adreel.services.storage_service import StorageService
StorageService(FolderStore(Path("x")), Downloader())
StorageService(S3Store(S3Config("films")))
print([name for name in ("boto3", "botocore", "httpx") if name in sys.modules])
"""


def test_the_clients_are_loaded_when_they_are_first_used() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
