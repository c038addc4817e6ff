"""Damaged files of every kind, by the hundred: what cannot be used is refused by name, and nothing else ever comes out."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from adreel.catalogue.loader import load_catalogue
from adreel.domain.errors import ClipError, InputError, MusicError, PhotoError, TextError
from adreel.media import thumbnails
from adreel.media.audio import music_file
from adreel.media.cards.fonts import check_text, resolve_font
from adreel.media.clips.probe import probe_clip
from adreel.media.photos.photo import load_photo, verify_photo
from support.fuzz import damaged
from support.photo_files import gradient, with_hole
from support.pictures import ClipMaker

FILES = 60
FONTS = Path(__file__).parents[4] / "src" / "adreel" / "assets" / "fonts"


def refused_or_used(path: Path, contents: list[bytes], use: Callable[[Path], object], kind: type[InputError]) -> None:
    """Uses a file with each content. Only errors of `kind` may be raised, and each names the file in one line."""
    said: list[str] = []
    for content in contents:
        path.write_bytes(content)
        try:
            use(path)
        except kind as error:
            said.append(str(error))
    assert said, "no damage was found: this test damages too little"
    assert [message for message in said if path.name not in message or "\n" in message] == []


def photo(kind: str) -> bytes:
    file = io.BytesIO()
    if kind == "HEIF":
        heif = pytest.importorskip("pillow_heif")
        heif.from_pillow(Image.fromarray(gradient())).save(file, quality=60)
        return file.getvalue()
    options: dict[str, Any] = {"JPEG": {"quality": 60}, "PNG": {}, "WEBP": {"quality": 60}, "AVIF": {"quality": 60}}[
        kind
    ]
    exif = Image.Exif()
    exif[0x0112] = 6
    (with_hole() if kind in ("PNG", "WEBP") else Image.fromarray(gradient())).save(file, kind, exif=exif, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_photos(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "photo"
    contents = list(damaged(photo(kind), seed=7, count=FILES))
    refused_or_used(path, contents, verify_photo, PhotoError)
    refused_or_used(
        path, contents[:20], lambda each: thumbnails.of_photo(load_photo(each, thumbnails.SIDE)), PhotoError
    )


@pytest.mark.parametrize(
    "content", [b"GIF89a" + b"\0" * 600, b"BM" + b"\0" * 600, b"II*\0" + b"\0" * 600, b"<svg/>" * 100, b"%PDF-1.4" * 50]
)
def test_pictures_of_other_kinds_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(content)
    with pytest.raises(PhotoError, match=r"picture\.jpg is not a picture that adreel reads"):
        verify_photo(path)


PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=128x96:r=24:d=0.5")
TONE = ("-f", "lavfi", "-i", "sine=f=440:d=1.5")
CLIPS = {
    "clip.mp4": ("-c:v", "libx264", "-pix_fmt", "yuv420p"),
    "clip.webm": ("-c:v", "libvpx-vp9", "-deadline", "realtime"),
    "clip.mkv": (
        "-c:v",
        "libx264",
    ),
    "clip.avi": (
        "-c:v",
        "mpeg4",
    ),
    "clip.ts": (
        "-c:v",
        "mpeg2video",
    ),
    "clip.flv": (
        "-c:v",
        "flv1",
    ),
}


@pytest.mark.parametrize("name", CLIPS)
def test_clips(make_clip: ClipMaker, tmp_path: Path, name: str) -> None:
    content = make_clip(name, *PICTURE, *CLIPS[name]).read_bytes()
    refused_or_used(tmp_path / name, list(damaged(content, seed=11, count=FILES)), probe_clip, ClipError)


@pytest.mark.parametrize("name", ["music.wav", "music.mp3", "music.flac", "music.ogg", "music.m4a"])
def test_music(make_clip: ClipMaker, tmp_path: Path, name: str) -> None:
    content = make_clip(name, *TONE).read_bytes()
    refused_or_used(tmp_path / name, list(damaged(content, seed=13, count=FILES)), music_file.load_music, MusicError)


@pytest.mark.parametrize("name", ["Inter_700Bold.ttf", "NotoColorEmoji.subset.ttf"])
def test_fonts(tmp_path: Path, name: str) -> None:
    def use(path: Path) -> None:
        check_text("Mug 1 😀", resolve_font(str(path), folders=()))

    contents = list(damaged((FONTS / name).read_bytes(), seed=17, count=FILES))
    refused_or_used(tmp_path / "own.ttf", contents, use, TextError)


def test_models(tmp_path: Path) -> None:
    own = (Path(__file__).parents[4] / "src" / "adreel" / "catalogue" / "models.toml").read_bytes()[:3000]
    contents = list(damaged(own, seed=19, count=300))
    contents += [
        b"a = " + b"[" * 100_000,
        b"a = " + b"1" * 10_000,
        b"models = 3",
        b"\xff\xfe",
        b"[models.x]\nkind = []",
    ]
    path = tmp_path / "models.toml"
    refused = 0
    for content in contents:
        path.write_bytes(content)
        try:
            load_catalogue(path)
        except InputError:
            refused += 1
    assert refused > len(contents) // 4


def test_the_damage_is_the_same_each_time() -> None:
    assert list(damaged(b"x" * 100, 1, 5)) == list(damaged(b"x" * 100, 1, 5))
    assert not np.array_equal(list(damaged(b"x" * 100, 1, 1)), list(damaged(b"x" * 100, 2, 1)))
