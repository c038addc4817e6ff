"""Why a user's file cannot be used, in the same words for photos, clips and music; each continues the file's name."""

from __future__ import annotations

EMPTY = "is empty: export or copy it again"


def cannot_be_read(error: OSError) -> str:
    """The words for an error of opening or reading a file."""
    if isinstance(error, FileNotFoundError):
        return "does not exist: check the name"
    return f"cannot be read: {error.strerror or error}"


def is_no_file(what: str) -> str:
    """The words for a folder or device; `what`, in the plural, should have been given."""
    return f"is not a file: name the {what} themselves"


def wrong_kind(kind: str, formats: str) -> str:
    """The words for a file of another kind: `kind` as "a picture", `formats` as "an MP4 or MOV"."""
    return f"is not {kind} that adreel reads: use {formats}"
