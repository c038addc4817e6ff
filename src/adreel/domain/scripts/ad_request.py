"""What a script is written from."""

from __future__ import annotations

from dataclasses import dataclass, field

from adreel.domain.ad import EndCard, Offer


@dataclass(frozen=True, slots=True)
class AdRequest:
    """`photos` are their names or paths, at least one. `recipe` and `style` None let adreel choose, `seconds` None takes the
    recipe's length; a film that is to be `spoken` then may last longer. `end.cta` None gets the usual call to action in the
    language of the facts, "" leaves the end card out.

    A fact in quotation marks is a customer's opinion, one that ends with a question mark a problem that the product solves.
    """

    photos: tuple[str, ...]
    product: str = ""
    facts: tuple[str, ...] = ()
    offer: Offer | None = None
    end: EndCard = field(default_factory=EndCard)
    brand: str | None = None
    recipe: str | None = None
    style: str | None = None
    prompt: str = ""
    seconds: float | None = None
    spoken: bool = False
