"""Results of steps as the first version stored them: read, and written again under the same names."""

from __future__ import annotations

from adreel.billing.purchase_json import EndedJob
from adreel.domain.providers import JobStatus, RemoteJob
from adreel.orchestrator.flows.step_results import FoundImage, KeptImage, MadeAsset, TakenClip

ENDED = {
    "id": "job",
    "status": "failed",
    "outputs": [],
    "error": "NSFW",
    "expired": False,
    "compute_seconds": 1.5,
    "waited": 3.25,
}
LOST = {"clip": None, "remote": ENDED, "words": "it failed", "expired": True}


def test_an_ended_job() -> None:
    ended = EndedJob.read(ENDED)
    assert ended == EndedJob(RemoteJob("job", JobStatus.FAILED, error="NSFW", compute_seconds=1.5), 3.25)
    assert ended.to_json() == ENDED


def test_a_taken_clip() -> None:
    assert TakenClip.read({"clip": "one"}) == TakenClip("one")
    assert TakenClip("one").to_json() == {"clip": "one"}


def test_a_clip_that_was_not_taken() -> None:
    lost = TakenClip.read(LOST)
    assert lost == TakenClip(None, EndedJob.read(ENDED), "it failed", expired=True)
    assert lost.to_json() == {**LOST, "refused": False}
    refused = TakenClip(None, EndedJob.read(ENDED), "it failed", refused=True)
    assert TakenClip.read(refused.to_json()) == refused


def test_a_found_image() -> None:
    stored = {"image": None, "attempts": [1, 0]}
    assert FoundImage.read(stored) == FoundImage(None, (1, 0))
    assert FoundImage.read(FoundImage(None, (1, 0)).to_json()) == FoundImage(None, (1, 0))


def test_a_kept_image() -> None:
    for stored in ({"image": "one", "fault": None}, {"image": None, "fault": "it is black"}):
        assert KeptImage.read(stored).to_json() == stored


def test_what_a_child_made() -> None:
    assert MadeAsset.read("clip", {"clip": "one"}) == MadeAsset("clip", "one")
    assert MadeAsset("image", "one").to_json() == {"image": "one"}
