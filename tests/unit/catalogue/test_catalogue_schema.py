from __future__ import annotations

from typing import Any

import pytest

from adreel.catalogue.loader import load_catalogue
from adreel.catalogue.schema import check_schema, used_fields
from adreel.domain.errors import RefusedError

KLING = load_catalogue().videos["kling-v2.5-turbo-pro"]


def live(**changes: Any) -> dict[str, Any]:
    """Kling's document, with fields changed, or taken away by None."""
    fields: dict[str, Any] = {
        "start_image": {"type": "string", "format": "uri"},
        "prompt": {"type": "string"},
        "duration": {"allOf": [{"$ref": "#/components/schemas/duration"}], "default": 5},
        **changes,
    }
    properties = {name: field for name, field in fields.items() if field is not None}
    inner = {"type": "object", "required": ["prompt"], "properties": properties}
    return {"components": {"schemas": {"Input": inner, "duration": {"type": "integer", "enum": [5, 10]}}}}


def test_a_model_that_is_as_the_catalogue_says_passes() -> None:
    check_schema(KLING, live())


def test_the_input_schema_alone_is_enough() -> None:
    check_schema(KLING, live(duration={"type": "integer"})["components"]["schemas"]["Input"])


def test_a_field_that_is_gone_is_named() -> None:
    with pytest.raises(
        RefusedError, match=r"kling-v2\.5-turbo-pro.*no input field 'start_image'.*duration, image, prompt"
    ):
        check_schema(KLING, live(start_image=None, image={}))


def test_a_value_that_is_no_longer_taken_is_named() -> None:
    with pytest.raises(RefusedError, match=r"'duration'.*no longer takes 10; it takes 5, 8"):
        check_schema(KLING, live(duration={"enum": [5, 8]}))


def test_a_field_that_is_newly_needed_is_named() -> None:
    document = live(style={"type": "string"})
    document["components"]["schemas"]["Input"]["required"].append("style")
    with pytest.raises(RefusedError, match="now needs the input field 'style'"):
        check_schema(KLING, document)


def test_a_document_without_inputs_is_refused() -> None:
    with pytest.raises(RefusedError, match="tells no input fields"):
        check_schema(KLING, {})


def test_every_field_that_may_be_sent_is_known() -> None:
    used = used_fields(load_catalogue().videos["stable-video-diffusion"])
    assert set(used) == {
        "input_image",
        "seed",
        "motion_bucket_id",
        "video_length",
        "frames_per_second",
        "cond_aug",
        "decoding_t",
        "sizing_strategy",
    }
