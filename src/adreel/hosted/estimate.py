"""What a film will cost, in items that a person can read. Pure arithmetic over what the catalogue and the session say."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from adreel.catalogue.models import TextModel
from adreel.domain.money import tidy
from adreel.hosted.orders import Choice, HostedOrder

ANSWERS = 2
"""How often a language model is asked for one plan at most: once more when its first answer is of no use."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the order's session has already: `clips` and `images` that were made, and those that are ordered and not settled."""

    images: int = 0
    clips: int = 0
    open_images: int = 0
    open_clips: int = 0

    @property
    def has_prompts(self) -> bool:
        """Whether a language model, if any, has been asked what the images are to show."""
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
    def words(self) -> str:
        number = f"{self.count} {self.what}{'' if self.count == 1 else 's'}"
        most = "up to " if self.at_most else ""
        return f"{most}{number} of {self.model} at ${tidy(self.each)}: ${tidy(self.price)}"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is still to be bought. `held` is not bought again."""

    items: tuple[Item, ...]
    held: Held

    @property
    def total(self) -> Decimal:
        return sum((item.price for item in self.items), Decimal(0))

    @property
    def question(self) -> str:
        """What a person is asked before anything is bought."""
        wanted = [item for item in self.items if not item.at_most]
        pieces = [f"{item.count} {item.what}{'' if item.count == 1 else 's'}" for item in wanted or self.items]
        return f"Buy {' and '.join(pieces)} for about ${tidy(self.total)}?"

    def lines(self, spent: Decimal, cap: Decimal) -> list[str]:
        """The estimate for a person; `spent` of the budget `cap` is gone already."""
        held = self.held
        kept = [
            f"{count} {what}{'' if count == 1 else 's'} {how}"
            for count, what, how in (
                (held.images, "image", "bought before: not bought again"),
                (held.clips, "clip", "bought before: not bought again"),
                (held.open_images, "image", "ordered before: gone on with"),
                (held.open_clips, "clip", "ordered before: gone on with"),
            )
            if count
        ]
        if not self.items:
            return [*kept, "nothing is to be bought"]
        budget = f"the budget is ${tidy(cap)}" + (f", ${tidy(spent)} of it is spent" if spent else "")
        return [*kept, *(item.words for item in self.items), f"about ${tidy(self.total)} in all; {budget}"]


def estimate(order: HostedOrder, choice: Choice, clips: int, held: Held, writer: TextModel | None) -> Estimate:
    """`clips` is how many the film has; `writer` plans what is seen, asked once for scenes and once for images."""
    images = max(0, order.images - held.images - held.open_images) if choice.image else 0
    missing = max(0, clips - held.clips - held.open_clips)
    plans = (images > 0 and not held.has_prompts) + (missing > 0 and not held.has_scenes)
    items: list[Item] = []
    if choice.image:
        items.append(Item(images, "image", choice.image.name, choice.image.price))
    items.append(Item(missing, "clip", choice.video.name, choice.video.price_of(order.clip_seconds)))
    if writer:
        items.append(Item(ANSWERS * plans, "answer", writer.name, writer.price, at_most=True))
    return Estimate(tuple(item for item in items if item.count), held)
