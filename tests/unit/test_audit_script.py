"""``make audit``: what it says when the advisory service answers, answers nonsense, or is not there; and which licences pass."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import shutil
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "audit.py"
ADVISORY = {
    "id": "GHSA-aaaa-bbbb-cccc",
    "modified": "2026-01-01T00:00:00Z",
    "summary": "Templates run what they should not",
    "aliases": ["CVE-2026-0001"],
    "affected": [
        {
            "package": {"name": "jinja2", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}],
        }
    ],
}
Json = dict[str, Any]


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("adreel_audit_script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


audit = _load()
PACKAGES = audit.locked_packages((ROOT / "uv.lock").read_text(encoding="utf-8"))


def find_uv() -> str:
    found = ROOT / ".tools" / "uv" / "uv"
    uv = str(found) if found.exists() else shutil.which("uv")
    assert uv, "make test sets uv up"
    return uv


def answer_to(mode: str, queries: list[Json]) -> tuple[int, bytes]:
    """`mode` is findings, none, html, empty, short, blind, or broken: the last two are right about one of two questions only."""
    is_first = len(queries) == 2
    if mode == "html":
        return 200, b"<html>Log in to the hotel</html>"
    if mode == "broken" and not is_first:
        return 500, b"{}"
    if mode == "empty" or (mode == "short" and not is_first):
        return 200, b'{"results": "all fine"}'
    vulnerable = {"jinja2"} if mode == "findings" or (is_first and mode != "blind") else set[str]()
    short = [{"id": ADVISORY["id"], "modified": ADVISORY["modified"]}]
    results = [{"vulns": short} if query["package"]["name"] in vulnerable else {} for query in queries]
    return 200, json.dumps({"results": results}).encode()


@contextmanager
def service(mode: str) -> Generator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            given = json.loads(self.rfile.read(int(self.headers["content-length"])))
            self._send(*answer_to(mode, given["queries"]))

        def do_GET(self) -> None:
            self._send(200, json.dumps(ADVISORY).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name that it has)
            pass

        def _send(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def run(monkeypatch: pytest.MonkeyPatch, url: str) -> int:
    monkeypatch.setattr(sys, "argv", ["audit.py", "--uv", find_uv(), "--service-url", url])
    return audit.main()


def test_a_known_vulnerability_fails_and_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with service("findings") as url:
        assert run(monkeypatch, url) == 1
    said = capsys.readouterr().out
    assert "vulnerability: jinja2 3." in said
    assert "CVE-2026-0001 Templates run what they should not (fixed in 99.0)" in said
    assert f"vulnerabilities: 1 known of {len(PACKAGES)} locked packages" in said


def test_none_is_said_only_after_every_package_was_asked_about(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with service("none") as url:
        assert run(monkeypatch, url) == 0
    assert f"vulnerabilities: none known of {len(PACKAGES)} locked packages" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("html", "is not an advisory service: its answer cannot be read"),
        ("empty", "knows no advisory of jinja2 2.4.1"),
        ("blind", "knows no advisory of jinja2 2.4.1"),
        ("short", "gave no usable answer"),
        ("broken", "gave no usable answer"),
    ],
)
def test_an_answer_that_does_not_count_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], mode: str, words: str
) -> None:
    with service(mode) as url:
        assert run(monkeypatch, url) == 3
    said = capsys.readouterr().out
    assert "vulnerabilities: NOT CHECKED: " in said
    assert words in said
    assert "none known" not in said


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://no-such-host.invalid/", "not an address"])
def test_where_the_service_cannot_be_reached_that_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    assert run(monkeypatch, url) == 3
    said = capsys.readouterr().out
    assert "vulnerabilities: NOT CHECKED: " in said
    assert "cannot be reached" in said
    assert "none known" not in said


def test_a_uv_that_is_not_there_checks_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with service("none") as url:
        monkeypatch.setattr(sys, "argv", ["audit.py", "--uv", "/no/such/uv", "--service-url", url])
        assert audit.main() == 3
    assert "uv audit did not end" in capsys.readouterr().out


@pytest.mark.parametrize(
    "report",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"summary": {"audited_packages": 2}, "vulnerabilities": []}',
        '{"summary": {"audited_packages": "3"}, "vulnerabilities": []}',
    ],
)
def test_a_report_that_says_less_than_all_is_none(report: str) -> None:
    with pytest.raises(audit.NotAskedError, match=r"cannot be read|only (2|3) of 3"):
        audit.read_report(report, 3)


def test_every_locked_package_has_an_accepted_licence(capsys: pytest.CaptureFixture[str]) -> None:
    assert not audit.show_licences(PACKAGES)
    said = capsys.readouterr().out
    assert f"licences: {len(PACKAGES)} of {len(PACKAGES)} accepted" in said
    assert all(f"{name} " in said for name, _ in PACKAGES)


def test_an_unaccepted_or_unknown_licence_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = audit.read_policy(audit.LICENCES.read_text(encoding="utf-8"))
    texts = {"good": "MIT", "strict": "AGPL-3.0-only", "strange": "Beerware", "silent": None}

    def metadata(name: str) -> Message:
        if name not in texts:
            raise importlib.metadata.PackageNotFoundError(name)
        message = Message()
        text = texts[name]
        if text:
            message["License-Expression"] = text
        return message

    found = audit.licences([(name, "1") for name in (*texts, "absent")], policy, metadata)
    assert [(each.package, each.is_accepted) for each in found] == [
        ("good", True),
        ("strict", False),
        ("strange", False),
        ("silent", False),
        ("absent", False),
    ]

    def locked(_lock: str) -> list[tuple[str, str]]:
        return [("no-such-package", "1")]

    monkeypatch.setattr(audit, "locked_packages", locked)
    assert run(monkeypatch, "http://127.0.0.1:1/") == 1
    assert "licences: 0 of 1 accepted; NOT: no-such-package" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("expression", "accepted"),
    [
        ("MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR GPL-3.0-only) AND BSD-3-Clause", True),
        ("MIT AND (GPL-2.0-only OR (AGPL-3.0-only AND MIT))", False),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-3.0-only WITH Classpath-exception-2.0", False),
        ("", False),
        ("Proprietary", False),
    ],
)
def test_expressions_are_read_as_spdx_means_them(expression: str, accepted: bool) -> None:
    assert audit.is_accepted(expression, frozenset({"MIT", "BSD-3-Clause", "Apache-2.0"})) is accepted


@pytest.mark.parametrize(
    ("headers", "stated"),
    [
        ({"License-Expression": "Apache-2.0", "License": "MIT"}, "Apache-2.0"),
        ({"License": "Apache License 2.0"}, "Apache-2.0"),
        ({"License": "\n   Apache License\n   Version 2.0"}, "Apache-2.0"),
        ({"License": "MIT OR Apache-2.0"}, "MIT OR Apache-2.0"),
        ({"License": "see file", "Classifier": "License :: OSI Approved :: MIT License"}, "MIT"),
        ({"License": "All rights reserved"}, "All rights reserved"),
        ({"Classifier": "Programming Language :: Python"}, None),
        ({}, None),
    ],
)
def test_a_licence_is_read_from_whatever_field_states_it(headers: dict[str, str], stated: str | None) -> None:
    message = Message()
    for name, value in headers.items():
        message[name] = value
    policy = audit.read_policy(audit.LICENCES.read_text(encoding="utf-8"))
    assert audit.stated_licence(message, policy.names) == stated


def test_what_was_reviewed_or_brings_more_along_is_locked() -> None:
    """A note about a package that is gone is in the way of the next one."""
    policy = audit.read_policy(audit.LICENCES.read_text(encoding="utf-8"))
    assert {*policy.reviewed, *policy.bundled} <= {name for name, _ in PACKAGES}
