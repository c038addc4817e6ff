"""Watches the packets of one stream for what a plain reader stumbles over: recordings joined in one file, a start between key
pictures, damage. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

_BACK = Fraction(1, 10)
"""Seconds by which decoding times may step back: rounding, and no more."""
_AHEAD = 10
"""Seconds by which they may step ahead: recorders that stop and go on leave shorter gaps."""
_REACH = 6
"""Packets after a corrupt one within which a key picture or new timestamps show that two recordings meet there."""


@dataclass(slots=True)
class Flow:
    """What was found so far. `restarts_after`: seconds after which the timestamps start anew, None when they do not.

    `is_joined`: two recordings meet, their timestamps may fit. `begins_midway`: the first picture is no key picture.
    """

    restarts_after: Fraction | None = None
    is_joined: bool = False
    begins_midway: bool = False
    is_damaged: bool = False
    _first: Fraction | None = None
    _last: Fraction | None = None
    _suspect: int = 0
    _is_empty: bool = True

    def add(self, time: Fraction | None, *, is_key: bool, is_corrupt: bool) -> None:
        """`time`: the packet's decoding time in seconds. A packet is corrupt when the numbers of its transport packets have a
        gap, as where recordings meet and where packets are lost."""
        self.begins_midway = self.begins_midway or (self._is_empty and not is_key)
        self._is_empty = False
        restarts = self._restarts(time)
        if self._suspect:
            self._judge(meets=is_key or restarts)
        if restarts:
            self.is_joined = True
        if is_corrupt:
            self._suspect = _REACH

    def end(self) -> None:
        """The last packet has been added."""
        self.is_damaged = self.is_damaged or self._suspect > 0

    def _restarts(self, time: Fraction | None) -> bool:
        if time is None:
            return False
        first, last = self._first, self._last
        self._first, self._last = time if first is None else first, time
        if first is None or last is None or -_BACK <= time - last <= _AHEAD:
            return False
        self.restarts_after = self.restarts_after or last - first
        return True

    def _judge(self, *, meets: bool) -> None:
        self._suspect -= 1
        if meets:
            self._suspect, self.is_joined = 0, True
        elif not self._suspect:
            self.is_damaged = True
