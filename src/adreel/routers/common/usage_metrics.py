"""Metrics of the service's usage and of the work of a process, for Prometheus. Labels have few values."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from adreel.domain.work.usage import Usage
from adreel.domain.work.work_counts import WorkCounts


class WorkCollector(Collector):
    """The work of this process since it started."""

    def __init__(self, counts: WorkCounts) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        counted = self._counts.read()
        segments = CounterMetricFamily(
            "adreel_segments", "Segments that were needed, found in the cache or made", labels=["kind", "cache"]
        )
        for (kind, found), count in sorted(counted.segments.items()):
            segments.add_metric([kind, "hit" if found else "miss"], count)
        failures = CounterMetricFamily("adreel_failures", "Failed workflows by error", labels=["flow", "error"])
        for (flow, error), count in sorted(counted.failures.items()):
            failures.add_metric([flow, error], count)
        yield from (segments, failures)


class UsageCollector(Collector):
    """The usage of the whole service, as it was read last: the same in every API process."""

    def __init__(self) -> None:
        self.usage: Usage | None = None

    def collect(self) -> Iterator[Metric]:
        if self.usage is None:
            return
        yield GaugeMetricFamily(
            "adreel_jobs_under_way", "Sessions in which work is under way", value=self.usage.jobs_under_way
        )
        yield GaugeMetricFamily("adreel_spent_usd", "US dollars spent by all accounts", value=float(self.usage.spent))
        yield from _queues(self.usage)
        yield from _purchases(self.usage)


def work_metrics(counts: WorkCounts) -> bytes:
    """The metrics of a worker that serves no API."""
    registry = CollectorRegistry()
    registry.register(WorkCollector(counts))
    return generate_latest(registry)


def _queues(usage: Usage) -> Iterator[Metric]:
    waiting = GaugeMetricFamily("adreel_queue_waiting", "Workflows that wait in a queue", labels=["queue"])
    oldest = GaugeMetricFamily(
        "adreel_queue_oldest_seconds", "Age of the oldest workflow that waits; 0 for none", labels=["queue"]
    )
    for load in usage.queues:
        waiting.add_metric([load.queue], load.waiting)
        oldest.add_metric([load.queue], load.oldest)
    yield from (waiting, oldest)


def _purchases(usage: Usage) -> Iterator[Metric]:
    labels = ["kind", "provider", "state"]
    count = GaugeMetricFamily("adreel_purchases", "Purchases in the ledger", labels=labels)
    amount = GaugeMetricFamily(
        "adreel_purchases_usd", "US dollars that purchases cost, or reserve while they are open", labels=labels
    )
    for total in usage.purchases:
        values = [total.kind.value, total.provider, total.state.value]
        count.add_metric(values, total.count)
        amount.add_metric(values, float(total.amount))
    yield from (count, amount)
