from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adreel.domain.errors import PhotoError, RenderError
from adreel.domain.films.formats import TRANSITION_FRAMES, FrameSize
from adreel.media import thumbnails
from adreel.media.photos.photo import load_photo
from adreel.media.segments.encoder import SegmentEncoder
from adreel.media.segments.render import faded
from adreel.media.yuv import i420_to_rgb
from support.pictures import texture
from support.yuv import rgb_to_i420

RED, BLUE = (200, 40, 40), (40, 60, 200)


def opened(picture: bytes) -> Image.Image:
    image = Image.open(BytesIO(picture))
    assert image.format == "WEBP"
    return image.convert("RGB")


def near(image: Image.Image, place: tuple[int, int], wanted: tuple[int, int, int]) -> bool:
    found = image.getpixel(place)
    assert isinstance(found, tuple)
    return all(abs(a - b) < 16 for a, b in zip(found, wanted, strict=True))


def test_a_photo_is_made_small_and_upright(tmp_path: Path) -> None:
    """Orientation 6: what is stored on the left belongs to the top."""
    image = Image.new("RGB", (3000, 2000), BLUE)
    image.paste(RED, (0, 0, 1500, 2000))
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "photo.jpg", exif=exif)
    small = opened(thumbnails.of_photo(load_photo(tmp_path / "photo.jpg", thumbnails.SIDE)))
    assert small.size == (320, 480)
    assert near(small, (160, 60), RED)
    assert near(small, (160, 420), BLUE)


def test_what_is_transparent_stands_on_a_neutral_ground(tmp_path: Path) -> None:
    image = Image.new("RGBA", (600, 600), (0, 255, 0, 0))
    image.paste((*RED, 255), (200, 200, 400, 400))
    image.save(tmp_path / "cutout.png")
    small = opened(thumbnails.of_photo(load_photo(tmp_path / "cutout.png", thumbnails.SIDE)))
    assert near(small, (20, 20), (236, 236, 236))
    assert near(small, (240, 240), RED)


def test_a_small_photo_stays_as_large_as_it_is(tmp_path: Path) -> None:
    Image.new("RGB", (240, 250), RED).save(tmp_path / "photo.png")
    assert opened(thumbnails.of_photo(load_photo(tmp_path / "photo.png", thumbnails.SIDE))).size == (240, 250)


def test_a_film_is_shown_by_its_middle_in_its_colours(tmp_path: Path) -> None:
    size = FrameSize(640, 360)
    red, blue = (rgb_to_i420(np.full((360, 640, 3), color, np.uint8)) for color in (RED, BLUE))
    with SegmentEncoder(tmp_path / "film.mp4", size, 30) as encoder:
        for index in range(30):
            encoder.write(blue if 12 <= index < 18 else red)
    small = opened(thumbnails.of_film(tmp_path / "film.mp4"))
    assert small.size == (480, 270)
    assert near(small, (240, 135), BLUE)


def test_a_film_is_not_shown_by_the_middle_of_a_crossfade(tmp_path: Path) -> None:
    size = FrameSize(640, 360)
    left, right = (np.dstack([texture(360, 640, seed)] * 3) for seed in (1, 2))
    ghost = ((left.astype(np.uint16) + right) // 2).astype(np.uint8)
    with SegmentEncoder(tmp_path / "film.mp4", size, 60) as encoder:
        for index in range(60):
            encoder.write(rgb_to_i420(left if index < 26 else ghost if index < 34 else right))
    small = np.asarray(opened(thumbnails.of_film(tmp_path / "film.mp4"))).astype(int)
    far = [np.abs(small - np.asarray(Image.fromarray(each).resize((480, 270)))).mean() for each in (left, ghost, right)]
    assert far[1] > min(far)


@pytest.mark.parametrize("start", range(8, 44, 5))
def test_a_film_is_shown_without_a_ghost_wherever_its_crossfade_is(tmp_path: Path, start: int) -> None:
    """One picture alone, to a twentieth, in every part of the poster."""
    size = FrameSize(320, 180)
    shots = [np.dstack([texture(180, 320, seed)] * 3) for seed in (1, 2)]
    left, right = (rgb_to_i420(shot) for shot in shots)
    fade = list(faded([left] * TRANSITION_FRAMES, [right] * TRANSITION_FRAMES))
    with SegmentEncoder(tmp_path / "film.mp4", size, 60) as encoder:
        for frame in [*[left] * start, *fade, *[right] * (60 - start - TRANSITION_FRAMES)]:
            encoder.write(frame)
    small = np.asarray(opened(thumbnails.of_film(tmp_path / "film.mp4"))).astype(float)
    apart = (shots[1].astype(float) - shots[0]).ravel()
    share = float(apart @ (small - shots[0]).ravel() / (apart @ apart))
    assert min(abs(share), abs(1 - share)) < 0.07, share


def test_what_is_no_picture_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "broken").write_bytes(b"no picture")
    with pytest.raises(PhotoError):
        thumbnails.of_photo(load_photo(tmp_path / "broken", thumbnails.SIDE))
    with pytest.raises(RenderError):
        thumbnails.of_film(tmp_path / "broken")


def test_pictures_come_back_from_yuv_as_they_were() -> None:
    ramp = np.linspace(0, 255, 64, dtype=np.uint8)
    rgb = np.dstack([np.tile(ramp, (64, 1)), np.tile(ramp[:, None], (1, 64)), np.full((64, 64), 90, np.uint8)])
    assert np.abs(i420_to_rgb(rgb_to_i420(rgb)).astype(int) - rgb).max() < 6
