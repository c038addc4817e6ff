"""`Studio.say`: a spoken line as a file with the times of its words."""

from __future__ import annotations

import wave
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from adreel import MakeOrder, SayOrder, Studio
from adreel.domain.errors import TextError
from adreel.domain.films.film_options import FilmOptions
from support.ads import MUG


async def test_a_line_is_spoken_and_named_by_what_it_was_made_from(tmp_path: Path) -> None:
    order = SayOrder("Hale mug.", tmp_path / "a.wav")
    studio = Studio(data_dir=tmp_path / "data")
    line = await studio.say(order)
    again = await studio.say(replace(order, out=tmp_path / "b.wav"))
    other = await studio.say(replace(order, out=tmp_path / "c.wav", pronunciations={"HALE": "hahl"}))
    with wave.open(str(line.sound)) as sound:
        assert sound.getnframes() == line.samples
    assert [word.text for word in line.times] == ["Hale", "mug."]
    assert line.sound.read_bytes() == again.sound.read_bytes() != other.sound.read_bytes()
    assert line.digest == again.digest != other.digest


@pytest.mark.parametrize(
    ("line", "language"),
    [("Das ist die beste Tasse für dich", "German"), ("毎朝の一杯", "CJK|Chinese|Hiragana"), ("صباح الخير", "Arabic")],
)
async def test_a_language_that_the_voice_cannot_speak_is_refused_by_its_name(
    line: str, language: str, tmp_path: Path
) -> None:
    studio = Studio(data_dir=tmp_path / "data")
    with pytest.raises(TextError, match=language):
        await studio.say(SayOrder(line, tmp_path / "a.wav"))
    spoken = replace(MUG, beats=(replace(MUG.beats[0], spoken=line), *MUG.beats[1:]))
    photo = tmp_path / "a.jpg"
    Image.new("RGB", (640, 640), "white").save(photo)
    order = MakeOrder((photo, photo), tmp_path / "film.mp4", script=spoken, film=FilmOptions(voice="on"))
    with pytest.raises(TextError, match=f"beat 'hook': .*({language})"):
        await studio.make(order)
    assert not (tmp_path / "a.wav").exists()
    assert not (tmp_path / "film.mp4").exists()
