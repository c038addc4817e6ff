"""What remedies an error at the command line and in the log of the service."""

from __future__ import annotations

import pytest

from adreel.bootstrap.remedies import SETTINGS, with_settings
from adreel.bootstrap.settings import Settings
from adreel.cli.remedies import OPTIONS, described
from adreel.db.engine import async_url
from adreel.domain.errors import InputError, SetupError
from adreel.domain.remedy import Remedy
from adreel.routers.common.problems import REQUESTS


def test_every_remedy_is_named_by_a_door_and_every_setting_exists() -> None:
    assert set(SETTINGS) | set(OPTIONS) | set(REQUESTS) == set(Remedy)
    assert {field for fields in SETTINGS.values() for field in fields} <= set(Settings.model_fields)


def test_an_error_names_its_settings() -> None:
    with pytest.raises(SetupError) as caught:
        async_url("mysql://host/name")
    assert "ADREEL" not in str(caught.value)
    assert with_settings(caught.value).endswith("adreel uses postgresql or sqlite (ADREEL_DATABASE_URL)")
    assert described(caught.value) == with_settings(caught.value)


def test_the_command_line_names_its_options_and_commands() -> None:
    assert described(InputError("give a prompt").with_remedy(Remedy.PROMPT)) == "give a prompt (--prompt)"
    assert described(SetupError("go back").with_remedy(Remedy.OLDER_DATABASE)) == "go back (adreel db downgrade)"
    assert described(InputError("choose another photo")) == "choose another photo"
    # A request of the API is none of the command line's business.
    assert described(InputError("upload photos").with_remedy(Remedy.UPLOADED_IMAGES)) == "upload photos"
