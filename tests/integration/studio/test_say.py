"""`Studio.say`: a spoken line as a file with the times of its words."""

from __future__ import annotations

import wave
from dataclasses import replace
from pathlib import Path

from adreel import SayOrder, Studio


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
