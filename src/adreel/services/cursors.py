"""Cursors of paged lists: where the next page begins, as a word that clients hand back unread."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime

from adreel.domain.errors import InputError


def cursor_of(created_at: datetime, row_id: str) -> str:
    """The cursor that leads to what comes after a row."""
    text = f"{created_at.astimezone(UTC).isoformat()} {row_id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """(created_at, id) of the row before the page. Raises InputError for a cursor that is not ours."""
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode()
        moment, row_id = text.split(" ")
        created_at = datetime.fromisoformat(moment)
        # Neither times that databases cannot count nor characters that they do not take come any further.
        if created_at.tzinfo is None or not row_id.isprintable() or created_at.astimezone(UTC).year < 1000:
            raise ValueError("a time without a zone, or an id that is none")
    except (binascii.Error, ValueError, OverflowError) as error:
        raise InputError("the cursor is not one that was given by a list: leave it out for the first page") from error
    return created_at, row_id
