"""Image prompts without a language model: rules that read what the product is and how it is to look."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from adreel.domain.films.images import ImagePrompt
from adreel.domain.films.scene import Mood, ViewType
from adreel.providers.planning.scene_rules import MOODS, read_mood

NAME = "rules"

NEGATIVE = "text, watermark, extra logos, people's faces, deformed or duplicated product, blur, low resolution, harsh artefacts"
"""Never wanted in a picture of a product."""

_LONGEST = 500
_MOST_KEYWORDS = 6


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of product: `words` name it, in the singular; `place` is where it is used."""

    name: str
    words: tuple[str, ...]
    place: str


CATEGORIES: tuple[Category, ...] = (
    Category(
        "footwear", ("shoe", "sneaker", "boot", "sandal", "heel", "trainer"), "on a clean city pavement in early light"
    ),
    Category(
        "watches and jewellery",
        ("watch", "jewel", "jewelry", "jewellery", "ring", "necklace", "bracelet", "earring"),
        "on a dressing table",
    ),
    Category(
        "cosmetics",
        ("perfume", "cosmetic", "serum", "cream", "lipstick", "shampoo", "soap", "lotion"),
        "on a stone bathroom shelf",
    ),
    Category(
        "electronics",
        ("phone", "laptop", "camera", "headphone", "earbud", "speaker", "keyboard", "tablet", "charger", "console"),
        "on a tidy desk by a window",
    ),
    Category(
        "drinks", ("coffee", "tea", "wine", "beer", "juice", "soda", "drink", "whisky", "water"), "on a café table"
    ),
    Category(
        "food",
        ("chocolate", "snack", "cookie", "bread", "honey", "sauce", "cheese", "fruit"),
        "on a wooden kitchen table",
    ),
    Category(
        "kitchen and tableware",
        ("mug", "cup", "plate", "bowl", "knife", "pan", "kettle", "vase"),
        "in a sunlit kitchen",
    ),
    Category("bags", ("bag", "backpack", "wallet", "suitcase", "luggage", "purse"), "in a hotel lobby beside a chair"),
    Category(
        "clothing",
        ("clothes", "shirt", "dress", "jacket", "coat", "jean", "sweater", "hat", "scarf"),
        "in a bright wardrobe room",
    ),
    Category(
        "furniture and home", ("chair", "sofa", "table", "lamp", "shelf", "desk", "candle"), "in a calm living room"
    ),
    Category(
        "sports and outdoors", ("bike", "bicycle", "tent", "ball", "racket", "helmet", "bottle"), "outdoors at sunrise"
    ),
    Category("toys", ("toy", "doll", "puzzle", "plush", "game"), "on a playroom carpet"),
)
OTHER = Category("product", (), "where it is used, in a tidy room with daylight")

_STYLES = (
    "minimal", "minimalist", "modern", "vintage", "retro", "rustic", "handmade", "stoneware", "ceramic", "leather", "wooden",
    "matte", "glossy", "metallic", "glass", "pastel", "monochrome", "colorful", "colourful", "bold", "elegant", "luxury",
    "luxurious", "premium", "sporty", "natural", "organic", "eco-friendly", "sustainable", "industrial", "futuristic",
    "playful", "cozy", "cosy", "warm", "dark", "bright", "neon", "clean", "soft", "dramatic", "black", "white", "red", "blue",
    "green", "yellow", "orange", "pink", "purple", "brown", "gold", "silver", "beige", "grey", "gray",
)  # fmt: skip
"""Words of a prompt that say how a product looks or is to be shown."""

_MOOD_KEYWORDS: Mapping[Mood, tuple[str, ...]] = {
    Mood.NIGHT: ("low-key", "moody"),
    Mood.LUXURY: ("premium", "elegant"),
    Mood.ENERGETIC: ("dynamic", "high contrast"),
    Mood.PLAYFUL: ("playful", "saturated"),
    Mood.CALM: ("calm", "natural light"),
    Mood.NEUTRAL: ("clean", "commercial"),
}

_SHOTS: tuple[tuple[ViewType, str], ...] = (
    (ViewType.FRONT, "Studio product photograph of {product}, seen straight from the front, whole product in frame"),
    (ViewType.DETAIL, "Macro photograph of {product}, a close-up of its material and most telling detail"),
    (ViewType.ANGLE, "Three-quarter view of {product} on a seamless backdrop, camera slightly above it"),
    (ViewType.LIFESTYLE, "Lifestyle photograph of {product} {place}, product in focus with air around it"),
    (ViewType.FRONT, "Hero photograph of {product}, front view from a low camera, standing on a plinth"),
    (ViewType.DETAIL, "Close-up photograph of {product} from the side, light grazing its surface and edges"),
    (
        ViewType.ANGLE,
        "Photograph of {product} from a three-quarter angle on the other side, with a soft reflection below it",
    ),
    (
        ViewType.LIFESTYLE,
        "Wide photograph of {product} {place}, shallow depth of field, the scene tells how it is used",
    ),
)
"""The subjects, in this order; eight at most, so that no two are alike."""


def category_of(prompt: str) -> Category:
    """The kind of product that most words of a prompt name; the one named last wins among equals, as heads of phrases do."""
    words = _words(prompt)
    best, most = OTHER, (0, -1)
    for category in CATEGORIES:
        places = [place for place, word in enumerate(words) if _singulars(word) & {*category.words}]
        if places and (len(places), places[-1]) > most:
            best, most = category, (len(places), places[-1])
    return best


def style_keywords(prompt: str) -> tuple[str, ...]:
    """How the pictures are to look, from the prompt's own words and its mood; never empty."""
    words = _words(prompt)
    named = [word for word in dict.fromkeys(words) if word in _STYLES]
    return tuple(dict.fromkeys([*named, *_MOOD_KEYWORDS[read_mood(prompt)]]))[:_MOST_KEYWORDS]


def image_prompts(prompt: str, count: int) -> tuple[ImagePrompt, ...]:
    """At most eight pictures of one product, each from another side or in another place."""
    product = " ".join(prompt.split())[:_LONGEST].rstrip(" .,;") or "the product"
    category = category_of(prompt)
    style = ", ".join(style_keywords(prompt))
    light = MOODS[read_mood(prompt)].light
    return tuple(
        ImagePrompt(
            view,
            f"{words.replace('{place}', category.place).replace('{product}', product)}. "
            f"{light[0].upper()}{light[1:]}. Style: {style}. "
            "Photorealistic commercial product photography, accurate materials, sharp focus.",
            NEGATIVE,
        )
        for view, words in _SHOTS[:count]
    )


def _singulars(word: str) -> set[str]:
    return {word, word.removesuffix("s"), word.removesuffix("es")}


def _words(prompt: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", prompt.casefold())
