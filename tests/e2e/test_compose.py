from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest

from support.cli import Adreel, decoded_frames


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("clips")
    sources = {
        "small.mp4": [
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=640x480:r=25:d=1",
            "-f",
            "lavfi",
            "-i",
            "sine=440:d=1",
            "-c:a",
            "aac",
        ],
        "tall.webm": [
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=360x640:r=60:d=1",
            "-c:v",
            "libvpx-vp9",
            "-deadline",
            "realtime",
        ],
        "still.mp4": ["-f", "lavfi", "-i", "color=black:s=320x180:r=30:d=1.5"],
    }
    for name, args in sources.items():
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *args, str(folder / name)]
        subprocess.run(command, check=True, capture_output=True)
    return {name.split(".")[0]: folder / name for name in sources}


@pytest.mark.parametrize("fit", ["pad", "blur", "cover"])
def test_clips_of_any_kind_become_one_film(adreel: Adreel, clips: dict[str, Path], fit: str) -> None:
    ran = adreel(
        "compose", clips["small"], clips["tall"], "--name", "Mixed", "--fit", fit, "--music", "upbeat", "--json"
    )
    assert ran.code == 0, ran.err
    assert ran.film["frames"] == 30 + 30 + 30 + 30 == decoded_frames(ran.path)
    assert [clip["view_type"] for clip in ran.film["clips"]] == [None, None]


def test_sound_of_clips_is_heard_without_music(adreel: Adreel, clips: dict[str, Path]) -> None:
    ran = adreel("compose", clips["small"], "--music", "none", "--cta", "", "--json")
    assert ran.code == 0, ran.err
    loudness = next(check for check in ran.film["checks"] if check["name"] == "loudness")
    assert "LUFS" in loudness["detail"]


def test_a_clip_that_is_black_itself_was_asked_for(adreel: Adreel, clips: dict[str, Path]) -> None:
    ran = adreel("compose", clips["still"], "--music", "none", "--json")
    assert ran.code == 0, ran.err


def test_broken_clips_are_refused_by_name_before_anything_is_rendered(
    adreel: Adreel, clips: dict[str, Path], tmp_path: Path
) -> None:
    whole = clips["small"].read_bytes()
    broken = {
        "empty.mp4": b"",
        "cut.mp4": whole[: len(whole) // 2],
        "text.mp4": b"not a video",
        "list.mp4": f"ffconcat version 1.0\nfile {clips['small']}\n".encode(),
        "play.mp4": f"#EXTM3U\n#EXTINF:1,\n{clips['small']}\n".encode(),
    }
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
        ran = adreel("compose", clips["small"], tmp_path / name)
        assert ran.code == 2, name
        assert name in ran.err
        assert len(ran.err.strip().splitlines()[-1]) > 20
        assert "composing" not in ran.err
    assert not list(tmp_path.glob("ad*.mp4"))
