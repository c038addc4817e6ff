"""How smooth a camera move is, measured from the finished video.

Corners are followed from frame to frame (pyramidal Lucas-Kanade, forwards and back). A camera on rails moves each of them
along a smooth path; what is left after a smooth path has been taken away is jitter. The figure is the root mean square of
its second difference over all corners and frames, in px/frame²: 0 is perfect, from about 0.3 on the eye sees it tremble.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

CORNERS = 150
DEGREE = 6
"""Of the polynomial per corner and axis that stands for the smooth path; eased moves are well below it."""

MAX_RETURN_ERROR = 0.3
"""Pixels by which a corner may miss its place when followed there and back; a corner that does is dropped."""

Gray = npt.NDArray[np.uint8]
Paths = npt.NDArray[np.float64]
Points = npt.NDArray[np.float32]


def grays_of(video: Path) -> list[Gray]:
    """The luma of every frame, 0-255."""
    with av.open(str(video)) as container:
        return [np.asarray(frame.to_ndarray(format="gray"), np.uint8) for frame in container.decode(video=0)]


def jitter(paths: Paths) -> float:
    """RMS second difference of the tracking error, px/frame²; `paths` as `follow` gives them."""
    error = paths - smooth(paths)
    second = error[2:] - 2 * error[1:-1] + error[:-2]
    return float(np.sqrt(np.mean(np.sum(second**2, axis=2))))


def follow(frames: list[Gray]) -> Paths:
    """Places of the corners that could be followed through all frames, shape (frames, corners, 2).

    Raises ValueError when hardly any could: then the figure would mean nothing.
    """
    points = corners(frames[0])
    alive = np.ones(len(points), bool)
    places = [points]
    for before, after in pairwise(frames):
        moved = _flow(before, after, places[-1])
        back = _flow(after, before, moved)
        alive &= np.linalg.norm(back - places[-1], axis=1) < MAX_RETURN_ERROR
        alive &= _inside(moved, after)
        places.append(moved)
    if alive.sum() < CORNERS // 10:
        raise ValueError(f"only {alive.sum()} corners could be followed")
    return np.stack(places)[:, alive].astype(np.float64)


def corners(frame: Gray) -> Points:
    found = cv2.goodFeaturesToTrack(frame, CORNERS, qualityLevel=0.02, minDistance=12, blockSize=7)
    return np.asarray(found, np.float32).reshape(-1, 2)


def _flow(before: Gray, after: Gray, points: Points) -> Points:
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 50, 1e-4)
    start = points.reshape(-1, 1, 2)
    moved = cv2.calcOpticalFlowPyrLK(
        before, after, start, start.copy(), winSize=(31, 31), maxLevel=2, criteria=criteria
    )
    return np.asarray(moved[0], np.float32).reshape(-1, 2)


def _inside(points: Points, frame: Gray) -> npt.NDArray[np.bool_]:
    margin = 16
    height, width = frame.shape
    return (
        (points[:, 0] > margin)
        & (points[:, 1] > margin)
        & (points[:, 0] < width - margin)
        & (points[:, 1] < height - margin)
    )


def smooth(paths: Paths) -> Paths:
    """The polynomial through each path, least squares."""
    time = np.linspace(-1, 1, len(paths))
    flat = paths.reshape(len(paths), -1)
    coefficients = np.polynomial.chebyshev.chebfit(time, flat, DEGREE)
    return np.asarray(np.polynomial.chebyshev.chebval(time, coefficients), np.float64).T.reshape(paths.shape)
