"""A batch from the command line: tried, killed, taken up again, run once more."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from adreel.feeds.batches.manifest import open_manifest
from support.cli import Adreel, decoded_frames
from support.small_films import SMALL_ADREEL

TEMPLATE = """
version = 1
product = "{title:50!}"
[end]
cta = ""
[[beats]]
name = "offer"
shot = { photo = 1 }
seconds = 2.5
words = [{ role = "price", text = "{price!}" }]
"""
FEED = """id,title,price,image_link
A,Mug,24.90 EUR,photo.jpg
B,Bowl,ask,photo.jpg
C,Vase,19.90 EUR,photo.jpg
"""


def test_a_batch_is_killed_and_goes_on(adreel: Adreel, photos: dict[str, Path], tmp_path: Path, data_dir: Path) -> None:
    shutil.copy(photos["tall"], tmp_path / "photo.jpg")
    (tmp_path / "feed.csv").write_text(FEED)
    (tmp_path / "ad.toml").write_text(TEMPLATE)
    order = ["batch", "feed.csv", "--script", "ad.toml", "--out", "out", "--music", "none"]
    films = tmp_path / "out" / "films"

    tried = adreel(*order, "--dry-run", "--limit", "1")
    assert tried.code == 0, tried.err
    assert "1 new, 0 changed, 0 unchanged" in tried.out
    assert not films.exists()

    settings = {**os.environ, "ADREEL_DATA_DIR": str(data_dir)}
    child = subprocess.Popen([*SMALL_ADREEL, *order], cwd=tmp_path, env=settings, stderr=subprocess.PIPE, text=True)
    with child:
        assert child.stderr is not None
        assert child.stderr.readline().startswith("[1/2] ")
        child.kill()
    with open_manifest(tmp_path / "out") as manifest:
        kept = {record.id: (tmp_path / "out" / record.film).stat().st_mtime_ns for record in manifest.records()}
    assert 1 <= len(kept) <= 2

    ended = adreel(*order)
    assert ended.code == 1, "a row has an error"
    assert f"{2 - len(kept)} films made" in ended.out
    assert "row 3 B, price: 'ask' is not an amount" in ended.err
    times = {film.stem: film.stat().st_mtime_ns for film in films.iterdir()}
    assert set(times) == {"A", "C"}
    assert kept.items() <= times.items()
    assert {decoded_frames(film) for film in films.iterdir()} == {75}

    again = adreel(*order, "--where", "price>20")
    assert "0 new, 0 changed, 1 unchanged" in again.out
    assert {film.stem: film.stat().st_mtime_ns for film in films.iterdir()} == times

    placed = adreel(*order, "--dry-run", "--limit", "1", "--for", "meta-feed", "--for", "youtube-bumper")
    assert "2 new, 0 changed, 0 unchanged" in placed.out
    assert {path.stem for path in films.parent.glob("samples/*@*")} == {"A@meta-feed", "A@youtube-bumper"}
    assert "no placement is called 'myspace'" in adreel(*order, "--for", "myspace").err


def test_a_batch_needs_one_of_template_and_recipe(adreel: Adreel, tmp_path: Path) -> None:
    (tmp_path / "feed.csv").write_text(FEED)
    ran = adreel("batch", "feed.csv", "--out", "out")
    assert ran.code == 2
    assert "either --script with a template, or --recipe" in ran.err
    remote = adreel("batch", "https://127.0.0.1/feed.csv", "--recipe", "auto", "--out", "out")
    assert remote.code == 1
    assert "127.0.0.1" in remote.err
    (tmp_path / "feed.csv").write_text("id,title,price,image_link\nA,Mug,24.90 EUR,https://cdn.example/a.jpg\n")
    unsure = adreel("batch", "feed.csv", "--recipe", "auto", "--out", "out")
    assert "at cdn.example" in unsure.err
    assert "--remote-photos" in unsure.err
