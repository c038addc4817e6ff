"""What adreel relies on inside of the engine's library, beyond its documented interface. A failure here after an upgrade of
dbos says what has to be looked at before the upgrade is taken."""

from __future__ import annotations

import inspect
import subprocess
import sys

import dbos
from dbos import DBOS, _core, _enqueue_options, _error, _queue, _recovery
from dbos import _dbos as library
from dbos._sys_db import SystemDatabase


def test_there_is_one_engine_in_a_process_and_it_is_to_be_seen() -> None:
    assert library._dbos_global_instance is None


def test_pending_work_of_given_executors_can_be_put_back_into_its_queues() -> None:
    assert list(inspect.signature(DBOS._recover_pending_workflows).parameters) == ["executor_ids"]
    assert "reenqueue_for_recovery" in inspect.getsource(_recovery._recover_workflow)
    assert list(inspect.signature(SystemDatabase.reenqueue_for_recovery).parameters)[1:] == [
        "workflow_id",
        "executor_ids",
        "recovery_queue_name",
    ]


def test_a_run_that_lost_its_workflow_is_told_by_exceptions_that_no_flow_catches() -> None:
    for kind in (_error.DBOSWorkflowCancelledError, _error.DBOSWorkflowConflictIDError):
        assert issubclass(kind, BaseException)
        assert not issubclass(kind, Exception)


def test_every_write_of_a_run_is_checked_against_the_owner_of_its_workflow() -> None:
    for write in ("_record_operation_result_txn", "update_workflow_outcome"):
        assert "owner_xid" in inspect.signature(getattr(SystemDatabase, write)).parameters


def test_a_cancelled_asyncio_task_leaves_its_step_and_workflow_unrecorded() -> None:
    from dbos import _outcome

    source = inspect.getsource(_outcome.Pending._wrap)
    assert "except asyncio.CancelledError" in source
    assert source.index("except asyncio.CancelledError") < source.index("except BaseException")


def test_background_threads_can_be_stopped_before_the_rest() -> None:
    assert "background_thread_stop_events" in inspect.getsource(DBOS._destroy)
    assert "stop_event" in inspect.signature(__import__("dbos._queue", fromlist=["_"]).queue_worker_thread).parameters


def test_queues_can_be_looked_into_by_threads_of_ours() -> None:
    assert list(inspect.signature(_queue.queue_worker_thread).parameters) == ["stop_event", "dbos", "queue"]
    source = inspect.getsource(_queue.queue_worker_thread)
    assert "stop_event.wait(timeout=" in source
    assert "threading.Event()" not in source
    assert "listening_set" in inspect.getsource(_queue.queue_thread)
    assert "_background_threads" in inspect.getsource(DBOS._destroy)


def test_many_workflows_can_be_put_into_a_queue_at_once_as_children() -> None:
    assert list(inspect.signature(SystemDatabase.init_workflows).parameters)[1:] == ["statuses"]
    source = inspect.getsource(SystemDatabase.init_workflows)
    assert source.count("on_conflict_do_nothing") == 2
    assert '"parent_workflow_id": status["parent_workflow_id"]' in source
    assert "parent_workflow_id" in inspect.getsource(SystemDatabase._get_direct_children)
    assert list(inspect.signature(_enqueue_options.build_enqueue_status).parameters) == [
        "options",
        "serializer",
        "args",
        "kwargs",
    ]


def test_an_interruptible_step_tells_a_cancellation_from_a_stop_of_the_process() -> None:
    assert "DBOSWorkflowCancelledError" in inspect.getsource(_core._supervise_step)


def test_the_library_is_loaded_when_an_engine_is_launched_and_not_before() -> None:
    assert dbos.DBOS is DBOS
    code = (
        "import sys; from adreel.orchestrator import lease, reaper, sweeper, worker; "
        "from adreel.orchestrator.engine import client, engine; "
        "print('dbos' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "False"


def test_queues_serve_the_lowest_priority_first_and_the_oldest_of_these() -> None:
    source = inspect.getsource(SystemDatabase.start_queued_workflows)
    order = source.index(".order_by(")
    assert source.index("priority.asc()", order) < source.index("created_at.asc()", order)
    columns = SystemDatabase.tables.workflow_status.c
    assert {"priority", "authenticated_user", "queue_name", "status"} <= set(columns.keys())
    assert '"priority": status["priority"]' in inspect.getsource(SystemDatabase.init_workflows)
    assert '"authenticated_user": status["authenticated_user"]' in inspect.getsource(SystemDatabase.init_workflows)


def test_an_item_that_is_put_back_keeps_its_priority() -> None:
    assert "priority" not in inspect.getsource(SystemDatabase.reenqueue_for_recovery)


def test_all_rows_of_a_workflow_can_be_found_and_deleted() -> None:
    """What `durable_erase` leans on: the tables by name, and the id in each that holds what a person wrote."""
    assert "self._sys_db = SystemDatabase.create(" in inspect.getsource(dbos.DBOSClient.__init__)
    tables = {
        table.name: set(table.c.keys())
        for table in vars(SystemDatabase.tables).values()
        if "workflow_uuid" in getattr(table, "c", ())
    }
    assert {"workflow_status", "workflow_input", "workflow_output", "operation_outputs"} <= set(tables)
    assert "inputs" in tables["workflow_status"]
    assert "inputs" in tables["workflow_input"]
    # Another table that refers to workflows by another name must be looked at.
    others = {
        table.name
        for table in vars(SystemDatabase.tables).values()
        if hasattr(table, "c") and "workflow_uuid" not in table.c
    }
    assert others == {"notifications", "workflow_schedules", "application_versions", "queues"}
