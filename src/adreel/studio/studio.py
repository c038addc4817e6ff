"""The Python API of adreel, as one class.

A local film, without a database:

    studio = Studio()
    await studio.make(MakeOrder((Path("mug.jpg"),), Path("ad.mp4"), prompt="calm"))

Sessions, with the operations and guarantees of the HTTP API: jobs survive a crash, nothing paid is bought twice:

    async with Studio() as studio:
        session = await studio.create_session("a stoneware mug")
        images = await studio.add_images(session.id, [Path("front.jpg"), Path("side.jpg")])
        await studio.save_approved_images(session.id, [image.id for image in images])
        clips = await studio.generate_clips(session.id, "calm morning light")
        await studio.save_approved_clips(session.id, [clip.id for clip in clips])
        film = await studio.compose_final_video(session.id, text_overlay={"cta": "Order yours"})
        await studio.save(film, Path("ad.mp4"))
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from adreel.agents.film_orders import ComposeOrder, Delivery, MakeOrder
from adreel.agents.maker import FilmMaker
from adreel.agents.placement_plan import out_for
from adreel.agents.script import write_script
from adreel.bootstrap.checks import open_checker
from adreel.bootstrap.local import build_maker, settings_from
from adreel.domain.ad import Ad
from adreel.domain.errors import InputError
from adreel.domain.scripts.ad_request import AdRequest
from adreel.domain.work.progress import ProgressSink, ignore_progress
from adreel.placements.checking import FilmChecker, FilmReport
from adreel.studio.sessions import SessionsApi

if TYPE_CHECKING:
    from adreel.agents.speaking import SayOrder
    from adreel.bootstrap.service import ServiceContext
    from adreel.domain.films.narration import SpokenLine
    from adreel.domain.films.speech import HostedVoice
    from adreel.feeds.batches.planning import BatchOrder
    from adreel.feeds.batches.running import BatchTools
    from adreel.feeds.batches.summary import BatchResult, BatchSink
    from adreel.feeds.sources import FeedSource
    from adreel.services.brands.folder import BrandFolder
    from adreel.studio.hosted_batch import BatchEngine
    from adreel.studio.hosted_order import HostedOrder
    from adreel.studio.hosted_plan import HostedPlan
    from adreel.studio.hosted_variants import BoughtVariants
    from adreel.studio.spoken_lines import BoughtLines, LinesPlan
    from adreel.variants.result import VariantsResult
    from adreel.variants.running import VariantSink, VariantsOrder


class Studio(SessionsApi):
    """adreel embedded in a Python program. `settings` override those of the environment.

    Raises InputError for an invalid setting.
    """

    def __init__(self, **settings: object) -> None:
        self._settings = settings_from(**settings)
        super().__init__(self._new_context, self._settings.data_dir / "work")

    async def make(self, order: MakeOrder, sink: ProgressSink = ignore_progress) -> Delivery:
        """Makes a film from photos, locally. Raises AdreelError; unusable input is rejected before anything is rendered."""
        return await self._maker.make(order, sink)

    async def check_order(self, order: MakeOrder) -> None:
        """Checks an order as `make` does before it renders, but for the length of its spoken lines: so that nothing is bought for
        a film that cannot be made. Raises AdreelError."""
        await self._maker.check(order)

    def draft(self, order: MakeOrder) -> AsyncGenerator[bytes]:
        """Yields a draft of the film that `make` would make, as fragmented MP4 that plays while it is drawn. An order with other
        words, in the same program, draws only their part again. `out` is not looked at.

            async with aclosing(studio.draft(order)) as parts:
                async for part in parts:
                    player.write(part)

        Raises AdreelError: before the first part for unusable input, then at the place of the fault.
        """
        return self._maker.draft(order)

    async def write_script(self, request: AdRequest) -> Ad:
        """Writes the script of an ad from photos, facts and offer, for `MakeOrder.script`; it can be changed before.

            ad = await studio.write_script(AdRequest(("mug.jpg",), "Morgen Mug", facts=("Holds 350 ml",)))
            await studio.make(MakeOrder((Path("mug.jpg"),), Path("ad.mp4"), script=ad))

        Raises InputError for a request that cannot be used, ClaimError for words that claim more than the facts and the offer.
        """
        return await asyncio.to_thread(write_script, request)

    async def say(self, order: SayOrder) -> SpokenLine:
        """Speaks a line of English into a WAV file, with the offline voice; `times` are the seconds of its words.

            line = await studio.say(SayOrder("Only $24.99.", Path("line.wav")))

        Raises TextError for a line in another language or without words, InputError for a file that cannot be written.
        """
        from adreel.agents.speaking import speak

        return await speak(order)

    @cached_property
    def brands(self) -> BrandFolder:
        """The brand kits of this data folder, for `MakeOrder.brand`:

        kit = studio.brands.add(BrandKit("morgen", color="#1F6F78", logo=BrandLogo(Path("logo.png"))))
        await studio.make(MakeOrder((Path("mug.jpg"),), Path("ad.mp4"), script=ad, brand=kit))
        """
        from adreel.services.brands.folder import BrandFolder

        return BrandFolder(self._settings.data_dir / "brands")

    async def compose(self, order: ComposeOrder, sink: ProgressSink = ignore_progress) -> Delivery:
        """Makes a film from clips, locally. Raises AdreelError; every clip is examined before anything is rendered."""
        return await self._maker.compose(order, sink)

    async def check(self, films: Sequence[Path], placements: Sequence[str]) -> tuple[FilmReport, ...]:
        """Checks films of any maker against the rules of placements.

            (report,) = await studio.check([Path("ad.mp4")], ["meta-reels", "tiktok-in-feed"])
            report.grade  # 0 fits, 1 but for advice, 2 not, 3 cannot be read

        Raises InputError for an unknown placement.
        """
        return tuple([await asyncio.to_thread(self._checker.check, film, placements) for film in films])

    async def make_for(
        self, order: MakeOrder | ComposeOrder, placements: Sequence[str], sink: ProgressSink = ignore_progress
    ) -> tuple[Delivery, ...]:
        """Makes one film for each placement, as NAME-PLACEMENT.mp4 where there are several. Raises AdreelError."""
        chosen = self._checker.chosen(placements)
        orders = [replace(order, placement=each, out=out_for(order.out, each, len(chosen))) for each in chosen]
        return tuple([await self._made(each, sink) for each in orders])

    async def _made(self, order: MakeOrder | ComposeOrder, sink: ProgressSink) -> Delivery:
        return await (self.make(order, sink) if isinstance(order, MakeOrder) else self.compose(order, sink))

    async def make_variants(
        self, order: VariantsOrder, sink: VariantSink | None = None, engine: str | None = None
    ) -> VariantsResult:
        """Makes films of one script that differ in their first seconds, locally; near-twins are left out by name. With a hosted
        `engine`, PROVIDER or PROVIDER/MODEL, they are made of the clips that were bought for the film of the script, within
        `async with`; nothing is bought.

            base = MakeOrder((Path("mug.jpg"),), Path("unused.mp4"), script=ad)
            await studio.make_variants(VariantsOrder(base, Path("variants"), count=6))

        The folder then has the films, ``variants.json`` and ``variants.html``. Raises AdreelError.
        """
        from adreel.variants.running import ignore_events, make_variants

        maker = self._maker if engine is None else await self._bought_variants(order.base, engine)
        return await make_variants(order, maker, sink or ignore_events)

    async def _bought_variants(self, base: MakeOrder, engine: str) -> BoughtVariants:
        from adreel.studio.hosted_order import HostedOrder
        from adreel.studio.hosted_variants import BoughtVariants

        provider, _, model = engine.partition("/")
        await asyncio.to_thread(base.out.parent.mkdir, parents=True, exist_ok=True)
        order = HostedOrder(
            base.photos,
            base.out,
            base.prompt,
            base.clip_seconds,
            base.film,
            model or None,
            provider=provider,
            existing=base.existing,
            script=base.script,
            brand=base.brand,
        )
        plan = await self.estimate(order)
        return await BoughtVariants(self, self._maker, plan, self._settings.data_dir / "work").open()

    async def run_batch(
        self,
        source: FeedSource,
        order: BatchOrder,
        sink: BatchSink | None = None,
        placements: Sequence[str] = (),
        engine: BatchEngine | None = None,
    ) -> BatchResult:
        """Makes a film for each product of a feed, locally; called again, only what is new or changed, also after a kill.

            template = read_template(Path("ad.toml").read_text(), "ad.toml")
            await studio.run_batch(FeedSource("feed.csv"), BatchOrder(Path("films"), template))

        With `placements` each product has a film for each of them. A row that fails does not stop the others: it is in
        ``problems.csv`` and ``report.html``. Raises AdreelError for a feed that cannot be read, an unknown placement, photos that
        may not be used, and faults of this machine. With an `engine` the clips are bought, within `async with` and its budget;
        what a row needs beyond that is an error of the row.
        """
        from adreel.bootstrap.batches import open_feed
        from adreel.feeds.batches.batch import ignore_events, run_batch

        feed = await open_feed(self._settings, source, order.out)
        order = self._placed(order, placements, engine)
        return await run_batch(order, feed, self._batch_tools(order, engine), sink or ignore_events)

    async def preview_batch(
        self,
        source: FeedSource,
        order: BatchOrder,
        placements: Sequence[str] = (),
        engine: BatchEngine | None = None,
    ) -> BatchResult:
        """Says what `run_batch` would make and cost, and draws three stills. Makes no film, buys nothing. Raises as `run_batch`
        does."""
        from adreel.bootstrap.batches import open_feed
        from adreel.feeds.batches.batch import preview_batch

        feed = await open_feed(self._settings, source, order.out)
        order = self._placed(order, placements, engine)
        return await preview_batch(order, feed, self._batch_tools(order, engine))

    def _placed(self, order: BatchOrder, placements: Sequence[str], engine: BatchEngine | None) -> BatchOrder:
        order = replace(order, engine=engine.name) if engine else order
        return replace(order, placements=self._checker.chosen(placements)) if placements else order

    def _batch_tools(self, order: BatchOrder, engine: BatchEngine | None) -> BatchTools:
        from adreel.bootstrap.batches import batch_tools
        from adreel.studio.hosted_batch import HostedBatch

        tools = batch_tools(self._settings, order.out)
        if engine is None:
            return tools
        if order.placements:
            raise InputError("films for placements are made by the local engine only: leave out the placements")
        if order.fast:
            raise InputError("only drawn clips are encoded faster; choose the standard encoder for bought ones")
        hosted = HostedBatch(self, tools.maker, engine, order.out)
        return replace(tools, maker=hosted, price=hosted.price)

    async def estimate(self, order: HostedOrder) -> HostedPlan:
        """Estimates the cost of a film with hosted models, less its existing parts. Buys nothing; sessions need not be open.

        Raises InputError for an invalid order, BudgetError when it costs more than the order's budget.
        """
        return (await self.estimate_all([order]))[0]

    async def estimate_all(self, orders: Sequence[HostedOrder]) -> list[HostedPlan]:
        """Estimates films of one script in several languages, which are made from the same clips: each clip is as long as the
        longest of them needs it. The first estimate is that of all. Raises as `estimate` does.
        """
        from adreel.bootstrap.core import open_core
        from adreel.services.accounts.service import AuthService
        from adreel.studio.hosted_plan import plan_films

        async with open_core(self._settings) as core:
            user = await AuthService(core.database).local_user()
            return await plan_films(core, user.id, orders)

    async def buy(self, plan: HostedPlan, sink: ProgressSink = ignore_progress) -> Delivery:
        """Buys and makes the film of an estimate, within `async with`. Called again after a crash, it buys nothing twice.

        Raises AdreelError.
        """
        from adreel.studio.hosted_film import HostedFilms

        return await HostedFilms(self, self._maker, self._settings.data_dir / "work").make(plan, sink)

    async def estimate_lines(
        self, asked: Sequence[tuple[HostedVoice, Sequence[str]]], budget: Decimal | None = None
    ) -> LinesPlan:
        """Estimates the cost of lines that hosted voices are to speak, less those bought before. Buys nothing; sessions need not
        be open.

            plan = await studio.estimate_lines([(HostedVoice("speech-2.6-turbo", language="de"), ["Guten Morgen."])])
            print(plan.total)

        Raises InputError for an unknown voice or language, TextError for a line that the voice cannot speak, BudgetError when
        the lines cost more than `budget` (US dollars; None for that of the settings).
        """
        from adreel.bootstrap.core import open_core
        from adreel.services.accounts.service import AuthService
        from adreel.studio.spoken_lines import plan_lines

        async with open_core(self._settings) as core:
            user = await AuthService(core.database).local_user()
            return await plan_lines(core, user.id, asked, budget)

    async def buy_lines(self, plan: LinesPlan) -> BoughtLines:
        """Buys the lines of an estimate, within `async with`, for the `speaker` of an order. Called again after a crash, it buys
        nothing twice.

            bought = await studio.buy_lines(plan)
            film = FilmOptions(voice="on")
            order = MakeOrder((photo,), out, film=film, script=ad, speaker=bought.voices[0], bought=bought.calls[0])

        Raises AdreelError.
        """
        from adreel.studio.spoken_lines import buy_lines

        return await buy_lines(self._core, self._opened.lines, self._user, plan, self._work)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        await self.close()

    def _new_context(self) -> AbstractAsyncContextManager[ServiceContext]:
        from adreel.bootstrap.service import open_service_context

        return open_service_context(self._settings, with_worker=True)

    @cached_property
    def _checker(self) -> FilmChecker:
        return open_checker(self._settings)

    @cached_property
    def _maker(self) -> FilmMaker:
        return build_maker(self._settings)
