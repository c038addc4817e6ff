"""The script of an ad from the command line: written, edited, made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest

from adreel.domain.ad import Ad
from adreel.domain.scripts.ad_format.reading import parse_ad
from adreel.domain.scripts.ad_format.writing import to_toml
from adreel.media.audio.loudness import measure_loudness
from adreel.media.captions.track import track_text
from support.captions import read_srt, read_vtt
from support.cli import Adreel, decoded_frames

FACTS = ("--fact", "Hand-glazed stoneware", "--fact", "Holds 350 ml")
OFFER = ("--price", "24.90", "--was", "34.90", "--currency", "EUR")
SAID = ("--name", "Morgen Mug", *FACTS, *OFFER, "--recipe", "bumper", "--address", "morgen.example")


def test_a_script_is_written_edited_and_made(adreel: Adreel, photos: dict[str, Path], tmp_path: Path) -> None:
    written = adreel("script", photos["white"], photos["tall"], *SAID)
    assert written.code == 0, written.err
    script = tmp_path / "ad.toml"
    ad = parse_ad(written.out.replace("Hand-glazed stoneware", "350 ml of stoneware", 2))
    ad = replace(ad, beats=(replace(ad.beats[0], spoken="Here it is."), *ad.beats[1:]))
    script.write_text(to_toml(ad), encoding="utf-8")
    made = adreel("make", "--script", script, "--captions", "both", "--voice", "on", "--json")
    assert made.code == 0, made.err
    assert made.film["frames"] == 6 * 30 == decoded_frames(made.path)
    assert len(made.film["clips"]) == len(ad.beats)
    moves = [clip["camera_movement"] for clip in made.film["clips"]]
    assert moves == [str(beat.shot.camera) for beat in ad.beats]
    _check_captions(made.film, ad)
    sound = measure_loudness(made.path)
    assert sound.integrated == pytest.approx(-14, abs=0.5)
    assert sound.true_peak <= -1
    assert "hibari" in adreel("verify", made.path).out


def _check_captions(film: dict[str, Any], ad: Ad) -> None:
    """Every text of the script is in both files, in time, in order; crossfades are not crossed."""
    video = Path(film["video"])
    assert film["captions"] == [str(video.with_suffix(".srt")), str(video.with_suffix(".vtt"))]
    srt, vtt = (Path(name).read_text(encoding="utf-8") for name in film["captions"])
    cues = read_srt(srt)
    assert [(cue.start, cue.end) for cue in cues] == [(cue.start, cue.end) for cue in read_vtt(vtt)]
    assert cues[-1].end <= film["duration"]
    shown = " ".join(line for cue in cues for line in cue.lines)
    texts = [words.text for beat in ad.beats[1:] for words in beat.words]
    assert cues[0].lines == (ad.beats[0].spoken,)
    assert [text for text in (*texts, ad.product, ad.end.address or "") if text not in shown] == []
    with av.open(str(video)) as signed:
        samples = [bytes(packet) for packet in signed.demux(signed.streams.subtitles[0]) if packet.size]
    assert [text for sample in samples if (text := track_text(sample))] == ["\n".join(cue.lines) for cue in cues]


def test_captions_of_another_film_are_not_replaced(adreel: Adreel, photos: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "film.srt").write_text("mine", encoding="utf-8")
    ran = adreel("make", photos["white"], *SAID, "--captions", "file", "--out", tmp_path / "film.mp4")
    assert ran.code == 2
    assert "film.srt exists" in ran.err
    assert (tmp_path / "film.srt").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "film.mp4").exists()


def test_both_steps_at_once_make_the_same_film(adreel: Adreel, photos: dict[str, Path], tmp_path: Path) -> None:
    script = tmp_path / "ad.toml"
    script.write_text(adreel("script", photos["white"], *SAID).out, encoding="utf-8")
    unsigned = {"ADREEL_CONTENT_CREDENTIALS": "false"}
    two = adreel("make", "--script", script, "--json", **unsigned)
    one = adreel("make", photos["white"], *SAID, "--json", **unsigned)
    assert (one.code, two.code) == (0, 0), one.err + two.err
    assert one.path.read_bytes() == two.path.read_bytes()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--script", "gone.toml"], "cannot read gone.toml"),
        (["--voice", "on"], "there is nothing to speak: no beat of a script has a spoken line"),
        (
            ["--voice", "on", "--name", "Tasse", "--fact", "Hält 350 ml und ist für dich"],
            "the offline voice speaks English only, and the line",
        ),
        (["--voice", "gone.wav", *FACTS], "the voice 'gone.wav' is neither on nor off, nor a recording"),
        (["--captions", "track", *FACTS, "--for", "linkedin"], "has no text track"),
        (["--voice", "on", *FACTS, "--for", "linkedin"], "--voice: films for placements"),
        (["--captions", "file"], "--captions: captions are the words of a script; give one with --script"),
        (["--fact", "Cold?", "--was", "3"], "--was is part of an offer, which needs a --price"),
    ],
)
def test_what_cannot_be_made_ends_with_code_2(
    adreel: Adreel, photos: dict[str, Path], args: list[str], words: str
) -> None:
    ran = adreel("make", photos["white"], *args)
    assert ran.code == 2
    assert words in ran.err
