"""What the Catalogue pages show of batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adreel.domain.catalogues.batch import BatchState, BatchView, Pause, RowState
from adreel.feeds.fields import NAMES, NEEDED
from adreel.routers.catalogue.answers import batch_answer, problem_answer, row_answer
from adreel.routers.catalogue.schemas import BatchAnswer
from adreel.web import choices
from adreel.web.formatting import sentence
from adreel.web.placements import placement_choices
from adreel.web.screens import Context, Screens
from adreel.web.script import CURRENCIES, recipe_choices, style_choices

_SHOWN_ROWS, _SHOWN_PROBLEMS = 48, 50
_FIELDS: Mapping[str, str] = {
    "id": "Product number",
    "title": "Name",
    "image": "Photo",
    "more_images": "More photos",
    "price": "Price",
    "sale_price": "Sale price",
    "was": "Price before",
    "currency": "Currency",
    "brand": "Brand",
    "facts": "Benefits",
    "description": "Description",
}
"""Fields of a product whose column can be chosen on the page."""
_STATES: Mapping[BatchState, str] = {
    BatchState.PLANNING: "Reading the feed",
    BatchState.PLANNED: "Planned",
    BatchState.RUNNING: "Making films",
    BatchState.PAUSED: "Paused",
    BatchState.DONE: "Done",
    BatchState.FAILED: "Failed",
    BatchState.CANCELLED: "Cancelled",
}
_PAUSES: Mapping[Pause, str] = {
    Pause.USER: "You paused it. Films that are made stay.",
    Pause.SAMPLES: "Your sample films are ready. Look at them, then make the rest.",
    Pause.BUDGET: "The budget is used up.",
    Pause.FAULT: "The service had a fault.",
}
_ROWS: Mapping[RowState, str] = {
    RowState.WAITING: "Waiting",
    RowState.QUEUED: "Waiting",
    RowState.RUNNING: "Being made",
    RowState.MADE: "Made",
    RowState.UNCHANGED: "Unchanged",
    RowState.FAILED: "Failed",
    RowState.CANCELLED: "Cancelled",
}


@dataclass(frozen=True, slots=True)
class BatchScreen:
    """A batch in words, and what can be done with it."""

    answer: BatchAnswer
    state: str
    lead: str
    can: frozenset[str]


def batch_screen(view: BatchView, answer: BatchAnswer) -> BatchScreen:
    return BatchScreen(answer, _STATES[view.batch.state], _lead(view), frozenset(_actions(view)))


def _lead(view: BatchView) -> str:
    batch = view.batch
    if batch.pause is not None:
        return f"{_PAUSES[batch.pause]} {sentence(batch.error) if batch.error else ''}".strip()
    if batch.error:
        return sentence(batch.error)
    if batch.state is BatchState.PLANNED:
        return "Nothing is made yet: look at what would be, then let it go on."
    return ""


def _actions(view: BatchView) -> set[str]:
    """The names of the API's actions that are possible now."""
    state, failed = view.batch.state, view.counts.of(RowState.FAILED)
    can = {
        "pause": state is BatchState.RUNNING,
        "resume": state in (BatchState.PLANNED, BatchState.PAUSED, BatchState.FAILED),
        "cancel": not state.is_over,
        "retry": bool(failed) and state in (BatchState.DONE, BatchState.PAUSED),
        "delete": not state.has_work,
        "download": bool(view.counts.of(RowState.MADE, RowState.UNCHANGED)),
    }
    return {name for name, possible in can.items() if possible}


async def catalogue_context(screens: Screens, user_id: str, cursor: str | None) -> Context:
    """The page on which a batch is begun, with those that there are."""
    services = screens.services
    page = await services.catalogues.batches.list(user_id, cursor=cursor)
    price = services.catalogues.price
    return screens.common("catalogue", "Catalogue") | {
        "batches": [batch_screen(each, batch_answer(each, price)) for each in page.items],
        "next_cursor": page.cursor,
        "is_first_page": cursor is None,
        "fields": [(name, label, name in NEEDED) for name, label in _FIELDS.items() if name in NAMES],
        "recipes": recipe_choices(),
        "styles": style_choices(),
        "currencies": CURRENCIES,
        "aspects": choices.aspects(),
        "genres": choices.genres(),
        "placements": placement_choices(services.films.placements),
        "price": price,
    }


async def batch_context(screens: Screens, user_id: str, batch_id: str) -> Context:
    """One batch: its state, its first films, its problems. Raises NotFoundError."""
    catalogues = screens.services.catalogues
    view = await catalogues.batches.get(user_id, batch_id)
    answer = batch_answer(view, catalogues.price)
    rows, more_rows = await catalogues.results.rows(user_id, batch_id, limit=_SHOWN_ROWS)
    problems, more_problems = await catalogues.results.problems(user_id, batch_id, limit=_SHOWN_PROBLEMS)
    return screens.common("batch", view.batch.catalogue) | {
        "batch": batch_screen(view, answer),
        "rows": [(row_answer(each, screens.responses), _ROWS[each.row.state]) for each in rows],
        "has_more_rows": more_rows is not None,
        "problems": [problem_answer(each) for each in problems],
        "has_more_problems": more_problems is not None,
        "rights": bool(view.batch.order.get("rights_confirmed")),
    }
