"""Generates clients from the API's description by two public generators, imports them, and uses one of them.

    uv run --frozen --group clients python scripts/try_clients.py

Starts `adreel serve` with a data folder of its own. Exit status 1 when a generator warns, or when what it made does not work
with warnings as errors.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx

CONFIG = Path(__file__).with_name("clients.yaml")
_SECONDS = 300
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")

_USE = """
import importlib, pkgutil, sys
import adreel_client
for module in pkgutil.walk_packages(adreel_client.__path__, "adreel_client."):
    importlib.import_module(module.name)
from adreel_client.api.sessions import create_session, get_session
from adreel_client.models import CreateSessionRequest
with adreel_client.Client(base_url=sys.argv[1], raise_on_unexpected_status=True) as client:
    made = create_session.sync(client=client, body=CreateSessionRequest(product_prompt="a stoneware mug"))
    read = get_session.sync(made.id, client=client)
assert read.id == made.id and read.stage == "created", read
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="adreel-clients-") as name:
        folder = Path(name)
        with _service(folder / "data") as address:
            document = folder / "openapi.json"
            document.write_bytes(httpx.get(f"{address}/api/openapi.json", trust_env=False).raise_for_status().content)
            _generate(folder, document)
            _run("openapi-python-client works", [sys.executable, "-W", "error", "-c", _USE, address], folder / "client")
        _run("datamodel-code-generator works", [sys.executable, "-W", "error", "-c", "import models"], folder)


def _generate(folder: Path, document: Path) -> None:
    client = ["openapi-python-client", "generate", "--path", document, "--output-path", folder / "client"]
    _run("openapi-python-client generates", [*client, "--config", CONFIG, "--fail-on-warning"], folder)
    models = ["datamodel-codegen", "--input", document, "--input-file-type", "openapi", "--formatters", "builtin"]
    kind = "pydantic_v2.BaseModel"
    _run(
        "datamodel-code-generator generates",
        [*models, "--output-model-type", kind, "--output", folder / "models.py"],
        folder,
    )


def _run(what: str, command: list[str | Path], cwd: Path) -> None:
    """Runs a command that must say nothing of a warning. Exits with its output otherwise."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=_SECONDS, check=False)
    said = done.stdout + done.stderr
    if done.returncode or "warning" in said.lower():
        sys.exit(f"{what}: no\n{said}")
    sys.stdout.write(f"{what}: yes\n")


@contextmanager
def _service(data: Path) -> Generator[str]:
    """The address of a service without a worker."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ADREEL_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "adreel", "serve", "--no-worker", "--port", "0"],
        env={**environment, "ADREEL_DATA_DIR": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield _address(process)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _address(process: subprocess.Popen[str]) -> str:
    for line in process.stdout or ():
        found = _ADDRESS.search(line)
        if found is not None:
            return found.group()
    sys.exit("the service did not start")


if __name__ == "__main__":
    main()
