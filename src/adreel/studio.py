"""The Python API: what adreel can do, as one object.

from adreel import Studio

studio = Studio()
await studio.make(MakeOrder((Path("mug.jpg"),), Path("ad.mp4"), prompt="calm"))
"""

from __future__ import annotations

from functools import cached_property

from adreel.bootstrap.films import build_maker, settings_from
from adreel.domain.events import ProgressSink, ignore_progress
from adreel.maker import ComposeOrder, Delivery, FilmMaker, MakeOrder


class Studio:
    """adreel embedded in a Python program. Settings come from the environment; those named here go before.

    Raises InputError for a setting that cannot be used.
    """

    def __init__(self, **settings: object) -> None:
        self._settings = settings_from(**settings)

    async def make(self, order: MakeOrder, sink: ProgressSink = ignore_progress) -> Delivery:
        """Photos to film, on the spot. Raises AdreelError; input that cannot be used is refused before anything is rendered."""
        return await self._maker.make(order, sink)

    async def compose(self, order: ComposeOrder, sink: ProgressSink = ignore_progress) -> Delivery:
        """Clips to film, on the spot. Raises AdreelError; every clip is examined before anything is rendered."""
        return await self._maker.compose(order, sink)

    @cached_property
    def _maker(self) -> FilmMaker:
        return build_maker(self._settings)
