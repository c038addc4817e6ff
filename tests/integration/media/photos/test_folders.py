"""A folder stands for the photos in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from adreel.domain.errors import PhotoError
from adreel.media.photos.folders import find_photos


def photo(path: Path) -> Path:
    Image.new("RGB", (8, 8)).save(path)
    return path


def test_photos_come_in_the_order_of_their_names_and_strays_are_named(tmp_path: Path) -> None:
    names = ["10.png", "2.jpg", "B.webp", "a.jpg"]
    for name in names:
        photo(tmp_path / name)
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    (tmp_path / "film.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(40))
    (tmp_path / "empty.jpg").touch()
    (tmp_path / ".DS_Store").write_bytes(b"x")
    (tmp_path / "more").mkdir()
    photo(tmp_path / "more" / "0.jpg")
    found = find_photos([tmp_path])
    assert [path.name for path in found.paths] == ["2.jpg", "10.png", "a.jpg", "B.webp"]
    assert [note.partition(" is not")[0] for note in found.notes] == [
        str(tmp_path / name) for name in ("empty.jpg", "film.mp4", "notes.txt")
    ]


def test_files_by_name_are_taken_as_they_are_and_keep_their_place(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    photo(folder / "1.jpg")
    stray = tmp_path / "notes.txt"
    stray.write_text("x", encoding="utf-8")
    last = photo(tmp_path / "last.jpg")
    assert find_photos([stray, folder, last]).paths == (stray, folder / "1.jpg", last)


def test_a_damaged_photo_is_not_a_stray(tmp_path: Path) -> None:
    (tmp_path / "cut.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    assert find_photos([tmp_path]).notes == ()


def test_a_folder_without_photos_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    with pytest.raises(PhotoError, match="has no photos in it"):
        find_photos([tmp_path])
