"""Everything that the stand-in knows and remembers."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from adreel.testing.replicate.answers import answer_to, no_plan
from adreel.testing.replicate.clock import Clock
from adreel.testing.replicate.faults import Call, Faults
from adreel.testing.replicate.journal import Journal
from adreel.testing.replicate.models import ModelCard, known_models, model_card
from adreel.testing.replicate.outputs import Look, look_of, output_of
from adreel.testing.replicate.predictions import Prediction, charge, stage, view

Json = dict[str, Any]

FILE_SECONDS = 24 * 3600.0
"""Uploaded files are removed this long after they came."""

_NEVER = 1e9
_ANY = [[200, 60, 60], [60, 60, 200]]
_SMALL_TEXT = 200


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the stand-in is reached: the API (with its version) and the host of its outputs, apart from each other."""

    api: str
    outputs: str


@dataclass(slots=True)
class Rules:
    """What can be set while it runs. Times in the stand-in's seconds; `tokens` None accepts any.

    `burst` is how many orders may come at once; None for a whole minute's. `alike`: all films are one and the same file, for
    measuring the code around them. `list_lag`: predictions younger than so many seconds are not in the list yet.
    `log_steps`: the steps that the logs of new clips and images count; 0 for models that write none. `plans`: language models
    answer with plausible plans where they are asked for plans; else, without `texts`, with a text that is no plan.
    """

    starting: float = 0.05
    processing: float = 0.2
    creates_per_minute: int = 600
    others_per_minute: int = 3000
    burst: int | None = None
    page_size: int = 100
    tokens: list[str] | None = None
    texts: list[str] = field(default_factory=list[str])
    alike: bool = False
    list_lag: float = 0.0
    log_steps: int = 25
    plans: bool = True


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent for use as an input."""

    id: str
    name: str
    content_type: str
    content: bytes
    created_at: float


@dataclass(frozen=True, slots=True)
class PredictionRequest:
    """An order as it came in."""

    card: ModelCard
    input: Json
    webhook: str | None
    webhook_events: list[str] | None
    cancel_after: float | None


class World:
    """The state of one stand-in. One thread uses it."""

    def __init__(self, addresses: Addresses, seed: int, journal: Journal, clock: Clock, rules: Rules) -> None:
        self.addresses = addresses
        self.clock = clock
        self.rules = rules
        self.faults = Faults()
        self.models = known_models()
        self.predictions: dict[str, Prediction] = {}
        self.uploads: dict[str, Upload] = {}
        self.requests: list[Json] = []
        self.deliveries: list[Json] = []
        self.delivered: set[str] = set()
        self.webhook_secret = "whsec_" + base64.b64encode(hashlib.sha256(f"webhooks {seed}".encode()).digest()).decode()
        self.resets = 0
        self._seed = seed
        self._journal = journal
        self._count = 0
        self._restore()

    def make_id(self) -> str:
        """26 letters and digits; the same seed and order give the same ids."""
        self._count += 1
        digest = hashlib.sha256(f"{self._seed} {self._count}".encode()).digest()
        return base64.b32encode(digest).decode().lower()[:26]

    def card_of_version(self, version: str) -> ModelCard | None:
        """The model of a version's hash, of owner/name:hash, or of owner/name where that is enough."""
        name, _, number = version.rpartition(":")
        for card in self.models.values():
            if number == card.version and name in ("", card.name):
                return card
        named = self.models.get(version)
        return None if named is None or named.community else named

    def learn(self, name: str, table: Json) -> None:
        """Adds or replaces a model."""
        self.models[name] = model_card(name, table)

    def accept(self, request: PredictionRequest) -> Prediction:
        """Takes an order on: from now on it is on the bill."""
        now = self.clock.now()
        alike = self.rules.alike and request.card.makes == "video"
        look = Look(_ANY, [320, 180]) if alike else look_of(request.input, self.uploaded, request.card)
        starts = now + self.rules.starting
        prediction = Prediction(
            id=self.make_id(),
            model=request.card.name,
            version=request.card.version,
            input=request.input,
            price=str(request.card.price(request.input)),
            makes=request.card.makes,
            created_at=now,
            starts_at=starts,
            ends_at=starts + self.rules.processing,
            colours=look.colours,
            size=look.size,
            outcome="failed" if look.error else "succeeded",
            error=look.error,
            text=self._answer(request.input) if request.card.makes == "text" else "",
            webhook=request.webhook,
            cancel_after=request.cancel_after,
            log_steps=0 if request.card.makes == "text" else self.rules.log_steps,
        )
        if request.webhook_events is not None:
            prediction.webhook_events = request.webhook_events
        self._doom(prediction)
        self.predictions[prediction.id] = prediction
        self._journal.append("created", prediction=prediction.stored())
        return prediction

    def _doom(self, prediction: Prediction) -> None:
        """Faults of the prediction itself."""
        call = Call("create", prediction.model, prediction.seed)
        failed = self.faults.take(call, "failed")
        if failed is not None:
            prediction.outcome, prediction.error = "failed", failed.text
        if self.faults.take(call, "aborted"):
            prediction.outcome = "aborted"
        if self.faults.take(call, "stuck"):
            prediction.ends_at += _NEVER
        for mark in ("expired", "data_uri", "processing_with_output"):
            # A text grows while it is made: that it is there says nothing.
            if (mark == "expired" or prediction.makes != "text") and self.faults.take(call, mark):
                prediction.marks.append(mark)

    def _answer(self, given: Json) -> str:
        if self.rules.texts:
            return self.rules.texts.pop(0)
        return answer_to(given) if self.rules.plans else no_plan(given)

    def cancel(self, prediction: Prediction) -> None:
        """One that has ended stays as it is."""
        now = self.clock.now()
        if prediction.canceled_at is None and stage(prediction, now).completed_at is None:
            prediction.canceled_at = now
            self._journal.append("canceled", id=prediction.id, at=now)

    def view(self, prediction: Prediction) -> Json:
        """The prediction as the API shows it now."""
        output = output_of(prediction, self.addresses.outputs) if self.is_done(prediction) else None
        return view(prediction, self.clock.now(), self.addresses.api, output, self.clock.skew)

    def is_done(self, prediction: Prediction) -> bool:
        return stage(prediction, self.clock.now()).status == "succeeded"

    def upload(self, name: str, content_type: str, content: bytes) -> Upload:
        upload = Upload(self.make_id(), name, content_type, content, self.clock.now())
        self.uploads[upload.id] = upload
        self._journal.keep_file(upload.id, content)
        facts = {"name": name, "content_type": content_type, "created_at": upload.created_at}
        self._journal.append("uploaded", id=upload.id, **facts)
        return upload

    def find_upload(self, upload_id: str) -> Upload | None:
        """None once it has been removed."""
        upload = self.uploads.get(upload_id)
        return upload if upload and self.clock.now() < upload.created_at + FILE_SECONDS else None

    def remove_upload(self, upload_id: str) -> None:
        del self.uploads[upload_id]
        self._journal.append("upload_removed", id=upload_id)

    def uploaded(self, url: str) -> bytes | None:
        """The content behind the address of an upload; None for an address elsewhere. Raises ValueError when it is gone."""
        start = f"{self.addresses.api}/files/"
        if not url.startswith(start):
            return None
        upload = self.find_upload(url.removeprefix(start))
        if upload is None:
            raise ValueError(f"{url} is not there")
        return upload.content

    def note_delivery(self, key: str) -> None:
        """This event was sent to its webhook."""
        self.delivered.add(key)
        self._journal.append("delivered", key=key)

    def change_clock(self, speed: float | None, advance: float, skew: float | None = None) -> None:
        self.clock.change(speed, advance, skew)
        self._journal.append("clock", state=self.clock.state())

    def bill(self, prediction: Prediction) -> Json:
        """One line of the bill."""
        now = self.clock.now()
        return {
            "id": prediction.id,
            "model": prediction.model,
            "input": {name: _short(value) for name, value in prediction.input.items()},
            "seed": prediction.seed,
            "price": prediction.price,
            "charged": charge(prediction, now),
            "status": stage(prediction, now).status,
            "colours": prediction.colours,
        }

    def reset(self) -> None:
        """Back to the beginning; only ids go on counting."""
        self.resets += 1
        self.clock.restart()
        self.rules = Rules()
        self.faults.clear()
        self.models = known_models()
        for kept in (self.predictions, self.uploads, self.requests, self.deliveries, self.delivered):
            kept.clear()
        self._journal.append("reset", count=self._count, state=self.clock.state())

    def _restore(self) -> None:
        for event in self._journal.events():
            match event["event"]:
                case "created":
                    prediction = Prediction(**event["prediction"])
                    self.predictions[prediction.id] = prediction
                    self._count += 1
                case "canceled":
                    self.predictions[event["id"]].canceled_at = event["at"]
                case "uploaded":
                    self._restore_upload(event)
                case "upload_removed":
                    self.uploads.pop(event["id"], None)
                case "delivered":
                    self.delivered.add(event["key"])
                case "reset":
                    self.clock.restore(event["state"])
                    self._forget(event["count"])
                case _:
                    self.clock.restore(event["state"])

    def _forget(self, count: int) -> None:
        self._count = count
        for kept in (self.predictions, self.uploads, self.delivered):
            kept.clear()

    def _restore_upload(self, event: Json) -> None:
        content = self._journal.kept_file(event["id"])
        upload = Upload(event["id"], event["name"], event["content_type"], content, event["created_at"])
        self.uploads[upload.id] = upload
        self._count += 1


def _short(value: object) -> object:
    """Long texts, as images in data: URIs, are named by their hash."""
    if isinstance(value, str) and len(value) > _SMALL_TEXT:
        return f"{value[:40]}… sha256:{hashlib.sha256(value.encode()).hexdigest()}"
    return value
