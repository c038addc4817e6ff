"""The built wheel, installed outside of the checkout without a compiler and without overrides, makes a film."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = ROOT / ".tools" / "uv" / "uv"


def uv(*arguments: str | Path, cwd: Path) -> str:
    # An empty folder of settings: what pyproject.toml says to uv in the checkout must not matter.
    environment = {name: value for name, value in os.environ.items() if name not in ("UV_PYTHON", "VIRTUAL_ENV")}
    command = [str(UV if UV.is_file() else "uv"), *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; the versions are those of the lock file."""
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--wheel", "--out-dir", folder, ROOT, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    locked = uv("export", "--frozen", "--no-dev", "--no-emit-project", "--no-hashes", "--project", ROOT, cwd=folder)
    (folder / "constraints.txt").write_text(locked, encoding="utf-8")
    uv("venv", "--quiet", "--python", sys.executable, folder / "env", cwd=folder)
    python = folder / "env" / "bin" / "python"
    options = ("--python", python, "--only-binary", ":all:", "--constraint", "constraints.txt")
    uv("pip", "install", "--quiet", *options, wheel, cwd=folder)
    return folder


def adreel(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.defpath,
        "HOME": str(installed / "home"),
        "ADREEL_DATA_DIR": str(installed / "data"),
    }
    command = [str(installed / "env" / "bin" / "adreel"), *arguments]
    return subprocess.run(
        command, cwd=installed, env=environment, capture_output=True, text=True, timeout=250, check=False
    )


def test_the_wheel_is_for_every_python_and_carries_the_synthesizer(installed: Path) -> None:
    (wheel,) = installed.glob("*.whl")
    assert wheel.name.endswith("-py3-none-any.whl")
    packages = next((installed / "env" / "lib").glob("python*/site-packages"))
    assert not (packages / "pyaudio").exists()
    assert len(list((packages / "adreel/assets/synthesizer").glob("*.*"))) == 3


def test_doctor_finds_everything(installed: Path) -> None:
    done = adreel(installed, "doctor")
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_makes_a_film_with_music(installed: Path) -> None:
    photo = ROOT / "src/adreel/assets/examples"
    (first, *_) = sorted(photo.glob("*.jpg"))
    done = adreel(
        installed,
        "make",
        str(first),
        "--name",
        "Morgen",
        "--clip-seconds",
        "0.5",
        "--cta",
        "",
        "--music",
        "chill",
        "--draft",
        "--out",
        "film.mp4",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (installed / "film.mp4").stat().st_size > 20_000
