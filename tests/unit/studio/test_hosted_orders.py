"""The models chosen for an order, rejected orders, and the identity of a film."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from adreel.agents.image_generator import DEFAULT_MODEL, FALLBACKS
from adreel.catalogue.loader import load_catalogue
from adreel.catalogue.models import Status
from adreel.domain.errors import InputError
from adreel.domain.films.film_options import FilmOptions
from adreel.studio.hosted_estimate import AlreadyBought, Estimate, estimate
from adreel.studio.hosted_order import HostedOrder, choose, clip_count, identity

KNOWN = load_catalogue()
OUT = Path("ad.mp4")
PHOTO = Path("mug.jpg")
PHOTOS = HostedOrder((PHOTO, Path("cup.jpg")), OUT)
WORDS = HostedOrder((), OUT, prompt="a stoneware mug", images=4)
WRITER = KNOWN.texts["llama-4-maverick"]


def _shaped(model: str, aspect: str) -> HostedOrder:
    return replace(PHOTOS, model=model, film=FilmOptions(aspect=aspect))


def test_no_legacy_or_doubtful_model_is_taken_unless_it_is_named() -> None:
    taken = [
        choose(PHOTOS, KNOWN).video,
        choose(WORDS, KNOWN).image,
        choose(replace(PHOTOS, images=1, prompt="x"), KNOWN).image,
    ]
    assert not any(model is None or model.status.needs_naming for model in taken)
    assert not any(KNOWN.images[name].status.needs_naming for name in (DEFAULT_MODEL, *FALLBACKS))
    assert choose(replace(PHOTOS, model="stable-video-diffusion"), KNOWN).video.status is Status.LEGACY


def test_the_usual_models_are_taken_unless_others_are_named() -> None:
    assert choose(PHOTOS, KNOWN).video.name == "wan-2.2-i2v-fast"
    assert choose(PHOTOS, KNOWN).image is None
    named = choose(replace(WORDS, model="veo-3.1-fast", image_model="sdxl"), KNOWN)
    assert (named.video.name, named.image and named.image.name) == ("veo-3.1-fast", "sdxl")
    usual = choose(WORDS, KNOWN).image
    assert usual is not None
    assert usual.name == "flux-pro"


def test_the_usual_video_model_is_the_cheapest_for_a_usual_clip() -> None:
    prices = {model.price_of(3.0): name for name, model in KNOWN.videos.items() if model.provider != "local"}
    assert prices[min(prices)] == choose(PHOTOS, KNOWN).video.name


def test_own_photos_go_to_models_that_take_pictures() -> None:
    order = replace(PHOTOS, prompt="a mug", images=2)
    image = choose(order, KNOWN).image
    assert image is not None
    assert image.name == "nano-banana"
    with pytest.raises(InputError, match="would show another product than your photos; choose one of nano-banana"):
        choose(replace(order, image_model="flux-pro"), KNOWN)


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (replace(PHOTOS, model="no-such"), "no hosted video model is called 'no-such'; choose one of stable-video"),
        (replace(PHOTOS, model="local"), "no hosted video model is called 'local'"),
        (replace(PHOTOS, model="flux-pro"), "no hosted video model is called 'flux-pro'"),
        (replace(PHOTOS, clip_seconds=9.0), "choose between 0.5 and"),
        (replace(PHOTOS, model="hailuo-2.3", clip_seconds=10.0), "choose between 0.5 and 6 seconds"),
        (_shaped("veo-3.1-fast", "1:1"), "veo-3.1-fast makes no clips of 1:1; choose one of 16:9, 9:16"),
        (_shaped("veo-3.1-fast", "4:5"), "veo-3.1-fast makes no clips of 4:5; choose one of 16:9, 9:16"),
        (_shaped("runway-gen2", "3:1"), "runway-gen2 makes no clips of 3:1"),
        (replace(_shaped("kling-v2.5-turbo-pro", "3:1"), images=1, prompt="a mug"), "makes no pictures of 3:1"),
        (replace(PHOTOS, photos=(PHOTO,) * 41), "1 to 40 clips; 41"),
        (replace(WORDS, image_model="no-such"), "no image model is called 'no-such'; choose one of flux-pro"),
        (replace(WORDS, images=9), "choose between 1 and 8"),
        (replace(WORDS, prompt=" "), "give a prompt that says what the product is"),
        (replace(WORDS, images=0), "give product photos, or a prompt that says"),
    ],
)
def test_what_no_model_can_make_is_refused(order: HostedOrder, words: str) -> None:
    with pytest.raises(InputError, match=words):
        choose(order, KNOWN)


def test_a_film_is_known_by_what_is_bought_for_it() -> None:
    def key(order: HostedOrder, *photos: str) -> str:
        return identity(order, choose(order, KNOWN), photos or ("a", "b"))

    same = key(PHOTOS)
    film = FilmOptions(name="Mug", cta="Buy", music="chill", color="#000000", intro_seconds=2)
    assert key(replace(PHOTOS, film=film, out=Path("other.mp4"), budget=Decimal(1))) == same
    assert key(replace(PHOTOS, model="wan-2.2-i2v-fast")) == same
    others = [
        key(PHOTOS, "b", "a"),
        key(PHOTOS, "a", "c"),
        key(replace(PHOTOS, prompt="calm")),
        key(replace(PHOTOS, clip_seconds=2.0)),
        key(replace(PHOTOS, model="veo-3.1-fast")),
        key(replace(PHOTOS, film=FilmOptions(seed=1))),
        key(replace(PHOTOS, film=FilmOptions(aspect="9:16"))),
        key(replace(PHOTOS, prompt="calm", images=1)),
        key(replace(PHOTOS, prompt="calm", images=2)),
    ]
    assert len({same, *others}) == len(others) + 1


def test_one_photo_alone_is_shown_in_every_framing() -> None:
    assert [clip_count(1, 0), clip_count(2, 0), clip_count(1, 2), clip_count(0, 4)] == [4, 2, 3, 4]


def _estimate(order: HostedOrder, held: AlreadyBought) -> Estimate:
    return estimate(order, choose(order, KNOWN), clip_count(len(order.photos), order.images), held, WRITER)


def test_an_estimate_counts_everything_that_is_bought() -> None:
    needed = _estimate(WORDS, AlreadyBought())
    assert needed.total == Decimal("0.20") + Decimal("0.44") + Decimal("0.04")
    assert needed.question == "Buy 4 images and 4 clips for about $0.68?"
    assert needed.lines(Decimal(0), Decimal(20)) == [
        "4 images of flux-pro at $0.05: $0.20",
        "4 clips of wan-2.2-i2v-fast at $0.11: $0.44",
        "up to 4 answers of llama-4-maverick at $0.01: $0.04",
        "about $0.68 in all; the budget is $20.00",
    ]


def test_seconds_are_those_that_are_billed() -> None:
    needed = _estimate(replace(PHOTOS, model="kling-v2.5-turbo-pro"), AlreadyBought())
    assert needed.items[0].each == Decimal("0.35")


def test_what_is_there_or_ordered_is_not_bought_again() -> None:
    half = _estimate(WORDS, AlreadyBought(images=3, open_images=1, clips=1, open_clips=1))
    assert [(item.count, item.what) for item in half.items] == [(2, "clip")]
    assert half.lines(Decimal("0.5"), Decimal(1)) == [
        "3 images bought before: not bought again",
        "1 clip bought before: not bought again",
        "1 image ordered before: resumed",
        "1 clip ordered before: resumed",
        "2 clips of wan-2.2-i2v-fast at $0.11: $0.22",
        "about $0.22 in all; the budget is $1.00, $0.50 of it is spent",
    ]
    whole = _estimate(PHOTOS, AlreadyBought(clips=2))
    assert (whole.items, whole.total) == ((), 0)
    assert whole.lines(Decimal("0.29"), Decimal(1)) == [
        "2 clips bought before: not bought again",
        "nothing to buy",
    ]
