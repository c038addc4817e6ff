"""Names of the folders of a batch, and of films by the ids of their products, which may be anything."""

from __future__ import annotations

import hashlib
import re

FILMS, STILLS, SAMPLES = "films", "stills", "samples"
WORK = ".adreel"
"""Folders of a batch, in its own; the last has its cache and unfinished films."""
_LONGEST = 80
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_FOR = "@"
"""Stands in no id that is a name of a file as it is."""
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for itself: the folder may be copied there."""


def film_name(product_id: str, placement: str) -> str:
    """Returns the name of the files of a product's film for a placement; "" for a film for none."""
    return f"{file_name(product_id)}{_FOR}{placement}" if placement else file_name(product_id)


def file_name(product_id: str) -> str:
    """Returns the name of a product's files, without an ending: the id if it can be one, else a part of it with a hash.

    Ids that differ in more than case have different names.
    """
    safe = _SAFE.fullmatch(product_id) and len(product_id) <= _LONGEST and not _DEVICES.fullmatch(product_id)
    if safe and not product_id.endswith("."):
        return product_id
    bare = re.sub(r"[^A-Za-z0-9_-]+", "-", product_id).strip("-_")[:_LONGEST]
    digest = hashlib.sha256(product_id.casefold().encode()).hexdigest()[:10]
    return f"{bare or 'product'}~{digest}"
