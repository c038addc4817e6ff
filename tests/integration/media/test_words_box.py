"""Where words stand, kept in the file of a film."""

from __future__ import annotations

import struct
import subprocess
import time
from pathlib import Path

import imageio_ffmpeg
import pytest

from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.shown_words import ShownWords
from adreel.media.checks import moov_is_first
from adreel.media.words_box import add_words, read_words

SIZE = FrameSize(128, 72)
WORDS = (ShownWords("headline", "Grüße “5 €”", Box(1, 2, 60.5, 20), 3, 9, 12.0, ("Inter",)),)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    made = ("-f", "lavfi", "-i", "testsrc2=s=128x72:r=30:d=0.2", "-c:v", "libx264", "-movflags", "+faststart")
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *made, str(path)], check=True)
    return path


def test_words_are_read_back_until_another_program_writes_the_film(film: Path, tmp_path: Path) -> None:
    before = film.read_bytes()
    assert read_words(film, SIZE) is None
    add_words(film, SIZE, WORDS)
    assert film.read_bytes().startswith(before)
    assert moov_is_first(film)
    assert read_words(film, SIZE) == WORDS
    assert read_words(film, FrameSize(64, 36)) is None
    copy = tmp_path / "copy.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(film), "-c", "copy", str(copy)]
    subprocess.run(command, check=True)
    assert read_words(copy, SIZE) is None


def test_a_file_of_countless_boxes_is_left_soon(tmp_path: Path) -> None:
    path = tmp_path / "boxes.mp4"
    path.write_bytes(struct.pack(">I4s", 8, b"free") * 1_000_000)
    began = time.process_time()
    assert read_words(path, SIZE) is None
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"[" * 100_000, b'{"version":1,"width":128,"height":72,"words":[{"box":1}]}', b"\xff\xfe"],
)
def test_a_box_that_is_none_is_unknown(film: Path, content: bytes) -> None:
    from adreel.media import words_box

    content = vars(words_box)["_BOX"] + content
    with film.open("ab") as file:
        file.write(struct.pack(">I4s", 8 + len(content), b"uuid") + content)
    assert read_words(film, SIZE) is None
