from __future__ import annotations

from typing import Any

import pytest

from adreel.catalogue.loader import load_catalogue
from adreel.catalogue.schema import check_schema, used_fields
from adreel.domain.errors import RefusedError

KLING = load_catalogue().videos["kling-v2.5-turbo-pro"]


def live(**changes: Any) -> dict[str, Any]:
    """Kling's document with fields changed; None removes a field."""
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
    with pytest.raises(RefusedError, match=r"'duration'.*no longer takes 10.* it takes 5, 8"):
        check_schema(KLING, live(duration={"enum": [5, 8]}))


def test_a_field_that_is_newly_needed_is_named() -> None:
    document = live(style={"type": "string"})
    document["components"]["schemas"]["Input"]["required"].append("style")
    with pytest.raises(RefusedError, match="now needs the input field 'style'"):
        check_schema(KLING, document)


@pytest.mark.parametrize("field", ["last_image", "image"])
def test_a_field_that_only_some_orders_have_must_not_become_needed(field: str) -> None:
    """The end frame is optional; the image is not."""
    model = load_catalogue().videos["wan-2.2-i2v-fast"]
    properties: dict[str, Any] = {name: {} for name in used_fields(model)}
    inner = {"properties": properties, "required": [field]}
    if field == "image":
        check_schema(model, inner)
    else:
        with pytest.raises(RefusedError, match="now needs the input field 'last_image', so nothing was bought"):
            check_schema(model, inner)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "integer", "minimum": 6},
        {"type": "integer", "maximum": 9},
        {"$ref": "#/components/schemas/duration"},
        {"anyOf": [{"type": "null"}, {"enum": [5]}]},
    ],
)
def test_values_that_are_out_of_range_or_of_another_type_are_named(schema: dict[str, Any]) -> None:
    document = live(duration=schema)
    document["components"]["schemas"]["duration"] = {"type": "integer", "enum": [5, 8]}
    with pytest.raises(RefusedError, match=r"'duration' of kwaivgi/kling-v2\.5-turbo-pro no longer takes"):
        check_schema(KLING, document)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minimum": 5, "maximum": 10},
        {"type": "number"},
        {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        {"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/duration"}]},
        {"default": 5},
    ],
)
def test_schemas_that_take_what_is_sent_pass(schema: dict[str, Any]) -> None:
    check_schema(KLING, live(duration=schema))


def test_a_rate_out_of_range_is_named() -> None:
    model = load_catalogue().videos["stable-video-diffusion"]
    properties: dict[str, Any] = {name: {} for name in used_fields(model)}
    properties["frames_per_second"] = {"type": "integer", "minimum": 6, "maximum": 30}
    with pytest.raises(RefusedError, match=r"'frames_per_second'.*no longer takes 5.*minimum 6, maximum 30"):
        check_schema(model, {"properties": properties})


def test_a_document_without_inputs_is_refused() -> None:
    with pytest.raises(RefusedError, match="reports no input fields"):
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
