"""The Python API: a session from photos to a film, within this process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from adreel import Studio
from adreel.domain.accounts.stored_brands import BrandSlot, FileKind
from adreel.domain.ad import Ad, Beat, BeatShot
from adreel.domain.brand import BrandKit
from adreel.domain.errors import InputError, PhotoError, SetupError, StageError
from adreel.domain.sessions.session import SessionEvent
from adreel.domain.sessions.stage import Stage
from adreel.media.speech.voice import offline_voice
from adreel.media.speech.wav import write_wav
from support.captions import read_srt
from support.pictures import texture


def photo(path: Path, seed: int) -> Path:
    cv2.imwrite(str(path), texture(800, 800, seed=seed))
    return path


@pytest.mark.usefixtures("small_films")
async def test_a_session_goes_from_photos_to_a_film(tmp_path: Path) -> None:
    photos = [photo(tmp_path / f"{number}.png", number) for number in range(2)]
    events: list[SessionEvent] = []
    async with Studio(data_dir=tmp_path / "data") as studio:
        session = await studio.create_session("two boxes")
        images = await studio.add_images(session.id, photos)
        assert [image.image_details.file_name for image in images] == ["0.png", "1.png"]
        await studio.save_approved_images(session.id, [image.id for image in images])
        clips = await studio.generate_clips(session.id, "calm", clip_duration=0.5, on_event=events.append)
        assert len(clips) == 2
        await studio.save_approved_clips(session.id, [clip.id for clip in clips], [clips[1].id, clips[0].id])
        film = await studio.compose_final_video(
            session.id, text_overlay={"cta": "Order yours"}, audio={"enabled": False}, on_event=events.append
        )
        saved = await studio.save(film, tmp_path / "ad.mp4")
        view = await studio.session(session.id)
        total, lines = await studio.costs(session.id)
    assert view.session.stage is Stage.COMPLETE
    assert film.film_details.frames == 60
    assert cv2.VideoCapture(str(saved)).get(cv2.CAP_PROP_FRAME_COUNT) == 60
    assert (total, len(lines)) == (0, 3)
    assert events[-1].progress == 100


@pytest.mark.long
@pytest.mark.usefixtures("small_films")
async def test_a_film_of_a_session_speaks_in_two_voices(tmp_path: Path) -> None:
    own = tmp_path / "own.wav"
    write_wav(own, np.pad(offline_voice().say("Good morning to you, my old mug.").samples * 0.2, 20_000))
    async with Studio(data_dir=tmp_path / "data") as studio:
        session = await studio.create_session()
        await studio.add_images(session.id, [photo(tmp_path / "0.png", 0)])
        recording = await studio.add_file(FileKind.RECORDING, own)
        beats = (
            Beat("hook", BeatShot(1), spoken="Good morning, mug.", recording=recording.id),
            Beat("last", BeatShot(1), spoken="For you."),
        )
        await studio.save_approved_images(session.id, [(await studio.session(session.id)).assets[0].id])
        await studio.save_session_script(session.id, Ad("Mug", beats))
        heard = [await studio.spoken_line(session.id, beat.name) for beat in beats]
        assert heard[0][:4] == heard[1][:4] == b"RIFF"
        clips = await studio.generate_clips(session.id)
        await studio.save_approved_clips(session.id, [clip.id for clip in clips])
        film = await studio.compose_final_video(session.id, audio={"enabled": False}, voice="on", captions="file")
        srt, vtt = await studio.save_captions(film, tmp_path / "ad.mp4")
    assert (srt.name, vtt.name) == ("ad.srt", "ad.vtt")
    assert [cue.lines for cue in read_srt(srt.read_text())] == [("Good morning, mug.",), ("For you.",)]
    assert film.film_details.notes == ("captions of recorded lines follow their sentences, not their single words",)


async def test_mistakes_are_reported_and_leave_the_session_as_it_was(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no photo")
    async with Studio(data_dir=tmp_path / "data") as studio:
        session = await studio.create_session()
        with pytest.raises(PhotoError, match=r"broken\.jpg"):
            await studio.add_images(session.id, [photo(tmp_path / "good.png", 1), broken])
        with pytest.raises(PhotoError, match=r"missing\.jpg"):
            await studio.add_images(session.id, [tmp_path / "missing.jpg"])
        with pytest.raises(StageError, match="upload or generate images first"):
            await studio.generate_clips(session.id)
        assert (await studio.session(session.id)).assets == ()
        assert (await studio.session(session.id)).session.stage is Stage.CREATED


async def test_brand_kits_of_sessions_are_stored_replaced_and_deleted(tmp_path: Path) -> None:
    kit = BrandKit("box", color="#204060")
    async with Studio(data_dir=tmp_path / "data") as studio:
        logo = await studio.add_file(FileKind.LOGO, photo(tmp_path / "logo.png", 1))
        assert (logo.name, logo.content_type) == ("logo.png", "image/png")
        await studio.save_brand_kit(kit, {BrandSlot.LOGO_DARK: logo.id})
        await studio.save_brand_kit(replace(kit, music="chill"), {BrandSlot.LOGO_DARK: logo.id})
        [stored] = await studio.brand_kits()
        assert (stored.kit.music, stored.files) == ("chill", {BrandSlot.LOGO_DARK: logo})
        await studio.delete_brand_kit("box")
        assert await studio.brand_kits() == ()
    assert list((tmp_path / "data" / "storage").rglob("*.png")) == []


async def test_two_programs_do_not_work_on_one_folder(tmp_path: Path) -> None:
    async with Studio(data_dir=tmp_path):
        with pytest.raises(SetupError, match="another adreel"):
            async with Studio(data_dir=tmp_path):
                pass


async def test_sessions_must_be_opened_first(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="async with"):
        await Studio(data_dir=tmp_path).create_session()


def test_settings_that_do_not_exist_are_refused() -> None:
    with pytest.raises(InputError, match="no setting colour"):
        Studio(colour="red")
