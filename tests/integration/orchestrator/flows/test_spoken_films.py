"""Films of sessions that speak: lines over their beats; captions in the picture, as files, as a track; drawn and bought clips."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from adreel.agents.narration import LEAD
from adreel.domain.accounts.stored_brands import FileKind
from adreel.domain.ad import Ad, Beat, BeatShot, ScreenText, TextRole
from adreel.domain.brand import BrandKit
from adreel.domain.errors import InputError, TextError
from adreel.domain.sessions.session import Asset, AssetKind, SessionView
from adreel.media.captions.track import track_text
from adreel.media.segments.store import file_digest
from adreel.media.speech.voice import offline_voice
from adreel.media.speech.wav import write_wav
from adreel.orchestrator.film_brands import FilmBrands
from adreel.orchestrator.film_bundles import FilmBundles
from adreel.orchestrator.session_scripts import ScriptCommands
from adreel.services.brands.files import NewFile, UserFiles
from adreel.services.brands.kits import BrandService
from adreel.services.storage_service import LocalFiles
from support.captions import read_srt, read_vtt
from support.flows import HOSTED, Hall

WORDS = (ScreenText(TextRole.HEADLINE, "Morgen"),)
HOOK = Beat("hook", BeatShot(1), WORDS, spoken="Good morning, mug.", weight=1.0)
LAST = Beat("last", BeatShot(2), (), spoken="This is for you, and for the days to come.", weight=1.0)
AD = Ad("Morgen", (HOOK, Beat("look", BeatShot(1)), LAST), style="bold", prompt="calm")


async def scripted(hall: Hall, ad: Ad = AD, model: str = "local") -> str:
    """A session with the clips of a script."""
    session = await hall.session(2)
    await ScriptCommands(hall.sessions, hall.progress).put("ann", session.id, ad)
    await hall.make_clips(session.id, model)
    await hall.approve(session.id)
    return session.id


async def composed(hall: Hall, session_id: str, **options: Any) -> tuple[SessionView, Asset]:
    plain = {"color": "#204060"}
    started = await hall.orchestrator.compose_final_video("ann", session_id, plain, {"enabled": False}, **options)
    await hall.jobs.work(started.job_id)
    view = await hall.sessions.view(session_id)
    assert view.session.error is None, view.session.error
    return view, next(each for each in view.of_kind(AssetKind.FINAL) if each.id == view.session.final_video_id)


def stored(hall: Hall, key: str) -> Path:
    path = hall.storage.local_path(key)
    assert path is not None
    return path


def loudness(path: Path, first: float, last: float) -> float:
    """Decibels of the sound between two seconds."""
    with av.open(str(path)) as film:
        parts = [frame.to_ndarray() for frame in film.decode(audio=0)]
    sound = np.concatenate(parts, axis=-1)[0]
    part = sound[int(first * 48000) : int(last * 48000)]
    return float(10 * np.log10(np.mean(np.square(part, dtype=np.float64)) + 1e-12))


async def test_a_film_of_a_session_speaks_with_captions_as_files_and_as_a_track(hall: Hall, tmp_path: Path) -> None:
    session_id = await scripted(hall)
    view, film = await composed(hall, session_id, voice="on", captions="both")
    details, path = film.film_details, stored(hall, film.storage_key)
    assert (details.options and details.options.voice) == "on"
    srt, vtt = (stored(hall, each.storage_key) for each in details.captions)
    assert (srt.suffix, vtt.suffix) == (".srt", ".vtt")
    cues = read_srt(srt.read_text())
    assert [cue.lines for cue in read_vtt(vtt.read_text())] == [cue.lines for cue in cues]
    said = " ".join(line for cue in cues for line in cue.lines)
    assert said == f"{HOOK.spoken} {LAST.spoken}"
    with av.open(str(path)) as opened:
        track = [text for packet in opened.demux(opened.streams.subtitles[0]) if (text := track_text(bytes(packet)))]
    assert [text.split("\n") for text in track] == [list(cue.lines) for cue in cues]
    first = cues[0]
    assert first.start == pytest.approx(LEAD / 30, abs=0.1)
    # The sound is there when the caption says so, and the film is silent before it and at its end.
    assert loudness(path, first.start, first.end) > -30
    assert loudness(path, details.duration - 0.15, details.duration) < -50
    passport = details.passport or {}
    assert passport["sources"]["voice"]["name"] == "heart (hibari-tts)"
    assert len(passport["sources"]["voice"]["sha256"]) == 64
    assert {"spoken words"} <= {part["title"] for part in passport["sources"]["parts"]}
    assert "composite_with_trained" in passport["provenance"]["digital_source_type"]
    done = (await hall.events(session_id))[-1].data["final_video"]
    assert [each["format"] for each in done["captions"]] == ["srt", "vtt"]
    bundle = tmp_path / "films.zip"
    await FilmBundles(hall.sessions, hall.ledger, hall.storage).write("ann", session_id, bundle)
    with zipfile.ZipFile(bundle) as opened:
        assert opened.read("16x9/ad.srt").decode() == srt.read_text()
    await hall.sessions.remove_film("ann", session_id, film.id)
    assert set(film.keys) == {film.storage_key, *(each.storage_key for each in details.captions)}
    assert view.session.film_options is not None
    assert view.session.film_options["captions"] == "both"


async def test_captions_in_the_picture_draw_only_clips_with_lines_again(hall: Hall) -> None:
    session_id = await scripted(hall)
    _, spoken = await composed(hall, session_id, voice="on")
    drawn = len(hall.drawing.drawn)
    _, burned = await composed(hall, session_id, voice="on", captions="on", caption_style="spoken")
    assert len(set(hall.drawing.drawn[drawn:])) == 2
    assert burned.film_details.frames == spoken.film_details.frames
    assert not burned.film_details.captions
    assert changed(stored(hall, spoken.storage_key), stored(hall, burned.storage_key)) > 20
    # The same request is the same film.
    _, again = await composed(hall, session_id, voice="on", captions="on", caption_style="spoken")
    assert again.id == burned.id


def changed(one: Path, other: Path) -> int:
    """How many frames of two films differ visibly."""
    with av.open(str(one)) as left, av.open(str(other)) as right:
        pairs = zip(left.decode(video=0), right.decode(video=0), strict=True)
        frames = [(a.to_ndarray(format="gray"), b.to_ndarray(format="gray")) for a, b in pairs]
    return sum(bool((np.abs(a.astype(int) - b.astype(int)) > 60).sum() > 20) for a, b in frames)


async def test_lines_fit_bought_clips_or_are_refused_by_their_beat(hall: Hall) -> None:
    long = replace(LAST, spoken="This is for you, and for your friends, " * 4 + "and for me.")
    session_id = await scripted(hall, model=HOSTED)
    _, plain = await composed(hall, session_id)
    _, film = await composed(hall, session_id, voice="on", captions="on")
    assert film.film_details.frames >= plain.film_details.frames
    assert changed_any(stored(hall, plain.storage_key), stored(hall, film.storage_key))
    await ScriptCommands(hall.sessions, hall.progress).put(
        "ann", session_id, replace(AD, beats=(HOOK, long), seconds=None)
    )
    with pytest.raises(InputError, match=r"beat 'last': its line takes \d+\.\d s to speak, .* and the clip has"):
        await composed(hall, session_id, voice="on")


def changed_any(one: Path, other: Path) -> bool:
    return one.read_bytes() != other.read_bytes()


@pytest.fixture
def brands(hall: Hall) -> FilmBrands:
    store = LocalFiles(hall.storage, hall.folder / "api" / "files")
    hall.brands = FilmBrands(BrandService(hall.database), UserFiles(hall.database), store)
    hall.orchestrator = hall.with_jobs(hall.jobs)
    return hall.brands


async def recorded(hall: Hall, brands: FilmBrands, text: str) -> str:
    """The id of a recording as the service stores it: levelled, without silence around it."""
    path, key = hall.folder / "line.wav", "files/ann/line.wav"
    write_wav(path, offline_voice().say(text).samples)
    size, digest = path.stat().st_size, file_digest(path)
    await hall.storage.take_file(path, "audio/wav", key)
    new = NewFile("line", FileKind.RECORDING, "own.wav", key, digest, "audio/wav", size, "")
    return (await brands.files.add("ann", new)).id


async def test_a_person_speaks_one_line_and_the_brand_says_how_the_other_sounds(hall: Hall, brands: FilmBrands) -> None:
    own = await recorded(hall, brands, "Good morning to you, my old mug.")
    await brands.kits.add("ann", BrandKit("morgen", pronunciations=(("days", "dice"),)), {})
    ad = replace(AD, beats=(replace(HOOK, recording=own), *AD.beats[1:]))
    session = await hall.session(2)
    await ScriptCommands(hall.sessions, hall.progress, brands).put("ann", session.id, ad)
    await hall.make_clips(session.id)
    await hall.approve(session.id)
    _, plain = await composed(hall, session.id, voice="on", captions="file")
    assert "captions of recorded lines follow their sentences, not their single words" in plain.film_details.notes
    cues = read_srt(stored(hall, plain.film_details.captions[0].storage_key).read_text())
    assert cues[0].lines == (HOOK.spoken,)
    _, branded = await composed(hall, session.id, voice="on", captions="file", brand_kit="morgen")
    assert branded.id != plain.id
    assert branded.content_hash != plain.content_hash
    await brands.files.remove("ann", own)
    with pytest.raises(InputError, match="there is no recording"):
        await composed(hall, session.id, voice="on")


async def test_what_a_film_cannot_say_is_refused_before_it_is_begun(hall: Hall) -> None:
    german = replace(AD, beats=(replace(HOOK, spoken="Guten Morgen, das ist die Tasse für dich"),))
    session_id = await scripted(hall, german)
    with pytest.raises(TextError, match="beat 'hook': the offline voice speaks English only"):
        await composed(hall, session_id, voice="on")
    with pytest.raises(InputError, match="switch the voice on"):
        await composed(hall, session_id, captions="on")
    with pytest.raises(InputError, match="the voice '/etc/passwd' is not known"):
        await composed(hall, session_id, voice="/etc/passwd")
    await ScriptCommands(hall.sessions, hall.progress).remove("ann", session_id)
    with pytest.raises(InputError, match="there is nothing to speak"):
        await composed(hall, session_id, voice="on")
    with pytest.raises(InputError, match="captions are the words of a script"):
        await composed(hall, session_id, captions="file")
