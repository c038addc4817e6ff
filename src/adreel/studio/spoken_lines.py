"""Lines of hosted voices for films that are made on the spot: their price, and their purchase, once for the same line."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import count, takewhile
from pathlib import Path

from adreel.agents.agent import gather_all
from adreel.billing.agent_buyers import LineBuyer, line_content
from adreel.billing.agent_purchases import AgentRequest
from adreel.billing.clip_jobs import digest_of
from adreel.billing.purchases import keys_of
from adreel.bootstrap.core import Core
from adreel.bootstrap.remedies import no_account
from adreel.catalogue.models import SpeechModel
from adreel.domain.ad import Ad
from adreel.domain.costs.ledger import CallState, PaidCall
from adreel.domain.costs.money import format_amount
from adreel.domain.errors import BudgetError, InputError, NotFoundError, SetupError
from adreel.domain.films.narration import VoiceRecord
from adreel.domain.films.speech import HostedVoice, SpeechOrder
from adreel.media.cache_uses import used_by
from adreel.media.scratch import scratch_folder
from adreel.media.speech.bought_lines import BoughtVoice, LineStore
from adreel.providers.common.prompt_marker import marked_line
from adreel.providers.registry import provider

SESSION_NAME = "spoken lines"
"""The session that keeps bought lines: a line is paid for once, whichever film says it first."""
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class LinesPlan:
    """What the lines of films cost. `voices` speak the lines in `texts`, one list for each voice; `orders` are all of them, each
    once, and those in `absent` are to be bought.

    `prices` are those of the absent ones, `spent` was paid for the others, of the `budget` of all (US dollars).
    """

    voices: tuple[BoughtVoice, ...]
    texts: tuple[tuple[str, ...], ...]
    session_id: str
    orders: tuple[SpeechOrder, ...]
    absent: tuple[SpeechOrder, ...]
    prices: tuple[Decimal, ...]
    spent: Decimal
    budget: Decimal

    @property
    def total(self) -> Decimal:
        """The price of the absent lines."""
        return sum(self.prices, Decimal(0))

    @property
    def lines(self) -> list[str]:
        """The estimate, formatted for the user."""
        held = len(self.orders) - len(self.absent)
        reused = [f"{held} line{'' if held == 1 else 's'} bought before: not bought again"] if held else []
        if not self.absent:
            return [*reused, "no line to buy"]
        models = ", ".join(dict.fromkeys(order.model for order in self.absent))
        spent = f", ${format_amount(self.spent)} of it is spent" if self.spent else ""
        total = f"${format_amount(self.total)}"
        return [
            *reused,
            f"{_lines(len(self.absent))} of {models}: {total}; the budget is ${format_amount(self.budget)}{spent}",
        ]

    @property
    def question(self) -> str:
        """The question that the user must confirm before anything is bought."""
        return f"Buy {_lines(len(self.absent))} for ${format_amount(self.total)}?"


@dataclass(frozen=True, slots=True)
class BoughtLines:
    """Lines that are there: `voices` speak them, in the order in which they were asked for, and `calls` are their purchases, of
    each voice. `before` are the keys of those that were paid before."""

    voices: tuple[BoughtVoice, ...]
    calls: tuple[tuple[PaidCall, ...], ...]
    before: frozenset[str]

    def cost_now(self, place: int) -> Decimal:
        """What was paid now for the lines of a voice, in US dollars."""
        return sum((call.amount for call in self.calls[place] if call.key not in self.before), Decimal(0))


def spoken_texts(script: Ad) -> tuple[str, ...]:
    """The lines of a script that a voice is to speak, each once: those of beats without a recording of their own."""
    return tuple(dict.fromkeys(beat.spoken for beat in script.beats if beat.spoken and not beat.recording))


async def plan_lines(
    core: Core, user_id: str, asked: Sequence[tuple[HostedVoice, Sequence[str]]], budget: Decimal | None
) -> LinesPlan:
    """Buys nothing and changes nothing. `asked` are voices with their lines. Raises InputError for an unknown voice,
    TextError for a line that it cannot speak, BudgetError when the lines cost too much."""
    voices = tuple(voice_of(core, voice) for voice, _ in asked)
    pairs = [(voice, text) for voice, (_, texts) in zip(voices, asked, strict=True) for text in texts]
    for voice, text in pairs:
        voice.check(text)
    orders = tuple(dict.fromkeys(_order(voice, text) for voice, text in pairs))
    session_id, calls = await _find(core, user_id)
    mine = {order: _calls_of(calls, session_id, user_id, order) for order in orders}
    absent = tuple(order for order in orders if not any(call.state is CallState.PAID for call in mine[order]))
    prices = tuple(_price(core.catalogue.speeches[order.model], order) for order in absent)
    spent = sum((call.amount for found in mine.values() for call in found), Decimal(0))
    whole = core.settings.session_budget if budget is None else budget
    left, needed = max(whole - spent, Decimal(0)), sum(prices, Decimal(0))
    if needed > left:
        raise BudgetError("film", needed, left, whole)
    is_open = [any(not call.state.is_settled for call in mine[order]) for order in absent]
    await _check_account(core, user_id, [price for price, held in zip(prices, is_open, strict=True) if not held])
    texts = tuple(tuple(each) for _, each in asked)
    return LinesPlan(voices, texts, session_id, orders, absent, prices, spent, whole)


async def buy_lines(core: Core, buyer: LineBuyer | None, user_id: str, plan: LinesPlan, work: Path) -> BoughtLines:
    """Buys the lines of a plan, in its session. Called again after a crash, it buys nothing twice. Raises AdreelError."""
    stored = {(voice.name, voice.voice, voice.language): voice for voice in plan.voices}
    # A prepared line may be there although the process died before its purchase was settled.
    missing = [order for order in plan.orders if order in plan.absent or not _is_kept(stored, order)]
    before = frozenset(call.key for call in await core.ledger.calls_in(plan.session_id) if call.state.is_settled)
    if missing:
        if buyer is None:
            raise SetupError(f"lines of {missing[0].model} cannot be bought here: no provider of it is set up")
        await _open_session(core, user_id, plan)
        slots = asyncio.Semaphore(_AT_ONCE)

        async def buy(order: SpeechOrder, voice: BoughtVoice) -> None:
            async with slots:
                with scratch_folder(work, "line-") as folder:
                    keep = partial(voice.lines.keep, voice.key(order.text), order.text)
                    await buyer.buy(plan.session_id, order, folder / "line.sound", keep)

        with used_by(plan.session_id):
            await gather_all([buy(order, stored[(order.model, order.voice, order.language)]) for order in missing])
    calls = await core.ledger.calls_in(plan.session_id)
    by_voice = tuple(
        tuple(call for text in texts for call in _calls_of(calls, plan.session_id, user_id, _order(voice, text)))
        for voice, texts in zip(plan.voices, plan.texts, strict=True)
    )
    return BoughtLines(plan.voices, by_voice, before)


def voice_of(core: Core, voice: HostedVoice) -> BoughtVoice:
    """The speaker of a hosted voice. Raises InputError for an unknown model and a language that it does not speak."""
    known = core.catalogue.speeches
    if voice.model not in known:
        raise InputError(f"no speech model is called {voice.model!r}; choose one of {', '.join(known)}")
    model = known[voice.model]
    model.check_usable()
    model.check_language(voice.language)
    if model.provider not in core.providers:
        raise InputError(no_account(provider(model.provider)))
    name = voice.voice or model.voices[0]
    record = VoiceRecord(f"{model.title}, {name}", model.reference, None, True, model.provider, model.licence)
    lines = LineStore(core.settings.data_dir / "cache" / "lines")
    return BoughtVoice(model.name, name, record, tuple(model.languages), voice.language, lines)


def _order(voice: BoughtVoice, text: str) -> SpeechOrder:
    return SpeechOrder(voice.name, " ".join(text.split()), voice.voice, voice.language)


def _price(model: SpeechModel, order: SpeechOrder) -> Decimal:
    model.check(order.text, order.language)
    return model.price_of(len(marked_line(order.text, 0)))


def _calls_of(calls: Sequence[PaidCall], session_id: str, user_id: str, order: SpeechOrder) -> list[PaidCall]:
    request = AgentRequest(session_id, user_id, order.model, line_content(order), order)
    by_key = {call.key: call for call in calls}
    return [by_key[key] for key in takewhile(by_key.__contains__, keys_of(request))]


async def _find(core: Core, user_id: str) -> tuple[str, tuple[PaidCall, ...]]:
    """The session of the user's lines, and its purchases. Another one where it was deleted with its files."""
    for generation in count():
        session_id = digest_of("session of lines", user_id, generation)[:32]
        calls = await core.ledger.calls_in(session_id)
        try:
            await core.sessions.get(user_id, session_id)
        except NotFoundError:
            if calls:
                continue
        return session_id, calls
    raise AssertionError("unreachable: generations do not end")


async def _check_account(core: Core, user_id: str, prices: Sequence[Decimal]) -> None:
    """Raises BudgetError when the account has less than these prices left. Open orders are not in them: they are set aside."""
    needed = sum(prices, Decimal(0))
    account = await core.ledger.budget(user_id)
    if account.cap is not None and account.left is not None and needed > account.left:
        raise BudgetError("account", needed, account.left, account.cap)


async def _open_session(core: Core, user_id: str, plan: LinesPlan) -> None:
    """Opens the session of lines, which may spend what these cost and nothing else."""
    try:
        record = (await core.sessions.get(user_id, plan.session_id)).session
        used = record.total_cost + record.reserved
    except NotFoundError:
        used = Decimal(0)
    await core.sessions.resume(user_id, plan.session_id, SESSION_NAME, 0, used + plan.total)


def _is_kept(stored: dict[tuple[str, str, str | None], BoughtVoice], order: SpeechOrder) -> bool:
    voice = stored[(order.model, order.voice, order.language)]
    return voice.lines.has(voice.key(order.text))


def _lines(number: int) -> str:
    return f"{number} spoken line{'' if number == 1 else 's'}"
