"""The Python API: what adreel can do, as one object.

A film on the spot, with no database:

    studio = Studio()
    await studio.make(MakeOrder((Path("mug.jpg"),), Path("ad.mp4"), prompt="calm"))

Sessions, with the same verbs as the HTTP API and the same promises: work survives a crash, nothing paid is bought twice:

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

from contextlib import AbstractAsyncContextManager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from adreel.bootstrap.films import build_maker, settings_from
from adreel.domain.events import ProgressSink, ignore_progress
from adreel.maker import ComposeOrder, Delivery, FilmMaker, MakeOrder
from adreel.verbs import SessionVerbs

if TYPE_CHECKING:
    from adreel.bootstrap.service import Desk
    from adreel.hosted.orders import HostedOrder
    from adreel.hosted.plan import HostedPlan


class Studio(SessionVerbs):
    """adreel embedded in a Python program. Settings come from the environment; those named here go before.

    Raises InputError for a setting that cannot be used.
    """

    def __init__(self, **settings: object) -> None:
        self._settings = settings_from(**settings)
        super().__init__(self._new_desk, self._settings.data_dir / "work")

    async def make(self, order: MakeOrder, sink: ProgressSink = ignore_progress) -> Delivery:
        """Photos to film, on the spot. Raises AdreelError; input that cannot be used is refused before anything is rendered."""
        return await self._maker.make(order, sink)

    async def compose(self, order: ComposeOrder, sink: ProgressSink = ignore_progress) -> Delivery:
        """Clips to film, on the spot. Raises AdreelError; every clip is examined before anything is rendered."""
        return await self._maker.compose(order, sink)

    async def estimate(self, order: HostedOrder) -> HostedPlan:
        """What a film with hosted models will cost, and what of it is there already. Buys nothing; sessions need not be open.

        Raises InputError for what cannot be made, BudgetError when it costs more than the order's budget.
        """
        from adreel.bootstrap.core import open_core
        from adreel.hosted.plan import plan_film
        from adreel.services.auth_service import AuthService

        async with open_core(self._settings) as core:
            user = await AuthService(core.database).local_user()
            return await plan_film(core, user.id, order)

    async def buy(self, plan: HostedPlan, sink: ProgressSink = ignore_progress) -> Delivery:
        """Makes the film of an estimate, within `async with`. Begun again after a crash, it buys nothing twice.

        Raises AdreelError.
        """
        from adreel.hosted.film import HostedFilms

        return await HostedFilms(self, self._maker, self._settings.data_dir / "work").make(plan, sink)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        await self.close()

    def _new_desk(self) -> AbstractAsyncContextManager[Desk]:
        from adreel.bootstrap.service import open_desk

        return open_desk(self._settings, with_worker=True)

    @cached_property
    def _maker(self) -> FilmMaker:
        return build_maker(self._settings)
