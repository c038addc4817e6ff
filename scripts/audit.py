"""Known vulnerabilities and licences of the packages in uv.lock.

    python scripts/audit.py --uv .tools/uv/uv

Asks an advisory service in the OSV format about every locked package (`uv audit` does the asking), and reads the licences from
the metadata of what is installed; scripts/licences.toml says which are accepted. Exit status: 0 nothing was found; 1 a known
vulnerability, or a licence that is not accepted; 3 licences are fine, but the service could not be asked, or not about every
package: then nothing is known about vulnerabilities.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx

ROOT = Path(__file__).resolve().parent.parent
LICENCES = ROOT / "scripts" / "licences.toml"
SERVICE = "https://api.osv.dev/"
FOUND, NOT_ASKED = 1, 3

Json = dict[str, Any]

_SECONDS = 30
_UV_SECONDS = 300
_VULNERABLE = ("jinja2", "2.4.1")
"""A version with published advisories since 2019: a service that knows none of them answers nothing that counts."""

_YES, _NO = "<accepted>", "<not accepted>"
"""Stand for a part of an expression in brackets."""

_UNKNOWN = ("adreel-no-such-package", "0")


class NotAskedError(Exception):
    """One line that says why nothing is known about vulnerabilities."""


@dataclass(frozen=True)
class Vulnerability:
    """An advisory that names a locked package. `fixed` are versions without it, none when there is none."""

    package: str
    version: str
    id: str
    summary: str
    fixed: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """scripts/licences.toml. `reviewed` are licences that a person has read, `bundled` what a wheel holds besides."""

    accepted: frozenset[str]
    names: Mapping[str, str]
    reviewed: Mapping[str, str]
    bundled: Mapping[str, str]


@dataclass(frozen=True)
class Licence:
    """Of one locked package; `text` is what was found out, None when nothing was."""

    package: str
    version: str
    text: str | None
    is_accepted: bool


def locked_packages(lock: str) -> list[tuple[str, str]]:
    """Names and versions of everything that comes from a registry; some packages are locked in several versions."""
    packages: list[Json] = tomllib.loads(lock)["package"]
    return sorted((each["name"], each["version"]) for each in packages if "registry" in each["source"])


def known_vulnerabilities(uv: str, service: str, count: int) -> list[Vulnerability]:
    """Of all `count` locked packages. Raises NotAskedError unless the service has answered for every one."""
    check_service(service)
    command = [uv, "audit", "--frozen", "--output-format", "json", "--service-url", service]
    try:
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_UV_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotAskedError(f"uv audit did not end: {error}") from error
    if ran.returncode not in (0, 1):
        raise NotAskedError(f"{service} gave no usable answer: {_last_words(ran.stderr)}")
    return read_report(ran.stdout, count)


def check_service(service: str) -> None:
    """Asks about a version that is known to be vulnerable. Raises NotAskedError when the answer does not say so."""
    queries = [
        {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
        for name, version in (_VULNERABLE, _UNKNOWN)
    ]
    try:
        url = httpx.URL(service).join("v1/querybatch")
        answer = httpx.post(url, json={"queries": queries}, timeout=_SECONDS, follow_redirects=False)
        answer.raise_for_status()
        results: object = answer.json()["results"]
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotAskedError(f"{service} cannot be reached: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise NotAskedError(f"{service} is not an advisory service: its answer cannot be read") from error
    if not _tells(results, len(queries)):
        raise NotAskedError(f"{service} knows no advisory of {' '.join(_VULNERABLE)}, which has some: it is of no use")


def _tells(results: object, count: int) -> bool:
    if not isinstance(results, list) or len(cast("list[object]", results)) != count:
        return False
    first, other = cast("list[object]", results)
    return isinstance(first, dict) and bool(first.get("vulns")) and isinstance(other, dict) and not other.get("vulns")


def read_report(text: str, count: int) -> list[Vulnerability]:
    """uv's report. Raises NotAskedError when it is not one, or says less than all."""
    try:
        report: Json = json.loads(text)
        audited = report["summary"]["audited_packages"]
        found = [_vulnerability(each) for each in report["vulnerabilities"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotAskedError(f"the report of uv audit cannot be read: {error!r}") from error
    if not isinstance(audited, int) or audited < count:
        raise NotAskedError(f"only {audited} of {count} locked packages were asked about")
    return found


def _vulnerability(entry: Json) -> Vulnerability:
    package = entry["dependency"]
    aliases = " ".join([entry["display_id"], *entry["aliases"]])
    return Vulnerability(
        package["name"], package["version"], aliases, entry["summary"] or "", tuple(entry["fix_versions"] or ())
    )


def read_policy(text: str) -> Policy:
    """Raises KeyError for a part that is missing."""
    table = tomllib.loads(text)
    reviewed = {name: entry["licence"] for name, entry in table["reviewed"].items()}
    return Policy(frozenset(table["accepted"]), table["names"], reviewed, table["bundled"])


def licences(packages: Sequence[tuple[str, str]], policy: Policy, metadata: Callable[[str], Any]) -> list[Licence]:
    """`metadata` gives a package's, and raises PackageNotFoundError for one that is not installed."""
    return [_licence(name, version, policy, metadata) for name, version in packages]


def _licence(name: str, version: str, policy: Policy, metadata: Callable[[str], Any]) -> Licence:
    text = policy.reviewed.get(name)
    if text is None:
        try:
            text = stated_licence(metadata(name), policy.names)
        except importlib.metadata.PackageNotFoundError:
            text = None
    return Licence(name, version, text, text is not None and is_accepted(text, policy.accepted))


def stated_licence(metadata: Any, names: Mapping[str, str]) -> str | None:  # noqa: ANN401 (a message with headers)
    """An SPDX expression from a package's metadata; None when it states no licence. What has no SPDX name stays as it is."""
    expression: str | None = metadata.get("License-Expression")
    if expression:
        return expression
    line = next((part.strip() for part in (metadata.get("License") or "").splitlines() if part.strip()), "")
    if line and (line in names or re.fullmatch(r"[A-Za-z0-9.+-]+( (OR|AND) [A-Za-z0-9.+-]+)*", line)):
        return names.get(line, line)
    stated = [value.split(" :: ")[-1] for value in metadata.get_all("Classifier", []) if value.startswith("License ::")]
    known = [value for value in stated if value not in ("OSI Approved", "DFSG approved")]
    return " AND ".join(names.get(value, value) for value in known) or line or None


def is_accepted(expression: str, accepted: frozenset[str]) -> bool:
    """Of alternatives one must be accepted, of what applies together all. An exception to a licence only permits more."""
    text = re.sub(r"\s+WITH\s+\S+", "", expression).strip()
    while inner := re.search(r"\(([^()]*)\)", text):
        value = is_accepted(inner[1], accepted)
        text = text.replace(inner[0], _YES if value else _NO)
    known = accepted | {_YES}
    return any(all(part.strip() in known for part in either.split(" AND ")) for either in text.split(" OR "))


def main() -> int:
    parser = argparse.ArgumentParser(prog="make audit", description=__doc__)
    parser.add_argument("--uv", default=str(ROOT / ".tools" / "uv" / "uv"), help="the uv that is to ask")
    parser.add_argument("--service-url", default=SERVICE, help="an advisory service in the OSV format")
    given = parser.parse_args()
    packages = locked_packages((ROOT / "uv.lock").read_text(encoding="utf-8"))
    bad_licences = show_licences(packages)
    try:
        found = known_vulnerabilities(given.uv, given.service_url, len(packages))
    except NotAskedError as error:
        print(f"vulnerabilities: NOT CHECKED: {error}. Nothing is known; run it where the service can be reached.")
        return FOUND if bad_licences else NOT_ASKED
    for each in found:
        fixed = f"fixed in {', '.join(each.fixed)}" if each.fixed else "no version without it"
        print(f"vulnerability: {each.package} {each.version}: {each.id} {each.summary} ({fixed})")
    print(f"vulnerabilities: {len(found) or 'none'} known of {len(packages)} locked packages, says {given.service_url}")
    return FOUND if found or bad_licences else 0


def show_licences(packages: Sequence[tuple[str, str]]) -> bool:
    """Prints them; whether one is not accepted."""
    policy = read_policy(LICENCES.read_text(encoding="utf-8"))
    found = licences(packages, policy, importlib.metadata.metadata)
    width = max(len(each.package) for each in found)
    for each in found:
        text = each.text or "unknown: not installed, or its metadata says nothing"
        print(f"{'  ' if each.is_accepted else '! '}{each.package:{width}}  {each.version:12}  {text}")
    for name, what in policy.bundled.items():
        print(f"  {name} brings along: {what}")
    bad = [each.package for each in found if not each.is_accepted]
    print(f"licences: {len(found) - len(bad)} of {len(found)} accepted" + (f"; NOT: {', '.join(bad)}" if bad else ""))
    return bool(bad)


def _last_words(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("warning:")]
    return "; ".join(lines) or "it does not say why"


if __name__ == "__main__":
    sys.exit(main())
