"""A batch from its feed to its report: the two verbs that the doors call."""

from __future__ import annotations

import asyncio

from adreel.feeds.batches.links import check_base_url, write_links
from adreel.feeds.batches.manifest import Manifest, open_manifest
from adreel.feeds.batches.planning import BatchOrder
from adreel.feeds.batches.problems import problem_file
from adreel.feeds.batches.report import write_report
from adreel.feeds.batches.running import BatchRun, BatchTools
from adreel.feeds.batches.summary import BatchEvent, BatchResult, BatchSink
from adreel.feeds.reading import Feed


def ignore_events(_event: BatchEvent) -> None:
    """The sink of those who do not follow a batch."""


async def run_batch(order: BatchOrder, feed: Feed, tools: BatchTools, sink: BatchSink = ignore_events) -> BatchResult:
    """Makes the films that are new or changed, then the report. A row that fails is a problem, and does not stop the others.

    Raises InputError for a file that is no feed, PhotoError for photos that may not be used, ConflictError while another run
    works in the same folder, NoSpaceError and MachineError for faults of this machine. After any of them the next run goes on.
    """
    if order.base_url is not None:
        check_base_url(order.base_url)
    with open_manifest(order.out) as manifest:
        with problem_file(order.out) as problems:
            result = await BatchRun(order, feed, tools, manifest, problems).make(sink)
        await asyncio.to_thread(_finish, order, feed, manifest, result)
    return result


async def preview_batch(order: BatchOrder, feed: Feed, tools: BatchTools) -> BatchResult:
    """Says what `run_batch` would do, and draws sample stills. Makes no film. Raises as `run_batch` does."""
    with open_manifest(order.out) as manifest, problem_file(order.out) as problems:
        return await BatchRun(order, feed, tools, manifest, problems).preview()


def _finish(order: BatchOrder, feed: Feed, manifest: Manifest, result: BatchResult) -> None:
    write_report(manifest, order.out, result)
    if order.base_url is not None:
        write_links(feed, manifest, order.out, order.base_url, order.linked)
