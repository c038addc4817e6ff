"""Bodies of batches."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from adreel.domain.catalogues.batch import SAMPLE_ROWS, BatchState, Pause, RowChange, RowState
from adreel.routers.schemas.common import Amount, Answer, Body, Cap, Prompt, Time, clean_text
from adreel.routers.schemas.generation import Aspect, FilmOptionsBody

Text = Annotated[str, StringConstraints(max_length=200), AfterValidator(clean_text)]
Placement = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")]
Template = Annotated[str, StringConstraints(max_length=100_000)]


class FeedOptions(Body):
    """How a feed is read, and the script of its films: a `template` with slots such as {title:40} and {price}, or a `recipe` by
    its name, or `auto`. `columns` names the column of a field where it has no usual name; `currency` is that of prices without
    one. `where` are conditions such as price>=20, `limit` is the number of products from the beginning. Lengths in seconds.

    Without `placements` there is one film of each product, in `aspect`. `encoder` fast takes about a third less processor time.
    """

    columns: Annotated[dict[Text, Text], Field(max_length=20)] = Field(default_factory=dict)
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    template: Template | None = None
    recipe: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")] | None = None
    style: Text | None = None
    seconds: Annotated[float, Field(gt=0, le=600)] | None = None
    cta: Text | None = None
    prompt: Prompt = ""
    clip_seconds: Annotated[float, Field(ge=0.1, le=60)] = 3.0
    film: FilmOptionsBody = Field(default_factory=FilmOptionsBody)
    aspect: Aspect = "16:9"
    placements: Annotated[list[Placement], Field(max_length=10)] = Field(default_factory=list)
    encoder: Literal["standard", "fast"] = "standard"
    where: Annotated[list[Text], Field(max_length=20)] = Field(default_factory=list)
    limit: Annotated[int, Field(ge=1, le=100_000)] | None = None
    url: Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[\x21-\x7e]+$")] | None = Field(
        default=None, description="The feed's address, where it is not uploaded"
    )

    def order(self) -> dict[str, Any]:
        """The order of a batch, as it is stored."""
        film = self.film.model_dump(mode="json", exclude_unset=True)
        return {**self.model_dump(mode="json", exclude={"film", "url", "catalogue"}), "film": film}


class CreateBatchRequest(FeedOptions):
    """A batch of the films of a `catalogue`: a later one with the same name makes only what changed.

    `rights_confirmed`: you may use the photos at the addresses in the feed; needed unless it is a `dry_run`, which plans the
    films and makes none until it is resumed. With `sample_films` the first films are made, then the batch pauses until it is
    resumed. `budget`: the most that it may cost, in US dollars.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "catalogue": "mugs",
                    "url": "https://shop.example/products.json",
                    "recipe": "auto",
                    "placements": ["meta-reels"],
                    "rights_confirmed": True,
                    "sample_films": 3,
                }
            ]
        }
    )

    catalogue: Annotated[
        str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True), AfterValidator(clean_text)
    ]
    rights_confirmed: bool = False
    dry_run: bool = False
    sample_films: Annotated[int, Field(ge=0, le=SAMPLE_ROWS)] = 0
    budget: Cap | None = None


class PreviewRequest(FeedOptions):
    """`rows` is the number of rows to be shown."""

    rows: Annotated[int, Field(ge=1, le=50)] = 5


class ResumeRequest(Body):
    """`rights_confirmed` as of `CreateBatchRequest`, where it was not given."""

    rights_confirmed: bool = False


class ProblemAnswer(Answer):
    """A problem of a row. An error leaves the film out, or a part of it; a note does not. `row` counts as spreadsheets do."""

    row: int
    id: str
    field: str
    kind: Literal["error", "note"]
    message: str


class PreviewedProduct(Answer):
    """A row as it is understood; the amounts are texts. Fields that could not be read are null."""

    row: int
    id: str
    title: str | None
    price: str | None
    sale_price: str | None
    currency: str | None
    brand: str | None
    images: list[str]
    facts: list[str]


class PreviewAnswer(Answer):
    """The first rows of a feed. `columns` are the names in it; `mapping` says which column each field is taken from, null for
    none; `missing` are fields without which there is no film. `problems` are those of the first `rows_read` rows."""

    kind: str
    columns: list[str]
    mapping: dict[str, str | None]
    missing: list[str]
    products: list[PreviewedProduct]
    problems: list[ProblemAnswer]
    rows_read: int
    is_whole: bool


class BatchAnswer(Answer):
    """A batch. `rows` counts its films by state, `changes` by what they are to those that the catalogue has; `gone` are films
    whose product left the feed. `progress` is 0–100 of the films that are to be made. `film_seconds` is their length,
    `expected_cost` what they cost, `cost` what those cost that are made, in US dollars. `pause` says why it is paused, `error`
    why it failed or paused.
    """

    id: str
    catalogue: str
    state: BatchState
    pause: Pause | None
    error: str | None
    seq: int
    progress: float
    films: int
    films_done: int
    rows: dict[RowState, int]
    changes: dict[RowChange, int]
    rows_read: int
    gone: int
    errors: int
    notes: int
    film_seconds: float
    cost: Amount
    expected_cost: Amount
    options: dict[str, Any]
    created_at: Time
    updated_at: Time
    ended_at: Time | None


class BatchesAnswer(Answer):
    """Batches, newest first."""

    batches: list[BatchAnswer]
    next_cursor: str | None


class BatchFilm(Answer):
    """A film. `url` and `poster_url` are signed and expire. `took` is the time of making, lengths in seconds."""

    id: str
    url: str
    download_url: str
    poster_url: str
    seconds: float
    took: float
    verdict: str
    notes: list[str]
    cost: Amount
    created_at: Time


class BatchRowAnswer(Answer):
    """A film of the batch: `row` is that of the feed, `number` counts films."""

    number: int
    row: int
    id: str
    title: str
    placement: str | None
    state: RowState
    change: RowChange
    field: str | None
    error: str | None
    film: BatchFilm | None


class BatchRowsAnswer(Answer):
    """Rows in the order of the feed; `next_after` is the `after` of the next page."""

    rows: list[BatchRowAnswer]
    next_after: int | None


class BatchProblemsAnswer(Answer):
    """Problems in the order of the feed, those of making films last; `next_after` is the `after` of the next page."""

    problems: list[ProblemAnswer]
    next_after: int | None


class BatchEvent(Answer):
    """On the WebSocket: the batch as it stands; `seq` grows with each change."""

    type: Literal["batch"] = "batch"
    seq: int
    batch: BatchAnswer
