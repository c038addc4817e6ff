"""Lines that a hosted voice cannot speak are refused before they are paid for."""

from __future__ import annotations

import pytest

from adreel.catalogue.loader import load_catalogue
from adreel.domain.errors import TextError
from adreel.media.speech.languages import check_speakable

LANGUAGES = tuple(load_catalogue().speeches["speech-2.6-turbo"].languages)
SPOKEN = [
    ("en", "Good morning, mug."),
    ("de", "Schöne Grüße aus Köln!"),
    ("ru", "Доброе утро, Morgen."),
    ("ar", "صباح الخير"),
    ("he", "בוקר טוב"),
    ("hi", "सुप्रभात, 350 ml"),
    ("th", "สวัสดีตอนเช้า"),
    ("ja", "おはよう、マグカップ。コーヒー々"),
    ("zh", "早上好，杯子。"),
    ("ko", "좋은 아침"),
    ("el", "Καλημέρα"),
    ("ta", "காலை வணக்கம்"),
]


@pytest.mark.parametrize(("language", "text"), SPOKEN)
def test_a_line_in_a_language_of_the_voice_is_spoken(language: str, text: str) -> None:
    check_speakable(text, "it", LANGUAGES, language)
    check_speakable(text, "it", LANGUAGES, None)


@pytest.mark.parametrize(
    ("script", "text"), [("Georgian", "დილა მშვიდობისა"), ("Khmer", "អរុណសួស្តី"), ("Ethiopic", "ሰላም")]
)
def test_letters_of_no_language_of_the_voice_are_refused(script: str, text: str) -> None:
    with pytest.raises(TextError, match=f"speech speaks no language in {script} letters"):
        check_speakable(text, "speech", LANGUAGES, None)


def test_letters_of_another_language_than_was_named_are_refused() -> None:
    with pytest.raises(TextError, match="has Cyrillic letters, and is to be spoken in the language 'de'"):
        check_speakable("Guten Morgen, Привет", "speech", LANGUAGES, "de")


def test_a_line_without_words_is_refused() -> None:
    with pytest.raises(TextError, match="nothing to say"):
        check_speakable("… !", "speech", LANGUAGES, None)
