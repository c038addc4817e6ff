"""Estimates the cost of a film, itemized for the user. Pure arithmetic over the catalogue and the session."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from adreel.catalogue.models import TextModel
from adreel.domain.costs.money import format_amount
from adreel.studio.hosted_order import Choice, HostedOrder

ANSWERS = 2
"""Most answers of a language model for one plan: it is retried once after an invalid answer."""


@dataclass(frozen=True, slots=True)
class AlreadyBought:
    """Contents of the order's session: `clips` and `images` that exist, and those ordered but not settled."""

    images: int = 0
    clips: int = 0
    open_images: int = 0
    open_clips: int = 0

    @property
    def has_prompts(self) -> bool:
        """Whether the image prompts have been planned."""
        return bool(self.images or self.open_images)

    @property
    def has_scenes(self) -> bool:
        return bool(self.clips or self.open_clips)


@dataclass(frozen=True, slots=True)
class Item:
    """`count` pieces at `each` US dollars."""

    count: int
    what: str
    model: str
    each: Decimal
    at_most: bool = False

    @property
    def price(self) -> Decimal:
        return self.each * self.count

    @property
    def line(self) -> str:
        number = f"{self.count} {self.what}{'' if self.count == 1 else 's'}"
        most = "up to " if self.at_most else ""
        return f"{most}{number} of {self.model} at ${format_amount(self.each)}: ${format_amount(self.price)}"


@dataclass(frozen=True, slots=True)
class Estimate:
    """The items still to buy. `held` is not bought again."""

    items: tuple[Item, ...]
    held: AlreadyBought

    @property
    def total(self) -> Decimal:
        return sum((item.price for item in self.items), Decimal(0))

    @property
    def question(self) -> str:
        """The question that the user must confirm before anything is bought."""
        certain = [item for item in self.items if not item.at_most]
        counts = Counter[str]()
        for item in certain or self.items:
            counts[item.what] += item.count
        pieces = [f"{count} {what}{'' if count == 1 else 's'}" for what, count in counts.items()]
        return f"Buy {' and '.join(pieces)} for about ${format_amount(self.total)}?"

    def lines(self, spent: Decimal, cap: Decimal) -> list[str]:
        """Formats the estimate for the user; `spent` of the budget `cap` is already used (US dollars)."""
        held = self.held
        reused = [
            f"{count} {what}{'' if count == 1 else 's'} {how}"
            for count, what, how in (
                (held.images, "image", "bought before: not bought again"),
                (held.clips, "clip", "bought before: not bought again"),
                (held.open_images, "image", "ordered before: resumed"),
                (held.open_clips, "clip", "ordered before: resumed"),
            )
            if count
        ]
        if not self.items:
            return [*reused, "nothing to buy"]
        budget = f"the budget is ${format_amount(cap)}" + (f", ${format_amount(spent)} of it is spent" if spent else "")
        return [*reused, *(item.line for item in self.items), f"about ${format_amount(self.total)} in all; {budget}"]


def estimate(
    order: HostedOrder,
    choice: Choice,
    clips: int,
    held: AlreadyBought,
    writer: TextModel | None,
    lengths: Sequence[float] | None = None,
) -> Estimate:
    """Estimates the rest of an order. `clips` is the film's number of clips, `lengths` the seconds of those that the session does
    not have, where they differ; `writer` plans scenes and images, once each."""
    images = max(0, order.images - held.images - held.open_images) if choice.image else 0
    absent = [order.clip_seconds] * max(0, clips - held.clips) if lengths is None else lengths
    # Which of them are ordered already is not known here: the estimate keeps the dearest.
    prices = sorted((choice.video.price_of(seconds) for seconds in absent), reverse=True)
    prices = prices[: max(0, len(prices) - held.open_clips)]
    plans = (images > 0 and not held.has_prompts) + (bool(prices) and not held.has_scenes)
    items: list[Item] = []
    if choice.image:
        items.append(Item(images, "image", choice.image.name, choice.image.price))
    items += [Item(count, "clip", choice.video.name, each) for each, count in Counter(prices).items()]
    if writer:
        items.append(Item(ANSWERS * plans, "answer", writer.name, writer.price, at_most=True))
    return Estimate(tuple(item for item in items if item.count), held)
