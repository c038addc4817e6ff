"""The file of a film: what is refused before any work, and the name that it gets at the end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adreel.agents.output import Existing, check_out, place, written
from adreel.domain.errors import InputError, OutputExistsError


def named(folder: Path, name: str = "film.mp4", content: str = "old") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_new_name_is_accepted_and_leaves_nothing_behind(tmp_path: Path) -> None:
    for existing in Existing:
        check_out(tmp_path / "film.mp4", existing)
    assert not any(tmp_path.iterdir())


def test_an_existing_file_is_refused_unless_it_may_be_replaced(tmp_path: Path) -> None:
    film = named(tmp_path)
    with pytest.raises(OutputExistsError, match=r"film\.mp4 exists: choose another name"):
        check_out(film)
    check_out(film, Existing.REPLACE)
    check_out(film, Existing.NUMBER)
    assert film.read_text(encoding="utf-8") == "old"


def test_a_link_that_leads_nowhere_is_an_existing_file(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").symlink_to(tmp_path / "gone.mp4")
    with pytest.raises(OutputExistsError):
        check_out(tmp_path / "film.mp4")


@pytest.mark.parametrize("existing", [Existing.REFUSE, Existing.REPLACE])
@pytest.mark.parametrize("link", ["none", "symbolic", "hard", "dots"])
def test_a_file_of_which_the_film_is_made_is_never_its_output(tmp_path: Path, existing: Existing, link: str) -> None:
    clip = named(tmp_path, "clip.mp4")
    out = tmp_path / "film.mp4"
    if link == "symbolic":
        out.symlink_to(clip)
    elif link == "hard":
        out.hardlink_to(clip)
    else:
        (tmp_path / "sub").mkdir()
        out = clip if link == "none" else tmp_path / "sub" / ".." / "clip.mp4"
    with pytest.raises(InputError, match=r"clip\.mp4, of which it is made") as refusal:
        check_out(out, existing, (tmp_path / "missing.mp4", clip))
    assert not isinstance(refusal.value, OutputExistsError)


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("film.mov", "does not end in .mp4"),
        ("missing/film.mp4", "its folder does not exist"),
        (f"{'x' * 300}.mp4", "cannot be written: File name too long"),
        ("nul\0.mp4", "cannot be written: embedded null"),
    ],
)
def test_a_name_that_cannot_be_written_is_refused(tmp_path: Path, out: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        check_out(tmp_path / out)


def test_a_folder_that_takes_no_files_is_noticed() -> None:
    with pytest.raises(InputError, match="cannot be written"):
        check_out(Path("/proc/film.mp4"))


def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "film.mp4")
    with pytest.raises(InputError, match="not a file that can be replaced"):
        check_out(tmp_path / "film.mp4", Existing.REPLACE)


@pytest.mark.parametrize("existing", [Existing.NUMBER, Existing.REFUSE])
def test_a_finished_film_replaces_nothing(tmp_path: Path, existing: Existing) -> None:
    film, second = named(tmp_path), named(tmp_path, "film-2.mp4")
    path = place(named(tmp_path, ".part", "new"), film, existing)
    assert path == tmp_path / "film-3.mp4"
    assert [each.read_text(encoding="utf-8") for each in (film, second, path)] == ["old", "old", "new"]


def test_a_finished_film_replaces_a_file_where_that_was_allowed(tmp_path: Path) -> None:
    film = named(tmp_path)
    assert place(named(tmp_path, ".part", "new"), film, Existing.REPLACE) == film
    assert film.read_text(encoding="utf-8") == "new"


def test_films_finished_at_once_get_names_of_their_own(tmp_path: Path) -> None:
    parts = [named(tmp_path, f".{number}.part", str(number)) for number in range(16)]
    with ThreadPoolExecutor(8) as threads:
        pending = [threads.submit(place, part, tmp_path / "ad.mp4", Existing.NUMBER) for part in parts]
        paths = [one.result() for one in pending]
    assert len(set(paths)) == len(parts)
    assert [path.read_text(encoding="utf-8") for path in paths] == [str(number) for number in range(16)]
    assert len(list(tmp_path.iterdir())) == len(parts)


async def test_a_failed_writer_leaves_no_file(tmp_path: Path) -> None:
    async def fail(path: Path) -> None:
        path.write_text("half", encoding="utf-8")
        raise RuntimeError("broke")

    with pytest.raises(RuntimeError, match="broke"):
        await written(tmp_path / "data.zip", Existing.REFUSE, fail)
    assert not any(tmp_path.iterdir())
