"""`adreel say`, in this process."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adreel.cli.main import app, main
from adreel.domain.errors import InputError, OutputExistsError, TextError
from support.captions import read_srt, read_vtt


def _say(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["say", *arguments])


def test_a_line_becomes_a_wav_file_with_the_times_of_its_words(tmp_path: Path) -> None:
    out = tmp_path / "line.wav"
    done = _say("Made by hand.", "--out", str(out), "--json")
    assert done.exit_code == 0, done.output
    printed = json.loads(done.stdout)
    with wave.open(str(out)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (48_000, 1, 2)
        assert printed["seconds"] == pytest.approx(sound.getnframes() / 48_000, abs=0.001)
    assert [word["text"] for word in printed["words"]] == ["Made", "by", "hand."]
    assert printed["voice"]["synthetic"] is True


def test_captions_of_a_line_are_timed_by_its_words(tmp_path: Path) -> None:
    out = tmp_path / "line.wav"
    done = _say("Made by hand. For you.", "--out", str(out), "--captions", "file", "--json")
    words = json.loads(done.stdout)["words"]
    cues = read_srt(out.with_suffix(".srt").read_text(encoding="utf-8"))
    assert cues == read_vtt(out.with_suffix(".vtt").read_text(encoding="utf-8"))
    assert [cue.lines for cue in cues] == [("Made by hand.",), ("For you.",)]
    assert [cue.start for cue in cues] == pytest.approx([words[0]["start"], words[3]["start"]], abs=1 / 29)
    assert isinstance(
        _say("Hi.", "--out", str(tmp_path / "line.WAV"), "--captions", "file").exception, OutputExistsError
    )


def test_without_a_name_no_file_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert [_say("Hello.").stdout.partition(":")[0] for _ in range(2)] == ["line.wav", "line-2.wav"]


def test_a_pronunciation_changes_the_sound_and_a_file_is_replaced_only_when_asked(tmp_path: Path) -> None:
    out = tmp_path / "line.wav"
    assert _say("Morgen.", "--out", str(out)).exit_code == 0
    first = out.read_bytes()
    assert isinstance(_say("Morgen.", "--out", str(out)).exception, OutputExistsError)
    assert _say("Morgen.", "--out", str(out), "--overwrite", "--pronounce", "morgen=/mɔɹɡˈɛn/").exit_code == 0
    assert out.read_bytes() != first


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        (("Das ist die beste Tasse",), TextError, "German"),
        (("おはよう",), TextError, "Hiragana"),
        (("!!!",), TextError, "nothing to say"),
        (("a " * 501,), TextError, "at most 1000 characters"),
        (("Hello", "--speed", "2"), TextError, "not 2 times"),
        (("Hello", "--pronounce", "Hello"), InputError, "WORD=SOUND"),
        (("Hello", "--voice", "lines.wav"), InputError, "--voice lines.wav: there is nothing to speak"),
        (("Hello", "--pronounce", "hello=/hx9/"), TextError, "'x9'|'9'"),
        (("Hello", "--pronounce", "hello=хай"), TextError, "no pronunciation"),
        (("Hello", "--out", "line.mp3"), InputError, "does not end in .wav"),
        (("Hello", "--out", "nowhere/line.wav"), InputError, "cannot be written"),
    ],
)
def test_what_cannot_be_spoken_is_refused_and_leaves_no_file(
    arguments: tuple[str, ...], kind: type[Exception], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    failure = _say(*arguments).exception
    assert isinstance(failure, kind)
    with pytest.raises(kind, match=words):
        raise failure
    assert list(tmp_path.iterdir()) == []


def test_an_error_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["adreel", "say", "Guten Morgen, das ist die Tasse"])
    with pytest.raises(SystemExit) as left:
        main()
    printed = capsys.readouterr().err
    assert left.value.code == 2
    assert printed.startswith("adreel: the offline voice speaks English only")
    assert printed.count("\n") == 1


def test_a_brand_kit_keeps_how_its_words_are_spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADREEL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def brand(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["brand", *arguments])

    assert brand("add", "hale", "--color", "#204060", "--pronounce", "Hale=hail").exit_code == 0
    assert brand("pronounce", "hale", "Morgen=more gun").stdout == "Hale  hail\nMorgen  more gun\n"
    assert "Hale = hail, Morgen = more gun" in brand("show", "hale").stdout
    assert isinstance(brand("pronounce", "hale", "Hale=хейл").exception, TextError)
    assert isinstance(brand("pronounce", "hale", "--forget", "Hall").exception, InputError)
    sounds = [
        Path(_say("Morgen.", *more).stdout.partition(":")[0]).read_bytes()
        for more in ((), ("--brand-kit", "hale"), ("--pronounce", "morgen=more gun"))
    ]
    assert sounds[1] == sounds[2] != sounds[0]
    assert brand("pronounce", "hale", "--forget", "Hale").stdout == "Morgen  more gun\n"
