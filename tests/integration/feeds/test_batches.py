"""A batch from its feed to its films, as it is run again and again. Films are small and short."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from adreel.bootstrap.batches import batch_tools
from adreel.bootstrap.settings import Settings
from adreel.domain.errors import ConflictError, InputError, NoSpaceError, PhotoError
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import ASPECTS
from adreel.domain.ports import Shot, StagedShot
from adreel.feeds.batches.attempts import Attempt, read_attempts
from adreel.feeds.batches.batch import preview_batch, run_batch
from adreel.feeds.batches.conditions import read_condition
from adreel.feeds.batches.manifest import open_manifest
from adreel.feeds.batches.planning import BatchOrder, BatchPlanner
from adreel.feeds.batches.problems import problem_file
from adreel.feeds.batches.running import BatchTools
from adreel.feeds.batches.summary import BatchEvent, BatchResult
from adreel.feeds.photos import FeedPhotos
from adreel.feeds.reading import Feed
from adreel.feeds.scripts.template import read_template
from adreel.placements.loader import load_placements
from adreel.providers.local.engine import LocalEngine
from adreel.services.storage.downloads import Downloader
from support.http import Asked, Site
from support.pictures import texture
from support.small_films import SMALL_ASPECTS

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
TEMPLATE = """
version = 1
product = "{title:50!}"
[end]
cta = ""
[[beats]]
name = "offer"
shot = { photo = 2 }
seconds = 2.5
words = [{ role = "price", text = "{price!}" }]
"""
PLAIN = TEMPLATE.replace('role = "price", text = "{price!}"', 'role = "headline", text = "{title:40!}"')
ROWS = {
    "A": "A,Mug,24.90 EUR,,,photo.png",
    "B": "B,Bowl,19.90 EUR,9.90 EUR,2026-11-01/2026-12-05,photo.png",
    "bad": "C,Vase,ask,,,photo.png",
}
HEADER = "id,title,price,sale_price,sale_price_effective_date,image_link"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for aspect, size in SMALL_ASPECTS.items():
        monkeypatch.setitem(ASPECTS, aspect, size)


def stop(event: BatchEvent) -> None:
    """Ends a run after its first film, as a full disk does."""
    raise NoSpaceError(f"no space after {event.id}")


class Shop:
    """A feed in a folder, and the batch of its films."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.order = BatchOrder(
            folder / "out",
            read_template(TEMPLATE, "ad.toml"),
            FilmOptions(music="none", outro_seconds=0),
        )
        self.settings = Settings(content_credentials=False)
        self.write(ROWS)

    def write(self, rows: Mapping[str, str]) -> None:
        (self.folder / "feed.csv").write_text("\n".join([HEADER, *rows.values()]), encoding="utf-8")

    def tools(self, now: datetime = NOW) -> BatchTools:
        downloader = Downloader(allowed_hosts=self.settings.download_hosts)
        kept = self.order.out / ".adreel" / "photos"
        tools = batch_tools(self.settings, self.order.out)
        return BatchTools(tools.maker, lambda feed: FeedPhotos(feed.folder, kept, downloader, lambda: now), lambda: now)

    @property
    def feed(self) -> Feed:
        return Feed((self.folder / "feed.csv",), self.folder)

    async def run(self, tools: BatchTools | None = None, **changes: object) -> BatchResult:
        order = replace(self.order, **changes)  # pyright: ignore[reportArgumentType]
        return await run_batch(order, self.feed, tools or self.tools())

    def films(self) -> dict[str, tuple[int, bytes]]:
        """Each film's time of change and content."""
        found = (self.order.out / "films").glob("*.mp4")
        return {film.stem: (film.stat().st_mtime_ns, film.read_bytes()) for film in found}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    cv2.imwrite(str(tmp_path / "photo.png"), texture(360, 240, 5))
    return Shop(tmp_path)


async def test_only_what_changed_is_made_again(shop: Shop) -> None:
    first = await shop.run()
    assert (first.summary.new, first.summary.errors, first.made) == (2, 1, {"A", "B"})
    made = shop.films()
    problems = (shop.order.out / "problems.csv").read_text()
    assert "4,C,price,error," in problems
    report = (shop.order.out / "report.html").read_text()
    assert "&#39;ask&#39; is not an amount" in report
    assert "films/A.mp4" in report

    second = await shop.run()
    assert (second.summary.unchanged, second.made) == (2, frozenset())
    assert shop.films() == made

    shop.write({**ROWS, "A": ROWS["A"].replace("24.90", "22.90")})
    third = await shop.run(base_url="https://cdn.example/ads")
    assert (third.summary.changed, third.summary.unchanged, third.made) == (1, 1, {"A"})
    assert shop.films()["B"] == made["B"]
    assert shop.films()["A"][1] != made["A"][1]
    written = (shop.order.out / "feed.csv").read_text().splitlines()
    assert written[0] == f"{HEADER},video_link,video[0].url"
    assert written[1].endswith("https://cdn.example/ads/films/A.mp4,https://cdn.example/ads/films/A.mp4")
    assert written[3].endswith(",,"), "the broken row has no film"

    ended = await shop.run(shop.tools(datetime(2026, 12, 6, tzinfo=UTC)))
    assert ended.made == {"B"}, "its sale is over: it has another price"

    shop.write({"A": ROWS["A"].replace("24.90", "22.90")})
    assert (await shop.run()).summary.gone == 1
    report = (shop.order.out / "report.html").read_text()
    assert 'class="gone"' in report
    assert "B" in shop.films()
    await shop.run(delete_gone=True)
    assert list(shop.films()) == ["A"]


async def test_another_price_draws_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The frames beneath the price are kept, and the film with another price is that of a batch that began with it."""
    await shop.run()
    shop.write({**ROWS, "A": "A,Mug,21.90 EUR,,,photo.png"})
    drawn: list[object] = []
    stage = LocalEngine.stage

    def counted(engine: LocalEngine, shot: Shot) -> StagedShot:
        drawn.append(shot)
        return stage(engine, shot)

    monkeypatch.setattr(LocalEngine, "stage", counted)
    assert (await shop.run()).made == {"A"}
    assert drawn == []
    again = replace(shop.order, out=shop.folder / "other")
    await run_batch(again, shop.feed, batch_tools(shop.settings, again.out))
    assert (again.out / "films" / "A.mp4").read_bytes() == shop.films()["A"][1]
    assert len(drawn) == 1, "both products have the same photo"


async def test_fast_films_are_as_many_frames_and_other_bytes(shop: Shop) -> None:
    await shop.run()
    standard = shop.films()
    assert (await shop.run(fast=True)).made == frozenset(), "films that exist stay as they are"
    fast = replace(shop.order, out=shop.folder / "fast", fast=True, script=read_template(PLAIN, "ad.toml"))
    await run_batch(fast, shop.feed, batch_tools(shop.settings, fast.out))
    plain = replace(fast, out=shop.folder / "plain", fast=False)
    await run_batch(plain, shop.feed, batch_tools(shop.settings, plain.out))
    made, other = ((order.out / "films" / "A.mp4").read_bytes() for order in (fast, plain))
    assert made != other
    assert standard == shop.films()


async def test_films_that_were_begun_and_finished_are_logged(shop: Shop) -> None:
    with pytest.raises(NoSpaceError):
        await run_batch(shop.order, shop.feed, shop.tools(), stop)
    broken = read_attempts(shop.order.out)
    await shop.run()
    lines = read_attempts(shop.order.out)
    assert lines[: len(broken)] == broken
    assert lines[-1] == ("", Attempt.ENDED)
    assert sorted(film for film, event in lines if event is Attempt.FINISHED) == ["A", "B"]
    await shop.run()
    assert read_attempts(shop.order.out) == [("", Attempt.ENDED)]


async def test_a_run_that_broke_off_goes_on_and_buys_nothing_twice(shop: Shop) -> None:
    shop.write({**ROWS, "bad": "C,Vase,14.90 EUR,,,photo.png"})
    with pytest.raises(NoSpaceError):
        await run_batch(shop.order, shop.feed, shop.tools(), stop)
    before = shop.films()
    assert 1 <= len(before) < 3
    left = {"A", "B", "C"} - set(before)
    # A kill cuts off the line that is being written.
    with (shop.order.out / "manifest.jsonl").open("ab") as manifest:
        manifest.write(b'{"id": "C", "film": "fil')
    result = await shop.run()
    assert (result.made, result.summary.unchanged) == (left, len(before))
    assert before.items() <= shop.films().items()
    with open_manifest(shop.order.out) as manifest:
        assert sorted(record.id for record in manifest.records()) == ["A", "B", "C"]
        with pytest.raises(ConflictError, match="another batch is at work"):
            await shop.run()


async def test_a_preview_makes_nothing_and_draws_samples(shop: Shop) -> None:
    result = await preview_batch(shop.order, shop.feed, shop.tools())
    assert (result.summary.new, result.summary.errors) == (2, 1)
    assert result.summary.film_seconds == 5
    assert [path.read_bytes()[8:12] for path in result.samples] == [b"WEBP"] * 2
    assert shop.films() == {}


def test_conditions_and_a_limit_choose_among_the_products(shop: Shop) -> None:
    def chosen(order: BatchOrder) -> list[str]:
        with open_manifest(order.out) as manifest, problem_file(order.out) as problems:
            planner = BatchPlanner(order, shop.feed, shop.tools().photos(shop.feed), manifest, NOW)
            return [film.product.id for film in planner.films(problems)]

    assert chosen(shop.order) == ["A", "B"]
    assert chosen(replace(shop.order, conditions=(read_condition("price<20"),))) == ["B"]
    assert chosen(replace(shop.order, limit=1)) == ["A"]


async def test_a_photo_that_shows_nothing_costs_its_clip_and_not_the_film(shop: Shop) -> None:
    cv2.imwrite(str(shop.folder / "dark.png"), np.full((240, 360, 3), 2, np.uint8))
    beat = '[[beats]]\nname = "b{0}"\nshot = {{ photo = {0} }}\nseconds = 1.5\n'
    script = read_template(
        f'version = 1\nproduct = "{{title:50!}}"\n[end]\ncta = ""\n{beat.format(1)}{beat.format(2)}', "ad.toml"
    )
    shop.order = replace(shop.order, script=script)
    (shop.folder / "feed.csv").write_text(
        "id,title,price,image_link,additional_image_link\nA,Mug,24.90 EUR,photo.png,dark.png\nB,Bowl,9.90 EUR,dark.png,\n"
    )
    result = await shop.run()
    assert (result.made, result.summary.errors) == ({"A"}, 2)
    problems = (shop.order.out / "problems.csv").read_text()
    assert "2,A,image,error,the film is incomplete: dark.png: the clip of this photo is black" in problems
    assert "choose another photo or camera move" in problems
    assert "3,B,image,error,dark.png: the clip of this photo is black" in problems
    with open_manifest(shop.order.out) as manifest:
        (record,) = manifest.records()
    assert record.seconds == 1.5
    assert "the film is incomplete" in record.notes[0]


async def test_a_row_without_an_id_keeps_films_from_being_parted_with(shop: Shop) -> None:
    with open_manifest(shop.order.out):
        pass
    line = {"id": "Z", "film": "films/Z.mp4", "sha256": "", "size": 0, "script": "", "links": [], "photos": []}
    with (shop.order.out / "manifest.jsonl").open("a") as manifest:
        manifest.write(json.dumps({**line, "seconds": 1.0, "took": 1.0}) + "\n")
    shop.write({"bad": ROWS["bad"]})
    assert (await preview_batch(shop.order, shop.feed, shop.tools())).summary.gone == 1
    shop.write({"bad": ",Vase,1.00 EUR,,,photo.png"})
    assert (await preview_batch(shop.order, shop.feed, shop.tools())).summary.gone == 0


async def test_another_manifest_and_a_bad_address_are_refused(shop: Shop) -> None:
    shop.order.out.mkdir()
    with pytest.raises(InputError, match="not an https address"):
        await shop.run(base_url="http://cdn.example")
    (shop.order.out / "manifest.jsonl").write_text("{}\n")
    with pytest.raises(InputError, match="not the manifest"):
        await shop.run()


async def test_photos_from_the_web_need_a_yes_and_are_asked_for_again(shop: Shop) -> None:
    picture = (shop.folder / "photo.png").read_bytes()
    head = f"HTTP/1.1 200 X\r\nContent-Type: image/png\r\nETag: v1\r\nContent-Length: {len(picture)}\r\n\r\n".encode()

    async def answer(asked: Asked) -> bytes:
        if asked.target == "/gone.png":
            return b"HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n"
        if asked.target == "/busy.png" and "if-none-match" in asked.headers:
            return b"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n"
        return b"HTTP/1.1 304 X\r\n\r\n" if "if-none-match" in asked.headers else head + picture

    async with Site(answer) as site:
        host = site.url.removeprefix("http://")
        links = " , ".join(f"{site.url}/{name}.png" for name in ("gone", "busy", "a"))
        shop.write({"A": f'A,Mug,24.90 EUR,,,"{links}"'})
        shop.settings = Settings(content_credentials=False, download_hosts=(host,))
        with pytest.raises(PhotoError, match="confirm that you may use them"):
            await shop.run()
        assert (await preview_batch(shop.order, shop.feed, shop.tools())).hosts == (host,)
        assert site.asked == []

        first = await shop.run(remote_photos=True)
        assert (first.made, first.summary.notes) == ({"A"}, 1)
        made = shop.films()
        tomorrow = datetime(2026, 12, 1, 12, tzinfo=UTC)
        asked = len(site.asked)
        assert (await shop.run(shop.tools(tomorrow), remote_photos=True)).made == frozenset()
        assert shop.films() == made
        assert {each.headers.get("if-none-match") for each in site.asked[asked:]} == {"v1", None}


async def test_each_product_has_a_film_for_each_placement(shop: Shop) -> None:
    """Films are named, kept and made again for each placement by itself; the feed links those for the first."""
    shop.write({"A": ROWS["A"]})
    chosen = tuple(load_placements(None)[name] for name in ("meta-feed", "tiktok-in-feed"))
    made = await shop.run(placements=chosen, base_url="https://shop.example/ads")
    assert made.made == {"A@meta-feed", "A@tiktok-in-feed"} == set(shop.films())
    links = (shop.order.out / "videos.tsv").read_text().splitlines()
    assert links[1:] == ["\t".join(["A", *["https://shop.example/ads/films/A%40meta-feed.mp4"] * 2])]
    with open_manifest(shop.order.out) as manifest:
        verdicts = {record.placement: record.verdict for record in manifest.records()}
    # These films have the size of tests, which no placement accepts.
    assert all(f"rules of {name}" in verdicts[name] for name in verdicts), verdicts

    (shop.order.out / "films" / "A@meta-feed.mp4").unlink()
    again = await shop.run(placements=chosen)
    assert (again.made, again.summary.unchanged) == ({"A@meta-feed"}, 1)
