"""The script that installs the wheel on each supported Python: which are found, which are named as missing."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("adreel_install_check", ROOT / "scripts" / "install_check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


script = _load()


def _finds(versions: dict[str, str]) -> Callable[[str, str], tuple[str, str] | None]:
    return lambda _uv, request: (versions[request], f"/{request}") if request in versions else None


def _version_of_path(_uv: str, request: str) -> tuple[str, str] | None:
    return (Path(request).parts[-3], request) if "/" in request else None


def test_each_supported_python_is_tried_once_and_the_others_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "full_version", _finds({"given": "3.14.8", "3.11": "3.11.7", "3.14": "3.14.1"}))
    monkeypatch.setattr(script, "_of_pyenv", list)
    found, missing = script.interpreters("uv", ["given"])
    assert found == {"3.14.8": "/given", "3.11.7": "/3.11"}
    assert missing == ["3.12", "3.13"]


def test_interpreters_of_pyenv_count_and_unsupported_ones_do_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for version in ("3.9.1", "3.13.0"):
        (tmp_path / "versions" / version / "bin").mkdir(parents=True)
        (tmp_path / "versions" / version / "bin" / "python").touch()
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setattr(script, "full_version", _version_of_path)
    found, missing = script.interpreters("uv", [])
    assert [*found] == ["3.13.0"]
    assert missing == ["3.11", "3.12", "3.14"]


def test_a_program_that_fails_is_reported_by_its_last_line(tmp_path: Path) -> None:
    with pytest.raises(script.FailedStepError, match="no compiler"):
        script.step([sys.executable, "-c", "import sys; sys.exit('building\\nno compiler')"], tmp_path, 30)


def test_the_supported_versions_start_at_the_one_the_package_requires() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">={script.VERSIONS[0]}"
