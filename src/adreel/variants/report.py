"""Writes what variants consist of: ``variants.json`` for programs, ``variants.html`` to look at."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from urllib.parse import quote

import jinja2

from adreel.domain.sessions.session import Json
from adreel.media.segments.store import file_digest
from adreel.services.storage.atomic import whole_file
from adreel.variants.opening import Distance
from adreel.variants.result import KeptVariant, VariantsResult

REPORT, PAGE = "variants.json", "variants.html"


def write_report(out: Path, result: VariantsResult) -> None:
    """Writes both files into the folder of the films."""
    document = {
        "least_distance": result.least,
        "variants": [_kept(each) for each in result.kept],
        "refused": [
            {"name": each.name, "reason": each.reason, "twin": each.twin or None, "distance": _parts(each.distance)}
            for each in result.refused
        ],
    }
    _write(out / REPORT, json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    _write(out / PAGE, _template().render(result=result, address=quote))


def _kept(each: KeptVariant) -> Json:
    return {
        "name": each.name,
        "file": each.path.name,
        "sha256": file_digest(each.path),
        "seconds": each.seconds,
        "recipe": asdict(each.variant),
        "nearest": each.nearest or None,
        "distance": _parts(each.distance),
    }


def _parts(found: Distance | None) -> Json | None:
    return (
        None
        if found is None
        else {part: round(value, 4) for part, value in {"whole": found.whole, **asdict(found)}.items()}
    )


def _write(path: Path, text: str) -> None:
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


@cache
def _template() -> jinja2.Template:
    loader = jinja2.PackageLoader("adreel.variants", "templates")
    # Names of products are the user's: they are shown as text.
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined).get_template(
        "variants.html"
    )
