"""The passport of a film as one page to print."""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2

from adreel.placements.measurements import FIELDS


def passport_page(passport: dict[str, Any]) -> str:
    """The page, as HTML without scripts or other files. All texts of the passport are shown as text."""
    names = {field: name for field, (name, _) in FIELDS.items()}
    return _template().render({**passport, "names": names})


@cache
def _template() -> jinja2.Template:
    loader = jinja2.PackageLoader("adreel.agents", "templates")
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined).get_template(
        "passport.html"
    )
