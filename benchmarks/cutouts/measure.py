"""Whether the engine shows a photo's cut-out, and whether it should: its mask against the truth."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from adreel.domain.films.scene import Mood
from adreel.providers.local.photo.cutouts import shown_mask
from adreel.providers.local.photo.matte import Matter
from adreel.providers.local.photo.route import PLAIN, Route, choose_route
from adreel.providers.local.photo.study import evidence_of
from benchmarks.cutouts.photo_set import U8, MadePhoto

VISIBLE = 0.005
"""Largest part of a subject, in pieces at least three pixels thick at 840 pixels, that may be missing or too much."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`possible`: the ground is plain, so that a cut-out is considered; `shown`: it is used on a set of another colour; `missing`
    and `extra`: what its mask lacks and what it has too much, as fractions of the subject; `seconds`: CPU time of the proof."""

    name: str
    possible: bool
    shown: bool
    missing: float
    extra: float
    seconds: float

    @property
    def good(self) -> bool:
        return max(self.missing, self.extra) <= VISIBLE


def judge(photo: MadePhoto, matter: Matter) -> Verdict:
    """Studies a photo of the set as the engine does, for a dark set, which needs a free cut-out."""
    evidence = evidence_of(photo.rgb, matter)
    measures = evidence.measures
    asked = choose_route(measures, Mood.LUXURY) is Route.RESTAGE
    start = time.process_time()
    shown = shown_mask(evidence)
    seconds = time.process_time() - start
    mask = evidence.matte.alpha if shown is None else shown
    missing, extra = _errors(mask, cast("U8", photo.truth))
    return Verdict(photo.name, measures.plainness > PLAIN, asked and shown is not None, missing, extra, seconds)


def _errors(mask: U8, truth: U8) -> tuple[float, float]:
    ours, true, thick = mask > 127, truth > 127, np.ones((3, 3), np.uint8)
    area = max(int(true.sum()), 1)
    wrong = (true & ~ours, ours & ~true)
    missing, extra = (float(np.asarray(cv2.erode(part.astype(np.uint8), thick)).sum()) / area for part in wrong)
    return missing, extra
