"""Timeouts and poll intervals of purchases."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. An order whose answer was lost counts as never accepted if the provider does not list it `lost` after it was about
    to be sent: `post` (longer than the adapter may delay it and wait for its answer) and `settle` (longer than the provider's
    list may lag), see `LostOrders`. The pause between two polls of a job grows from `poll_first` to `poll_most`, by an eighth
    each time, so that an end is noticed at most an eighth of the job's time late. `job` is the time limit of a job from its
    order on. A provider that does not answer before an order is sent is asked again for `unreachable`, one that asks to wait for
    `throttled`; then nothing is ordered.
    """

    post: float = 150.0
    settle: float = 20.0
    search: float = 5.0
    poll_first: float = 0.25
    poll_most: float = 10.0
    job: float = 3600.0
    throttled: float = 300.0
    unreachable: float = 300.0

    @property
    def lost(self) -> float:
        return self.post + self.settle

    @property
    def whole(self) -> float:
        """The longest that a purchase takes from its reservation to its end, while its program lives."""
        return max(self.throttled, self.unreachable) + self.lost + self.job
