"""Models that speak a line, in many languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from adreel.catalogue.models import MILL, Model
from adreel.domain.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechModel(Model):
    """A model that speaks a line. `price` in US dollars for 1000 characters, of which a line has at most `max_characters`.

    `voices` are the provider's names of some voices, the usual one first; `languages` the values of `language_field` by language
    code, `any_language` its value where the model is to detect the language.
    """

    price: Decimal
    text_field: str
    voice_field: str
    voices: tuple[str, ...]
    max_characters: int
    languages: Mapping[str, str]
    language_field: str | None = None
    any_language: str | None = None

    def price_of(self, characters: int) -> Decimal:
        """Returns the price of a line of so many characters, to a tenth of a cent, upward."""
        return (self.price * characters / 1000).quantize(MILL, ROUND_UP)

    def language_value(self, language: str | None) -> str:
        """Returns the value of the language field."""
        return (self.any_language or "") if language is None else self.languages[language]

    def check_language(self, language: str | None) -> None:
        """Raises InputError for a language that the model does not speak; None is one that it detects."""
        if language is not None and language not in self.languages:
            raise InputError(f"{self.name} does not speak {language!r}; it speaks {', '.join(sorted(self.languages))}")

    def check(self, text: str, language: str | None) -> None:
        """Raises InputError for a line that the model cannot speak, or when the model must not be ordered."""
        self.check_usable()
        self.check_language(language)
        if len(text) > self.max_characters:
            most = self.max_characters
            raise InputError(
                f"a line for {self.name} has at most {most} characters, not {len(text)}; part it into several"
            )
