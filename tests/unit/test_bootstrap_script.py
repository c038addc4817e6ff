"""The script that brings uv to a bare machine: choice of wheel, refusal of anything that the lock does not pin."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import io
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "bootstrap.py"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("adreel_bootstrap_script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


bootstrap = _load()


@pytest.mark.parametrize(
    ("system", "machine", "glibc", "tag"),
    [
        ("Linux", "x86_64", "2.36", "manylinux_2_17_x86_64"),
        ("Linux", "x86_64", "", "musllinux_1_1_x86_64"),
        ("Linux", "aarch64", "2.17", "manylinux_2_17_aarch64"),
        ("Linux", "aarch64", "2.36", "manylinux_2_28_aarch64"),
        ("Linux", "aarch64", "", "musllinux_1_1_aarch64"),
        ("Darwin", "arm64", "", "macosx_11_0_arm64"),
        ("Darwin", "x86_64", "", "macosx_10_12_x86_64"),
    ],
)
def test_the_lock_holds_a_wheel_for_each_platform(system: str, machine: str, glibc: str, tag: str) -> None:
    pin = bootstrap.pinned_uv((SCRIPT.parents[1] / "uv.lock").read_text(encoding="utf-8"))
    chosen = bootstrap.choose_wheel(pin.wheels, system, machine, glibc)
    assert tag in chosen.url
    assert pin.version in chosen.url


def test_a_platform_without_a_wheel_gets_a_message() -> None:
    wheels = [bootstrap.Wheel("https://host/uv-1-py3-none-manylinux_2_28_x86_64.whl", "sha256:0", 1)]
    with pytest.raises(bootstrap.BootstrapError, match="no uv wheel for Linux sparc64"):
        bootstrap.choose_wheel(wheels, "Linux", "sparc64", "2.36")
    with pytest.raises(bootstrap.BootstrapError, match="no uv wheel"):
        bootstrap.choose_wheel(wheels, "Linux", "x86_64", "2.17")


@pytest.mark.parametrize(("size_given", "given"), [(4, b"evil"), (3, b"good")])
def test_bytes_that_differ_from_the_lock_are_refused(
    monkeypatch: pytest.MonkeyPatch, size_given: int, given: bytes
) -> None:
    def answer(_url: str, timeout: float) -> io.BytesIO:
        assert timeout > 0
        return io.BytesIO(given)

    monkeypatch.setattr(bootstrap.urllib.request, "urlopen", answer)
    digest = "sha256:" + hashlib.sha256(b"good").hexdigest()
    with pytest.raises(bootstrap.BootstrapError, match=r"refused|larger"):
        bootstrap.fetch(bootstrap.Wheel("https://host/uv.whl", digest, size_given))


def test_only_https_is_fetched() -> None:
    with pytest.raises(bootstrap.BootstrapError, match="https"):
        bootstrap.fetch(bootstrap.Wheel(SCRIPT.as_uri(), "sha256:0", 10))


def test_only_the_binary_is_unpacked(tmp_path: Path) -> None:
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("uv/__init__.py", "")
        archive.writestr("uv-1.data/scripts/uvx", "other")
        archive.writestr("uv-1.data/scripts/uv", "#!/bin/sh\n")
    target = tmp_path / "tools" / "uv"
    bootstrap.unpack(wheel.getvalue(), target)
    assert [path.name for path in target.parent.iterdir()] == ["uv"]
    assert target.stat().st_mode & 0o111


def test_old_pythons_can_read_the_file() -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_the_registry_is_named_by_the_lock_alone() -> None:
    assert "pypi" not in SCRIPT.read_text(encoding="utf-8").lower()
    assert "://" not in SCRIPT.read_text(encoding="utf-8").replace('"https://"', "")
