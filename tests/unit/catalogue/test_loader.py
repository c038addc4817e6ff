from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from adreel.catalogue.loader import load_catalogue, parse_catalogue
from adreel.domain.errors import InputError

MODEL = """
[models.slow]
kind = "video"
provider = "replicate"
title = "A slow one"
reference = "someone/slow"
image_field = "image"
prompt_field = "prompt"
duration = { field = "duration", choices = [10, 5] }
resolution = { field = "resolution", value = "720p" }
price_per_second = { 720p = "0.07", 1080p = "0.20" }
min_seconds = 1
licence = "theirs"
"""


def test_the_shipped_catalogue_knows_every_kind() -> None:
    catalogue = load_catalogue()
    assert catalogue.videos["local"].price_per_clip == Decimal("0.00")
    assert catalogue.videos["stable-video-diffusion"].price_of(3) == Decimal("0.80")
    assert catalogue.videos["runway-gen2"].price_of(3) == Decimal("1.50")
    assert {"wan-2.2-i2v-fast", "seedance-1-pro-fast", "kling-v2.5-turbo-pro", "veo-3.1-fast", "hailuo-2.3"} < set(
        catalogue.videos
    )
    assert {"flux-pro", "flux-1.1-pro", "sdxl", "nano-banana"} <= set(catalogue.images)
    assert "llama-3.1-70b" in catalogue.texts
    assert "musicgen" in catalogue.musics


def test_prices_are_exact_and_of_the_length_that_is_bought() -> None:
    slow = parse_catalogue(MODEL).videos["slow"]
    assert slow.price_of(3) == Decimal("0.350")
    assert slow.price_of(5) == Decimal("0.350")
    assert slow.price_of(5.1) == Decimal("0.700")
    assert slow.price_per_clip == Decimal("0.700")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('title = "A slow one"', "", "'slow' lacks the field 'title'"),
        ('"0.07"', '"cheap"', "'slow'.*'price_per_second'.*a price"),
        ('"0.07"', "0.07", "'slow'.*quotation marks"),
        ("720p = ", "480p = ", "'slow'.*resolution '720p'"),
        ("image_field", "picture_field", "'slow' has the field 'picture_field'|lacks the field 'image_field'"),
        (
            "licence",
            "motion = { field = 'm', least = 1, most = 2, more = 3 }\nlicence",
            "'motion' has the field 'more'",
        ),
        ('prompt_field = "prompt"', "", "lacks both 'seed_field' and 'prompt_field'"),
        ("choices = [10, 5]", "choices = [0]", "'slow', 'duration'.*'choices'"),
        ("choices = [10, 5]", "least = 5, most = 2", "'slow', 'duration'.*'most'"),
        ("min_seconds = 1", "min_seconds = 11", "'min_seconds' must be above 0 and at most 10"),
        ("someone/slow", "https://somewhere/else", "'slow'.*'reference'"),
        ('"video"', '"film"', "'slow'.*'kind' must be one of video, image, text, music"),
        ("price_per_second", "price_per_clip = '1'\nprice_per_second", "'slow' has both"),
        ("[models.slow]", "[models", "not valid TOML"),
    ],
)
def test_a_broken_entry_is_named(old: str, new: str, words: str) -> None:
    assert old in MODEL
    with pytest.raises(InputError, match=words):
        parse_catalogue(MODEL.replace(old, new))


@pytest.mark.parametrize("seconds", [0.5, 10.1])
def test_lengths_out_of_range_are_refused(seconds: float) -> None:
    with pytest.raises(InputError, match="between 1 and 10 seconds"):
        parse_catalogue(MODEL).videos["slow"].price_of(seconds)


def test_a_file_of_the_persons_own_is_laid_over_ours(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(MODEL + '\n[models.stable-video-diffusion]\nprice_per_clip = "0.19"\n', encoding="utf-8")
    catalogue = load_catalogue(own)
    assert catalogue.videos["slow"].title == "A slow one"
    assert catalogue.videos["stable-video-diffusion"].price_per_clip == Decimal("0.19")
    assert catalogue.videos["stable-video-diffusion"].image_field == "input_image"


def test_a_file_of_the_persons_own_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"own\.toml"):
        load_catalogue(tmp_path / "own.toml")
