"""The same fault of a file has the same words, whether it is a photo, a clip or music."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adreel.domain.errors import InputError
from adreel.media.audio.mix import check_music
from adreel.media.clips.probe import probe_clip
from adreel.media.photos.opening import read_head


def of_photo(path: Path) -> object:
    return read_head(path, 32)


READERS = (of_photo, probe_clip, check_music)


def fault(read: Callable[[Path], object], path: Path) -> str:
    with pytest.raises(InputError) as found:
        read(path)
    return str(found.value).removeprefix(str(path)).strip()


def test_a_file_that_is_missing_or_empty_is_told_alike(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    assert {fault(read, tmp_path / "none") for read in READERS} == {"does not exist: check the name"}
    assert {fault(read, empty) for read in READERS} == {"is empty: export or copy it again"}


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert [fault(read, tmp_path) for read in READERS] == [
        "is not a file: name the photos themselves",
        "is not a file: name the clips themselves",
        "is not a file: name the music files themselves",
    ]
