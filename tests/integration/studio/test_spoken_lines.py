"""`Studio.estimate_lines` and `Studio.buy_lines`: who speaks a film is bought before it, and said by it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import cv2
import pytest

from adreel import MakeOrder, SayOrder, Studio
from adreel.domain.ad import Ad, Beat, BeatShot
from adreel.domain.costs.ledger import CallState
from adreel.domain.errors import BudgetError, InputError, RecordingError, TextError
from adreel.domain.films.captions import Captions
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.speech import HostedVoice
from adreel.media.speech.line_voice import LineVoice
from adreel.studio.spoken_lines import SESSION_NAME, spoken_texts
from adreel.testing.replicate.speech import Line, spoken
from support.pictures import texture
from support.replicate import StandIn

VOICE = HostedVoice("speech-2.6-turbo", "Calm_Woman", "de")
LINES = ("Guten Morgen.", "Guten Abend.")


@pytest.fixture
def studio(tmp_path: Path, stand_in: StandIn) -> Studio:
    account = {"replicate_api_token": "r8_secret", "replicate_base_url": stand_in.api}
    return Studio(data_dir=tmp_path / "data", download_hosts=stand_in.output_host, **account)


async def test_lines_are_bought_once_and_speak_at_any_pace(studio: Studio, stand_in: StandIn, tmp_path: Path) -> None:
    plan = await studio.estimate_lines([(VOICE, LINES), (replace(VOICE, language=None), LINES[:1])])
    assert (len(plan.orders), plan.total) == (3, Decimal("0.009"))
    async with studio:
        bought = await studio.buy_lines(plan)
        assert [bought.cost_now(place) for place in (0, 1)] == [Decimal("0.006"), Decimal("0.003")]
        assert [session.product_prompt for session in await studio.sessions()] == [SESSION_NAME]
        again = await studio.buy_lines(await studio.estimate_lines([(VOICE, LINES)]))
        assert (again.cost_now(0), len(again.calls[0])) == (Decimal(0), 2)
    assert stand_in.billing()["count"] == 3
    speaker: LineVoice = bought.voices[0]
    usual, faster = speaker.say(LINES[0]), speaker.say(LINES[0], speed=1.15)
    assert len(faster.samples) == pytest.approx(len(usual.samples) / 1.15, rel=0.03)
    assert (speaker.times_words, speaker.language) == (False, "de")
    with pytest.raises(InputError, match="has not been bought"):
        speaker.say("Gute Nacht.")
    line = await studio.say(SayOrder(LINES[0], tmp_path / "a.wav", speaker=speaker))
    assert line.samples == len(usual.samples)
    assert line.digest != SayOrder(LINES[0], line.sound, speaker=bought.voices[1]).digest, "in no named language"


def test_a_line_that_a_person_recorded_is_not_bought() -> None:
    beats = [Beat("hook", BeatShot(1), spoken="Hello.", recording="hook.wav"), Beat("rest", BeatShot(1), spoken="Bye.")]
    assert spoken_texts(Ad("Mug", tuple(beats))) == ("Bye.",)


async def test_what_a_film_cannot_have_is_found_before_its_lines_are_bought(studio: Studio, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "mug.png"), texture(360, 240, 5))
    plan = await studio.estimate_lines([(replace(VOICE, language="en"), ["Bye."])])
    beats = (Beat("hook", BeatShot(1), spoken="Hello."), Beat("rest", BeatShot(1), spoken="Bye."))
    ad, film = Ad("Mug", beats), FilmOptions(voice="on", captions=Captions.ON)
    order = MakeOrder((tmp_path / "mug.png",), tmp_path / "ad.mp4", film=film, script=ad, speaker=plan.voices[0])
    await studio.check_order(order)
    (tmp_path / "hook.wav").write_text("no sound")
    broken = replace(beats[0], recording=str(tmp_path / "hook.wav"))
    with pytest.raises(RecordingError, match=r"hook\.wav"):
        await studio.check_order(replace(order, script=Ad("Mug", (broken, beats[1]))))


async def test_what_was_bought_outlives_the_cache(studio: Studio, stand_in: StandIn, tmp_path: Path) -> None:
    async with studio:
        first = await studio.buy_lines(await studio.estimate_lines([(VOICE, LINES[:1])]))
        said = first.voices[0].say(LINES[0]).samples
        for path in (tmp_path / "data" / "cache" / "lines").iterdir():
            path.unlink()
        stand_in.advance(7200)
        again = await studio.buy_lines(await studio.estimate_lines([(VOICE, LINES[:1])]))
        assert (again.voices[0].say(LINES[0]).samples == said).all()
        lines = tmp_path / "data" / "cache" / "lines"
        assert len(list(lines.iterdir())) == 1
        await studio.delete_session((await studio.sessions())[0].id)
        assert list(lines.iterdir()) == []
    assert stand_in.billing()["count"] == 1


async def test_a_line_that_is_there_but_was_not_settled_is_settled(
    studio: Studio, stand_in: StandIn, tmp_path: Path
) -> None:
    plan = await studio.estimate_lines([(VOICE, LINES[:1])])
    sound = tmp_path / "line.wav"
    sound.write_bytes(spoken(Line(LINES[0], "Calm_Woman", 1.0, 44100, 1), "wav"))
    plan.voices[0].lines.keep(plan.voices[0].key(LINES[0]), LINES[0], sound)
    async with studio:
        bought = await studio.buy_lines(plan)
    assert [call.state for call in bought.calls[0]] == [CallState.PAID]
    assert stand_in.billing()["count"] == 1


@pytest.mark.parametrize(
    ("voice", "text", "error", "message"),
    [
        (replace(VOICE, model="nope"), "x", InputError, "no speech model is called 'nope'"),
        (replace(VOICE, language="is"), "x", InputError, "does not speak 'is'"),
        (VOICE, "Привет", TextError, "has Cyrillic letters"),
        (VOICE, "Warte <#9#> kurz", TextError, "does not speak; leave it out"),
        (VOICE, "a" * 5001, InputError, "at most 5000 characters"),
    ],
)
async def test_what_cannot_be_spoken_is_refused_before_it_is_priced(
    studio: Studio, voice: HostedVoice, text: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        await studio.estimate_lines([(voice, [text])])


async def test_a_budget_holds_and_needs_an_account(studio: Studio, tmp_path: Path) -> None:
    with pytest.raises(BudgetError):
        await studio.estimate_lines([(VOICE, LINES)], Decimal("0.005"))
    with pytest.raises(InputError, match="ADREEL_REPLICATE_API_TOKEN"):
        await Studio(data_dir=tmp_path / "other", replicate_api_token=None).estimate_lines([(VOICE, LINES)])
