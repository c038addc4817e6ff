"""Names of hosted voices."""

from __future__ import annotations

import pytest

from adreel.domain.errors import InputError
from adreel.domain.films.speech import HostedVoice, language_code


@pytest.mark.parametrize(
    ("text", "voice"),
    [
        ("speech-2.6-turbo", HostedVoice("speech-2.6-turbo")),
        ("speech-2.6-turbo:Calm_Woman", HostedVoice("speech-2.6-turbo", "Calm_Woman")),
        ("replicate/speech-02-turbo:My voice (2)", HostedVoice("speech-02-turbo", "My voice (2)")),
    ],
)
def test_a_voice_is_named_by_its_model_and_its_own_name(text: str, voice: HostedVoice) -> None:
    assert HostedVoice.parse(text) == voice


@pytest.mark.parametrize("text", ["", ":x", "a/b/c", "a b", "model:../x"])
def test_what_names_no_voice_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="names no voice"):
        HostedVoice.parse(text)


def test_a_language_is_that_of_its_region() -> None:
    assert [language_code(each) for each in ("pt-BR", "DE", "zh_TW", "fil")] == ["pt", "de", "zh", "fil"]
