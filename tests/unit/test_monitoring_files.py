"""The files for Prometheus and Grafana in `deploy/`: their queries are about metrics and labels that adreel serves."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from adreel.domain.costs.ledger import CallState, PurchaseKind
from adreel.domain.work.usage import PurchaseTotal, QueueLoad, Usage
from adreel.domain.work.work_counts import WorkCounts
from adreel.orchestrator.queues import queue_limits
from adreel.routers.common.metrics import Metrics
from adreel.routers.common.usage_metrics import work_metrics

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "dashboard.json").read_text(encoding="utf-8"))
ALERTS: list[dict[str, Any]] = yaml.safe_load((DEPLOY / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
PROMETHEUS: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus.yml").read_text(encoding="utf-8"))
OF_PROMETHEUS = {"up": {"job", "instance"}}
ADDED_BY_PROMETHEUS = {"job", "instance"}

_NAME = re.compile(r"\b(adreel_[a-z_]+|up)\b(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
_BY = re.compile(r"\bby \(([^)]*)\)")


def _counts() -> WorkCounts:
    counts = WorkCounts()
    for found in (True, False):
        counts.segment("card", found=found)
    counts.failure("clip", "RefusedError")
    return counts


def _served() -> dict[str, dict[str, set[str]]]:
    """The values of every label of every metric that adreel serves; all states and queues are there."""
    metrics = Metrics(_counts())
    metrics.answered("/api/sessions", "GET", 200, 0.1)
    totals = [PurchaseTotal(PurchaseKind.CLIP, "replicate", state, 1, Decimal("0.11")) for state in CallState]
    loads = [QueueLoad(name, 1, 2.5) for name in queue_limits()]
    text = metrics.text(Usage(1, Decimal(1), tuple(totals), tuple(loads))).decode()
    found: dict[str, dict[str, set[str]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = found.setdefault(sample.name, {})
            for name, value in sample.labels.items():
                labels.setdefault(name, set()).add(value)
    return found


SERVED = _served()
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
EXPRESSIONS = [*QUERIES, *(rule["expr"] for rule in ALERTS)]


@pytest.mark.parametrize("query", EXPRESSIONS)
def test_every_query_is_about_what_is_served(query: str) -> None:
    names = _NAME.findall(query)
    assert names
    labels = {label for name, _ in names for label in SERVED.get(name, OF_PROMETHEUS.get(name, {}))}
    for name, matchers in names:
        assert name in SERVED or name in OF_PROMETHEUS, name
        for label, operator, value in _MATCHER.findall(matchers):
            _check_matcher(name, label, operator, value)
    grouped = {label.strip() for group in _BY.findall(query) for label in group.split(",")}
    assert grouped <= labels | ADDED_BY_PROMETHEUS


def _check_matcher(name: str, label: str, operator: str, value: str) -> None:
    """The label exists; states and hits that are named are among those that are served."""
    if name in OF_PROMETHEUS:
        assert label in OF_PROMETHEUS[name]
        return
    assert label in SERVED[name], f"{name} has no label {label}"
    if label in ("state", "cache", "queue"):
        wanted = value.split("|") if operator in ("=~", "!~") else [value]
        assert set(wanted) <= SERVED[name][label]


def test_every_metric_of_adreel_is_on_the_dashboard_and_in_the_document() -> None:
    ours = {name for name in SERVED if not name.endswith(("_created", "_sum", "_count"))}
    asked = {name for query in QUERIES for name, _ in _NAME.findall(query)}
    assert ours <= asked | {"adreel_purchases"}
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    for name in ours:
        stem = name.removesuffix("_bucket")
        assert stem in text or f"`_{stem.partition('_ws_')[2]}`" in text, name


def test_every_alert_is_explained() -> None:
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(Adreel\w+)` \|", text, re.MULTILINE) == [rule["alert"] for rule in ALERTS]
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in ALERTS)


def test_summaries_name_labels_that_their_query_has() -> None:
    for rule in ALERTS:
        named = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        grouped = {label.strip() for group in _BY.findall(rule["expr"]) for label in group.split(",")}
        assert named <= grouped | (ADDED_BY_PROMETHEUS if "up{" in rule["expr"] else set())


def test_the_dashboard_is_one_that_grafana_imports() -> None:
    assert DASHBOARD["schemaVersion"] >= 36
    (source,) = DASHBOARD["templating"]["list"]
    assert (source["type"], source["query"]) == ("datasource", "prometheus")
    uses = {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]}
    assert uses == {f"${{{source['name']}}}"}
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in DASHBOARD["panels"])
    assert all(panel["title"] and panel["description"] for panel in DASHBOARD["panels"])


def test_prometheus_asks_api_and_workers_with_the_token() -> None:
    assert PROMETHEUS["rule_files"] == ["alerts.yml"]
    jobs = {job["job_name"]: job for job in PROMETHEUS["scrape_configs"]}
    assert set(jobs) == {"adreel-api", "adreel-worker"}
    for job in jobs.values():
        assert job["metrics_path"] == "/metrics"
        assert job["authorization"]["credentials_file"]
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert jobs["adreel-api"]["static_configs"][0]["targets"] == ["api:8000"]
    assert jobs["adreel-worker"]["dns_sd_configs"][0]["names"] == ["worker"]
    assert {"api", "worker"} <= set(services)


def test_a_worker_serves_what_only_workers_know() -> None:
    text = work_metrics(_counts()).decode()
    assert 'adreel_segments_total{cache="hit",kind="card"} 1.0' in text
    assert 'adreel_segments_total{cache="miss",kind="card"} 1.0' in text
    assert 'adreel_failures_total{error="RefusedError",flow="clip"} 1.0' in text
    assert "adreel_spent_usd" not in text
