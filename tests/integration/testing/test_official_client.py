"""Replicate's own Python client against the stand-in: what adreel is tested with speaks the real protocol."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from support.replicate import StandIn

if TYPE_CHECKING:
    from pathlib import Path

    from replicate.client import Client

if sys.version_info >= (3, 14):
    pytest.skip("the client does not load on Python 3.14", allow_module_level=True)

SEEDANCE = "bytedance/seedance-1-pro-fast"
FLUX = "black-forest-labs/flux-1.1-pro"
LLAMA = "meta/meta-llama-3-70b-instruct"
SDXL = "stability-ai/sdxl:7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc"
FILM = {"prompt": "a bottle", "duration": 2, "seed": 7}


@pytest.fixture
def official(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> Client:
    """It brings the version of its paths itself; a proxy of the environment cannot reach this machine."""
    from replicate.client import Client

    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return Client(api_token="any", base_url=stand_in.address, timeout=httpx.Timeout(30))  # noqa: S106


def test_run_gives_a_file_that_can_be_read(official: Client, stand_in: StandIn) -> None:
    """The client makes file objects of https and data: addresses only; the stand-in has no https."""
    stand_in.fault("data_uri")
    output: Any = official.run(FLUX, input={"prompt": "a mug", "output_format": "png"})
    assert output.read().startswith(b"\x89PNG")
    assert stand_in.billing()["count"] == 1


def test_run_of_a_community_model_by_its_version_gives_a_list(official: Client, stand_in: StandIn) -> None:
    outputs: Any = official.run(SDXL, input={"prompt": "a mug", "num_outputs": 2})
    assert [url.startswith(stand_in.outputs) for url in outputs] == [True, True]
    assert httpx.get(outputs[1], trust_env=False).content.startswith(b"\x89PNG")


async def test_async_run_waits_too(official: Client, stand_in: StandIn) -> None:
    output: Any = await official.async_run(SEEDANCE, input=FILM)
    async with httpx.AsyncClient(trust_env=False) as http:
        assert b"ftyp" in (await http.get(output)).content[:16]
    assert stand_in.billing()["entries"][0]["seed"] == 7


def test_create_wait_and_reload(official: Client, stand_in: StandIn) -> None:
    stand_in.rules(processing=0.5)
    made = official.models.predictions.create(SEEDANCE, input=FILM)
    assert made.status in ("starting", "processing")
    made.wait()
    assert made.status == "succeeded"
    assert made.metrics is not None
    assert official.predictions.get(made.id).output == made.output
    assert [each.id for each in official.predictions.list().results] == [made.id]


def test_create_by_version_name_and_wait_within_the_call(official: Client) -> None:
    made = official.predictions.create(version=SEEDANCE, input=FILM, wait=30)
    assert made.status == "succeeded"


def test_cancel(official: Client, stand_in: StandIn) -> None:
    stand_in.fault("stuck")
    made = official.models.predictions.create(SEEDANCE, input=FILM)
    made.cancel()
    made.reload()
    assert made.status == "canceled"


def test_a_failure_is_reported_in_the_models_words(official: Client, stand_in: StandIn) -> None:
    from replicate.exceptions import ModelError

    stand_in.fault("failed")
    with pytest.raises(ModelError, match="NSFW"):
        official.run(SEEDANCE, input=FILM)


def test_stream_gives_the_words_one_after_the_other(official: Client, stand_in: StandIn) -> None:
    stand_in.rules(texts=["Slow coffee,\nearly light."])
    pieces = [str(event) for event in official.stream(LLAMA, input={"prompt": "words"})]
    assert "".join(pieces).startswith("Slow coffee,\nearly light.")
    assert len(pieces) > 2
    assert "".join(official.run(LLAMA, input={"prompt": "again"})).startswith("This is the stand-in")  # type: ignore[arg-type]


def test_files_are_sent_listed_and_removed(official: Client, tmp_path: Path) -> None:
    path = tmp_path / "photo.txt"
    path.write_bytes(b"bytes")
    sent = official.files.create(path)
    assert sent.size == 5
    assert [each.id for each in official.files.list()] == [sent.id]  # type: ignore[attr-defined]
    assert official.files.get(sent.id).urls["get"] == sent.urls["get"]
    official.files.delete(sent.id)
    assert list(official.files.list()) == []  # type: ignore[call-overload]


def test_models_and_the_webhook_secret(official: Client, stand_in: StandIn) -> None:
    model = official.models.get(SEEDANCE)
    assert model.latest_version is not None
    inputs = model.latest_version.openapi_schema["components"]["schemas"]["Input"]["properties"]
    assert {"image", "prompt", "duration"} <= set(inputs)
    assert official.webhooks.default.secret().key == stand_in.webhook_secret


def test_a_webhook_passes_the_clients_own_check(official: Client, stand_in: StandIn) -> None:
    """Signed as the client expects it, by the stand-in's own words."""
    from replicate.webhook import Webhooks, WebhookSigningSecret

    from adreel.testing.replicate.webhooks import sign

    body = '{"id": "x"}'
    headers = {"webhook-id": "msg_1", "webhook-timestamp": "1700000000"}
    headers["webhook-signature"] = sign(stand_in.webhook_secret, "msg_1", "1700000000", body.encode())
    Webhooks.validate(headers=headers, body=body, secret=WebhookSigningSecret(key=stand_in.webhook_secret))
