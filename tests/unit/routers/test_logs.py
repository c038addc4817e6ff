from __future__ import annotations

import json
import logging
import sys
from typing import cast

import pytest

from adreel.domain.work.tracing import Tracer, traced_by
from adreel.routers.common.metrics import log_handler

ADDRESS = 'postgresql://ada:geheim@db/adreel?sslpassword=geheim"'


class Traced:
    """A tracer within a span."""

    def ids(self) -> tuple[str, str]:
        return "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def test_lines_have_the_ids_of_trace_and_span_where_there_are_any() -> None:
    with traced_by(cast("Tracer", Traced())):
        traced = _line()
    assert (traced["trace_id"], traced["span_id"]) == Traced().ids()
    assert not {"trace_id", "span_id"} & _line().keys()


def _line() -> dict[str, str]:
    handler = log_handler(as_json=True)
    record = logging.LogRecord("adreel", logging.INFO, "", 1, "done", (), None)
    handler.filter(record)
    return json.loads(handler.format(record))


@pytest.mark.parametrize("as_json", [True, False])
def test_no_line_of_the_log_has_credentials(*, as_json: bool) -> None:
    try:
        raise OSError(f"cannot reach {ADDRESS}")
    except OSError:
        record = logging.LogRecord("adreel", logging.ERROR, "", 1, "lost %s now", (ADDRESS,), sys.exc_info())
    handler = log_handler(as_json=as_json)
    handler.filter(record)
    line = handler.format(record)
    assert "geheim" not in line
    assert line.count("postgresql://***@db/adreel?sslpassword=***") == 2
    assert not as_json or json.loads(line)["message"] == 'lost postgresql://***@db/adreel?sslpassword=***" now'
