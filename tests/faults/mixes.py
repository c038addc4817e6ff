"""Which faults strike in which run: each one alone first, then mixes by a seed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adreel.testing.replicate.faults import FaultOrder

Json = Mapping[str, Any]

SLOW = 1.4
"""Seconds: longer than the adapter waits for an answer here."""

FAULTS: Mapping[str, Json] = {
    "slow order": {"fault": "latency", "seconds": SLOW},
    "slow look": {"fault": "latency", "on": "get", "seconds": SLOW},
    "slow output": {"fault": "latency", "on": "output", "seconds": 0.5},
    "order throttled": {"fault": "throttled"},
    "look throttled": {"fault": "throttled", "on": "get"},
    "token refused": {"fault": "unauthorized"},
    "no credit": {"fault": "no_credit"},
    "order not accepted": {"fault": "server_error"},
    "order accepted, answer 503": {"fault": "server_error_accepted"},
    "order dropped": {"fault": "drop"},
    "order accepted, answer dropped": {"fault": "drop_accepted"},
    "look answered 503": {"fault": "server_error", "on": "get"},
    "look dropped": {"fault": "drop", "on": "get"},
    "list answered 503": {"fault": "server_error", "on": "list"},
    "inputs unknown": {"fault": "server_error", "on": "model", "times": 4},
    "refused as unsafe": {"fault": "failed"},
    "failed": {"fault": "failed", "text": "CUDA out of memory"},
    "aborted": {"fault": "aborted"},
    "expired": {"fault": "expired"},
    "output in the answer": {"fault": "data_uri"},
    "done while processing": {"fault": "processing_with_output"},
    "output corrupt": {"fault": "corrupt"},
    "output truncated": {"fault": "truncated"},
    "output shorter than promised": {"fault": "wrong_length"},
    "output empty": {"fault": "empty"},
    "output missing": {"fault": "missing"},
    "output elsewhere": {"fault": "redirect", "text": "http://127.0.0.1:1/elsewhere"},
    "output dropped": {"fault": "drop", "on": "output"},
    "output answered 503": {"fault": "server_error", "on": "output"},
    "clip black": {"fault": "black"},
    "clip frozen": {"fault": "frozen"},
    "clip tiny": {"fault": "tiny"},
    "clip short": {"fault": "short"},
    "webhook lost": {"fault": "webhook_lost"},
    "webhook twice": {"fault": "webhook_duplicate"},
}

MOST_SKEW = 600
STEP = 7200
"""Seconds."""

_NEVER_ARRIVED = frozenset({"order not accepted", "order dropped"})
MODELS = ("seedance-1-pro-fast", "kling-v2.5-turbo-pro", "stable-video-diffusion")
"""One whose orders are told apart by their seed, one by their prompt, one that runs by its version."""


@dataclass(frozen=True)
class Mix:
    """One run. `words`: the pictures are made from words first. Each fault strikes as often as it says.

    The provider's clock differs from ours by `skew` seconds. Ours is set by so many seconds at each of the `steps`, which are so
    many seconds apart.
    """

    number: int
    faults: tuple[str, ...]
    model: str
    clips: int
    words: bool
    webhooks: bool
    times: tuple[int, ...]
    skew: int
    steps: tuple[tuple[float, int], ...]

    def orders(self) -> list[FaultOrder]:
        pairs = zip(self.faults, self.times, strict=True)
        return [FaultOrder.model_validate({"times": times, **FAULTS[name]}) for name, times in pairs]


def mix(number: int, seed: int) -> Mix:
    """Run `number`: the first are of one fault each."""
    chance = random.Random(f"{seed} {number}")
    names = list(FAULTS)
    faults = [names[number]] if number < len(names) else chance.sample(names, chance.randint(2, 5))
    if "expired" in faults and _NEVER_ARRIVED & set(faults):
        # Whether an order arrived cannot be told when inputs are gone from the list within seconds, as they are here alone.
        faults = [name for name in faults if name not in _NEVER_ARRIVED]
    clocks = random.Random(f"{seed} {number} clocks")
    return Mix(
        number=number,
        faults=tuple(faults),
        model=MODELS[number % len(MODELS)],
        clips=chance.randint(1, 3),
        words=chance.random() < 0.3,
        webhooks=chance.random() < 0.5 or any("webhook" in name for name in faults),
        times=tuple(chance.randint(1, 2) for _ in faults),
        skew=clocks.randint(-MOST_SKEW, MOST_SKEW),
        steps=tuple((clocks.uniform(0.05, 1.2), clocks.choice((-STEP, STEP))) for _ in range(clocks.randint(0, 3))),
    )
