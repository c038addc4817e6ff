from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adreel.catalogue.kinds import OWN_SOURCE
from adreel.catalogue.loader import load_catalogue, parse_catalogue
from adreel.catalogue.models import Status
from adreel.catalogue.schema import used_fields
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
source = "their page"
seen_on = 2026-11-30
"""


def test_the_shipped_catalogue_knows_every_kind() -> None:
    catalogue = load_catalogue()
    assert catalogue.videos["local"].price_of(5) == Decimal("0.00")
    assert catalogue.videos["stable-video-diffusion"].price_of(3) == Decimal("0.80")
    assert catalogue.videos["runway-gen2"].price_of(3) == Decimal("0.25")
    assert {"wan-2.2-i2v-fast", "seedance-1-pro-fast", "kling-v2.5-turbo-pro", "veo-3.1-fast", "hailuo-2.3"} < set(
        catalogue.videos
    )
    assert {"flux-pro", "flux-1.1-pro", "sdxl", "nano-banana"} <= set(catalogue.images)
    assert "llama-3.1-70b" in catalogue.texts


def test_every_shipped_fact_has_a_source_and_a_day_and_names_no_address() -> None:
    catalogue = load_catalogue()
    kinds = (catalogue.videos, catalogue.images, catalogue.texts, catalogue.speeches)
    models = [model for kind in kinds for model in kind.values()]
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    for model in models:
        assert model.seen_on is not None, model.name
        assert date(2026, 1, 1) <= model.seen_on <= tomorrow, model.name
        assert model.source, model.name
        assert not re.search(r"https?:|www|\w\.(com|ai|org|io|dev|net)\b|/", model.source), model.source
    assert catalogue.videos["stable-video-diffusion"].price_is_estimate


def test_what_is_unusable_says_why() -> None:
    text = MODEL + 'unusable = "it is not for ads"\n'
    with pytest.raises(InputError, match="slow cannot be used: it is not for ads"):
        parse_catalogue(text).videos["slow"].check(5, "16:9")


def test_lengths_follow_the_resolution() -> None:
    text = MODEL.replace("choices = [10, 5]", "choices_by_resolution = { 720p = [10, 5], 1080p = [5] }")
    assert parse_catalogue(text).videos["slow"].max_seconds == 10
    fine = parse_catalogue(text.replace('value = "720p"', 'value = "1080p"')).videos["slow"]
    assert (fine.max_seconds, fine.price_of(5)) == (5, Decimal("1.000"))


def test_more_frames_cost_more_in_proportion() -> None:
    wan = load_catalogue().videos["wan-2.2-i2v-fast"]
    assert [wan.price_of(seconds) for seconds in (0.5, 5.06, 5.1, 7.5)] == [
        Decimal("0.11"),
        Decimal("0.11"),
        Decimal("0.165"),
        Decimal("0.165"),
    ]


def test_prices_are_exact_and_of_the_length_that_is_bought() -> None:
    slow = parse_catalogue(MODEL).videos["slow"]
    assert slow.price_of(3) == Decimal("0.350")
    assert slow.price_of(5) == Decimal("0.350")
    assert slow.price_of(5.1) == Decimal("0.700")
    assert slow.price_of(slow.max_seconds) == Decimal("0.700")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('title = "A slow one"', "", "'slow' lacks the field 'title'"),
        ('"0.07"', '"cheap"', "'slow'.*'price_per_second'.*a price"),
        ('"0.07"', "0.07", "'slow'.*quotation marks"),
        ("720p = ", "480p = ", "'slow'.*resolution '720p'"),
        ("image_field", "picture_field", "'slow' has the field 'picture_field'|lacks the field 'image_field'"),
        ("seen_on = 2026-11-30", "", "'slow' lacks the field 'seen_on'"),
        ("seen_on = 2026-11-30", 'seen_on = "yesterday"', "'seen_on' must be a day"),
        ("seen_on = 2026-11-30", "seen_on = 2026-11-30T00:00:00", "'seen_on' must be a day"),
        ('source = "their page"', "", "'slow' lacks the field 'source'"),
        ("licence", "status = 'new'\nlicence", "'status' must be one of current, superseded, legacy, doubtful"),
        ("licence", "follows_image = false\nlicence", "'follows_image'.*true for a model without 'aspect'"),
        ("licence", "aspect = { field = 'a', choices = ['wide'] }\nlicence", "'aspect': 'wide' is not an aspect"),
        ('value = "720p"', 'value = "720p", choices = ["480p"]', "'value' must be one of 480p"),
        ("choices = [10, 5]", "choices_by_resolution = { 480p = [5] }", "says nothing of the resolution '720p'"),
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
        ('"video"', '"film"', "'slow'.*'kind' must be one of video, image, text"),
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
    assert catalogue.videos["stable-video-diffusion"].price_of(3) == Decimal("0.19")
    assert catalogue.videos["stable-video-diffusion"].image_field == "input_image"


def test_an_own_price_is_the_persons_own_and_what_else_is_ours_stays_ours(tmp_path: Path) -> None:
    """Also where the shipped price is now per second: an own file of an earlier version still works."""
    own = tmp_path / "own.toml"
    own.write_text(
        '[models.runway-gen2]\nprice_per_clip = "1.20"\n'
        '[models.stable-video-diffusion]\nprice_per_clip = "0.10"\n'
        "[models.sdxl]\ntypical_seconds = 3\n"
        '[models.flux-pro]\nprice_per_image = "0.06"\nsource = "our contract"\nseen_on = 2026-05-01\n',
        encoding="utf-8",
    )
    found = load_catalogue(own)
    runway, stable = found.videos["runway-gen2"], found.videos["stable-video-diffusion"]
    assert (runway.price_of(10), runway.source, runway.seen_on) == (Decimal("1.20"), OWN_SOURCE, None)
    assert (stable.price_is_estimate, stable.source, stable.status) == (False, OWN_SOURCE, Status.LEGACY)
    assert (found.images["sdxl"].source, found.images["sdxl"].typical_seconds) == ("public repository, model list", 3)
    flux = found.images["flux-pro"]
    assert (flux.source, flux.seen_on) == ("our contract", date(2026, 5, 1))


def test_an_own_model_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    old = MODEL.replace('source = "their page"\nseen_on = 2026-11-30\n', 'end_image_field = "last"\n')
    own.write_text(old, encoding="utf-8")
    slow = load_catalogue(own).videos["slow"]
    assert (slow.source, slow.seen_on, slow.status, slow.follows_image) == (OWN_SOURCE, None, Status.CURRENT, True)
    assert "last" not in used_fields(slow)


def test_a_file_of_the_persons_own_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"own\.toml"):
        load_catalogue(tmp_path / "own.toml")


SPEECH = """
[models.voice]
kind = "speech"
provider = "replicate"
title = "A voice"
reference = "someone/voice"
text_field = "text"
voice_field = "voice_id"
voices = ["Ann"]
max_characters = 20
languages = { de = "German", en = "English" }
price_per_1000_characters = "0.06"
licence = "theirs"
source = "their page"
seen_on = 2026-11-30
"""


def test_a_speech_model_is_priced_by_the_character_and_refuses_what_it_cannot_speak() -> None:
    model = parse_catalogue(SPEECH).speeches["voice"]
    assert (model.price_of(1), model.price_of(1000), model.price_of(1001)) == (
        Decimal("0.001"),
        Decimal("0.060"),
        Decimal("0.061"),
    )
    model.check("Guten Morgen", "de")
    with pytest.raises(InputError, match="voice does not speak 'is'; it speaks de, en"):
        model.check("Halló", "is")
    with pytest.raises(InputError, match="at most 20 characters, not 21"):
        model.check("a" * 21, None)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ('languages = { de = "German", en = "English" }', "languages"),
        ('voices = ["Ann"]', "voices"),
        ('price_per_1000_characters = "0.06"', "price_per_1000_characters"),
    ],
)
def test_a_speech_model_without_a_field_is_refused(change: str, fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        parse_catalogue(SPEECH.replace(change, ""))
    with pytest.raises(InputError, match="needs both 'language_field' and 'any_language'"):
        parse_catalogue(SPEECH + 'language_field = "language"')
