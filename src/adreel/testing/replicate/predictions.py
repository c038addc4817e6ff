"""A prediction: what was ordered, and what it looks like at a moment in time."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from adreel.testing.replicate.clock import iso

Json = dict[str, Any]

KEPT_SECONDS = 3600.0
"""Inputs and outputs are removed this long after a prediction has ended."""


@dataclass(slots=True)
class Prediction:
    """An accepted order. Times are in the stand-in's seconds; what changes later is only `canceled_at`.

    `outcome` is what it ends as; `marks` are its faults. `text` is a language model's answer. `log_steps`
    are the steps that its log counts; without any it writes none.
    """

    id: str
    model: str
    version: str
    input: Json
    price: str
    makes: str
    created_at: float
    starts_at: float
    ends_at: float
    colours: list[list[int]]
    size: list[int]
    outcome: str = "succeeded"
    error: str | None = None
    text: str = ""
    webhook: str | None = None
    webhook_events: list[str] = field(default_factory=lambda: ["start", "output", "logs", "completed"])
    cancel_after: float | None = None
    canceled_at: float | None = None
    marks: list[str] = field(default_factory=list[str])
    log_steps: int = 0

    @property
    def seed(self) -> int | None:
        return self.input.get("seed")

    def stored(self) -> Json:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Stage:
    """How far a prediction is at a moment."""

    status: str
    started_at: float | None
    completed_at: float | None


def stage(prediction: Prediction, now: float) -> Stage:
    """The stage at `now`: it follows from the order's times alone."""
    stop = _stop(prediction)
    if stop is not None and stop[0] <= now:
        started = prediction.starts_at if prediction.starts_at < stop[0] else None
        return Stage(stop[1], started, stop[0])
    if now < prediction.starts_at:
        return Stage("starting", None, None)
    if prediction.outcome == "aborted":
        return Stage("aborted", None, prediction.starts_at)
    if now < prediction.ends_at:
        return Stage("processing", prediction.starts_at, None)
    return Stage(prediction.outcome, prediction.starts_at, prediction.ends_at)


def _stop(prediction: Prediction) -> tuple[float, str] | None:
    """When a cancellation or the time limit ends it before its own end, and as what."""
    end = prediction.starts_at if prediction.outcome == "aborted" else prediction.ends_at
    stops: list[tuple[float, str]] = []
    if prediction.canceled_at is not None:
        stops.append((prediction.canceled_at, "canceled"))
    if prediction.cancel_after is not None:
        deadline = prediction.created_at + prediction.cancel_after
        stops.append((deadline, "aborted" if deadline <= prediction.starts_at else "canceled"))
    early = [stop for stop in stops if stop[0] < end]
    return min(early) if early else None


def is_removed(prediction: Prediction, now: float) -> bool:
    """True once the files are gone."""
    completed = stage(prediction, now).completed_at
    if completed is None:
        return False
    return "expired" in prediction.marks or now >= completed + KEPT_SECONDS


def charge(prediction: Prediction, now: float) -> str:
    """What it has cost, in US dollars: nothing when it was aborted before it began."""
    return "0" if stage(prediction, now).status == "aborted" else prediction.price


def view(prediction: Prediction, now: float, base: str, output: object, skew: float = 0.0) -> Json:
    """The API's answer. `base` is the API's address, `output` what the prediction has made; `skew` is added to times."""
    at = stage(prediction, now)
    removed = is_removed(prediction, now)
    done = at.status == "succeeded"
    quirk = done and "processing_with_output" in prediction.marks
    return {
        "id": prediction.id,
        "model": prediction.model,
        "version": prediction.version,
        "input": {} if removed else prediction.input,
        "logs": "" if removed else logs(prediction, now),
        "output": output if done and not removed else None,
        "error": prediction.error if at.status == "failed" else None,
        "status": "processing" if quirk else at.status,
        "data_removed": removed,
        "created_at": iso(prediction.created_at + skew),
        "started_at": iso(at.started_at + skew) if at.started_at else None,
        "completed_at": iso(at.completed_at + skew) if at.completed_at and not quirk else None,
        "metrics": _metrics(prediction, at),
        "urls": {
            "get": f"{base}/predictions/{prediction.id}",
            "cancel": f"{base}/predictions/{prediction.id}/cancel",
            "web": f"{base}/web/{prediction.id}",
            **({"stream": f"{base}/stream/{prediction.id}"} if prediction.makes == "text" else {}),
        },
    }


def logs(prediction: Prediction, now: float) -> str:
    """What the model has written: its seed, and a progress bar whenever another step is done, as diffusion models do."""
    at = stage(prediction, now)
    if at.started_at is None or not prediction.log_steps:
        return ""
    done = min(1.0, ((at.completed_at or now) - at.started_at) / max(prediction.ends_at - prediction.starts_at, 1e-9))
    steps = range(int(done * prediction.log_steps) + 1)
    first = [] if prediction.seed is None else [f"Using seed: {prediction.seed}"]
    return "\n".join([*first, *(_bar(step, prediction) for step in steps)])


def _bar(step: int, prediction: Prediction) -> str:
    """As tqdm draws it, with the seconds so far and those left."""
    steps, width = prediction.log_steps, 10
    each = (prediction.ends_at - prediction.starts_at) / steps
    drawn = "█" * (width * step // steps)
    times = f"{_clock(each * step)}<{_clock(each * (steps - step))}"
    return f"{100 * step // steps:3d}%|{drawn:<{width}}| {step}/{steps} [{times}]"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def _metrics(prediction: Prediction, at: Stage) -> Json:
    if at.completed_at is None:
        return {}
    run = at.completed_at - at.started_at if at.started_at else 0.0
    return {"predict_time": round(run, 6), "total_time": round(at.completed_at - prediction.created_at, 6)}
