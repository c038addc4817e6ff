"""The names under which feeds have the fields of a product."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from adreel.domain.errors import InputError
from adreel.feeds.raw import RawRow, normalized

NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "id": ("id", "sku", "product_id", "item_id", "offer_id", "article_number", "handle"),
        "title": ("title", "name", "product_name", "product_title"),
        "description": ("description", "body_html", "short_description"),
        "price": ("price", "regular_price", "variant_price"),
        "was": ("was", "compare_at_price", "former_price", "old_price", "variant_compare_at_price"),
        "sale_price": ("sale_price",),
        "sale_dates": ("sale_price_effective_date", "sale_dates"),
        "currency": ("currency", "currency_code", "price_currency"),
        "availability": ("availability", "stock_status", "in_stock"),
        "image": ("image_link", "image", "images", "image_url", "image_src", "photo", "photos", "picture"),
        "more_images": ("additional_image_link", "additional_image_links", "additional_images", "more_photos"),
        "brand": ("brand", "vendor", "manufacturer"),
        "url": ("link", "url", "product_url"),
        "facts": ("product_highlight", "highlights", "facts", "fact", "benefits", "benefit", "bullet", "feature"),
        "measure": ("unit_pricing_measure", "measure"),
        "base": ("unit_pricing_base_measure", "base_measure"),
    }
)
"""The usual names of each field, the best first."""

NEEDED = ("id", "title", "image")
_NUMBERED = ("image", "more_images", "facts")
"""Fields that tables spread over columns with a number: image_2, benefit_3."""


class FieldNames:
    """Finds the fields of rows. `columns` names the column of a field where it is not one of the usual names.

    Raises InputError for an unknown field.
    """

    def __init__(self, columns: Mapping[str, str] | None = None) -> None:
        unknown = next((name for name in columns or () if name not in NAMES), None)
        if unknown is not None:
            raise InputError(f"a product has no field {unknown!r}; choose from {', '.join(NAMES)}")
        self._own = {name: normalized(column) for name, column in (columns or {}).items()}
        self._more = {name: _numbered(name) for name in _NUMBERED}

    def values(self, raw: RawRow, field: str) -> tuple[str, ...]:
        """All values of a field that are not blank, of the first of its names that has any, and of its numbered columns."""
        names = (self._own[field],) if field in self._own else NAMES[field]
        found = next((values for name in names if (values := _filled(raw.fields.get(name, ())))), ())
        if field not in self._more or field in self._own:
            return found
        numbered = sorted((name for name in raw.fields if self._more[field].fullmatch(name)), key=_number)
        return (*found, *(value for name in numbered for value in _filled(raw.fields[name])))

    def missing(self, raw: RawRow) -> tuple[str, ...]:
        """The fields that every product needs and no column of this row has, filled or not."""
        return tuple(field for field in NEEDED if not self._has(raw, field))

    def _has(self, raw: RawRow, field: str) -> bool:
        names = (self._own[field],) if field in self._own else NAMES[field]
        numbered = self._more.get(field)
        return any(name in names or (numbered and numbered.fullmatch(name)) for name in raw.fields)

    def value(self, raw: RawRow, field: str) -> str:
        return next(iter(self.values(raw, field)), "")


def _numbered(field: str) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(NAMES[field])})_?[0-9]{{1,2}}")


def _number(name: str) -> tuple[int, str]:
    return int(re.findall(r"\d+", name)[-1]), name


def _filled(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value.strip() for value in values if value.strip())
