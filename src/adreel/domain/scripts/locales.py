"""The words of a script in other languages: one file for each, which is read strictly, and in which nothing is left untranslated
unnoticed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from adreel.domain.ad import Ad, Beat, ScreenText, TextRole
from adreel.domain.errors import InputError
from adreel.domain.films.speech import language_code
from adreel.domain.scripts.ad_format.fields import Fields
from adreel.domain.scripts.ad_format.reading import LONGEST_FACT, LONGEST_TEXT, MAX_FACTS, MAX_WORDS
from adreel.domain.scripts.ad_format.writing import toml_string

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,34}")
_LETTER = re.compile(r"[^\W\d_]")
_KEPT = (TextRole.PRICE, TextRole.ADDRESS)
"""Roles of words that are the same in all languages unless a file says otherwise."""
_MAX_CHARACTERS = 1_000_000
_LONGEST_REASON = 300

_FACTS = "The facts, in the language of this file: what the words claim must be found in them."


@dataclass(frozen=True, slots=True)
class LocaleBeat:
    """The words of a beat in the order of the script, empty where they are not given, and its spoken line."""

    words: tuple[str, ...] = ()
    spoken: str = ""


@dataclass(frozen=True, slots=True)
class Locale:
    """The words of one language. `name` names films, `where` the file in errors; empty texts are not given."""

    name: str
    where: str
    language: str
    product: str = ""
    facts: tuple[str, ...] = ()
    badge: str = ""
    cta: str = ""
    address: str = ""
    legal: str = ""
    beats: Mapping[str, LocaleBeat] | None = None


def locale_name(name: str) -> str:
    """Checks the name of a locale, which is part of file names. Raises InputError."""
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} is no name of a locale: give one such as de or pt-BR")
    return name


def parse_locale(text: str, name: str, where: str) -> Locale:
    """Reads a file of words (TOML). Raises InputError that names the field at fault."""
    if len(text) > _MAX_CHARACTERS:
        raise InputError(f"{where} holds no words of a script: it has more than {_MAX_CHARACTERS} characters")
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is not valid TOML: {str(error)[:_LONGEST_REASON]}") from error
    return read_locale(document, name, where)


def read_locale(document: object, name: str, where: str) -> Locale:
    """Reads words from plain values. Raises InputError as `parse_locale` does."""
    table = Fields(where, document, ("language", "product", "facts", "offer", "end", "beats"))
    end = Fields(f"{where}, end", _table(table, "end"), ("cta", "address", "legal"))
    offer = Fields(f"{where}, offer", _table(table, "offer"), ("badge",))
    return Locale(
        locale_name(name),
        where,
        language_code(table.text_or_none("language", LONGEST_TEXT) or name),
        _text(table, "product"),
        tuple(fact for fact in _texts(table, "facts", LONGEST_FACT, MAX_FACTS) if fact),
        _text(offer, "badge"),
        _text(end, "cta"),
        _text(end, "address"),
        _text(end, "legal"),
        {beat: _beat(f"{where}, beat {beat!r}", values) for beat, values in _table(table, "beats").items()},
    )


def localized(ad: Ad, words: Locale) -> Ad:
    """The script in the language of a file, without the recordings of its lines, which are in that of the script. Raises
    InputError that names every text that is not translated, and every beat of the file that the script does not have."""
    beats = words.beats or {}
    unknown = [name for name in beats if name not in {beat.name for beat in ad.beats}]
    if unknown:
        raise InputError(f"{words.where} has words of a beat {unknown[0]!r}, which the script does not have")
    missing = list(_missing(ad, words))
    if missing:
        raise InputError(f"{words.where} lacks translations: {'; '.join(missing)}")
    offer = ad.offer
    if offer is not None and words.badge:
        offer = replace(offer, badge=words.badge)
    end = replace(
        ad.end,
        cta=words.cta or ad.end.cta,
        address=words.address or ad.end.address,
        legal=words.legal or ad.end.legal,
    )
    return replace(
        ad,
        product=words.product or ad.product,
        facts=words.facts or ad.facts,
        offer=offer,
        end=end,
        beats=tuple(
            _localized(beat, beats.get(beat.name, LocaleBeat()), _said_elsewhere(ad, words)) for beat in ad.beats
        ),
    )


def locale_template(ad: Ad, language: str, heading: str = "") -> str:
    """The file to translate into `language`: each text of the script as a comment behind empty quotation marks. `heading` is a
    comment at its top."""
    return "\n".join(_template(ad, language, heading)).strip() + "\n"


def _said_elsewhere(ad: Ad, words: Locale) -> Mapping[str, str]:
    """Texts of the script that the file has already: the product's name and the badge of the offer."""
    badge = None if ad.offer is None else ad.offer.badge
    pairs = ((ad.product, words.product or ad.product), (badge, words.badge))
    return {own: text for own, text in pairs if own and text}


def _localized(beat: Beat, words: LocaleBeat, known: Mapping[str, str]) -> Beat:
    texts = [*words.words, *("" for _ in beat.words)]
    shown = tuple(
        replace(each, text=text or known.get(each.text, each.text))
        for each, text in zip(beat.words, texts, strict=False)
    )
    return replace(beat, words=shown, spoken=(words.spoken or beat.spoken) if beat.spoken else None, recording=None)


def _missing(ad: Ad, words: Locale) -> Iterator[str]:
    """The texts that the file does not have, as a person finds them in the script."""
    known = _said_elsewhere(ad, words)
    for beat in ad.beats:
        given = (words.beats or {}).get(beat.name, LocaleBeat())
        if len(given.words) > len(beat.words):
            raise InputError(
                f"{words.where}, beat {beat.name!r}: {len(given.words)} words are given, and the script shows {len(beat.words)}"
            )
        texts = [*given.words, *("" for _ in beat.words)]
        for place, (each, text) in enumerate(zip(beat.words, texts, strict=False), start=1):
            if not text and each.text not in known and _needs_words(each):
                yield f"beat {beat.name!r}, words {place} ({each.text!r})"
        if beat.spoken and not given.spoken:
            yield f"beat {beat.name!r}, spoken ({beat.spoken!r})"
    badge = None if ad.offer is None else ad.offer.badge
    pairs = (("offer, badge", badge, words.badge), ("end, cta", ad.end.cta, words.cta))
    for what, own, text in (*pairs, ("end, legal", ad.end.legal, words.legal)):
        if own and _LETTER.search(own) and not text:
            yield f"{what} ({own!r})"


def _needs_words(words: ScreenText) -> bool:
    return words.role not in _KEPT and bool(_LETTER.search(words.text))


def _template(ad: Ad, language: str, heading: str) -> Iterator[str]:
    yield from (f"# {line}" for line in heading.splitlines())
    yield from ("", f"language = {toml_string(language_code(language))}")
    yield f"product = {toml_string(ad.product)}" if ad.product else ""
    if ad.facts:
        yield from ("", f"# {_FACTS}", *_list("facts", ad.facts))
    if ad.offer is not None and ad.offer.badge:
        yield from ("", "[offer]", _line("badge", ad.offer.badge))
    end = [(name, text) for name in ("cta", "address", "legal") if (text := getattr(ad.end, name))]
    if end:
        yield from ("", "[end]", *(_line(name, text) for name, text in end))
    for beat in ad.beats:
        if beat.words or beat.spoken:
            yield from ("", f"[beats.{_key(beat.name)}]")
            yield from _list("words", [words.text for words in beat.words]) if beat.words else ()
            yield from [_line("spoken", beat.spoken)] if beat.spoken else []


def _line(name: str, text: str) -> str:
    return f'{name} = ""  # {toml_string(text)}'


def _list(name: str, texts: Sequence[str]) -> list[str]:
    return [f"{name} = [", *(f'    "",  # {toml_string(text)}' for text in texts), "]"]


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else toml_string(name)


def _beat(where: str, values: object) -> LocaleBeat:
    table = Fields(where, values, ("words", "spoken"))
    return LocaleBeat(_texts(table, "words", LONGEST_TEXT, MAX_WORDS), _text(table, "spoken", LONGEST_FACT))


def _text(table: Fields, name: str, longest: int = LONGEST_TEXT) -> str:
    return table.text_or_none(name, longest) or ""


def _texts(table: Fields, name: str, longest: int, most: int) -> tuple[str, ...]:
    """A list of texts, of which some may be empty."""
    if name not in table:
        return ()
    values = table.value(name)
    if not isinstance(values, list) or len(cast("list[object]", values)) > most:
        raise table.fault(name, f"a list of at most {most} texts")
    each = enumerate(cast("list[object]", values), start=1)
    return tuple(
        _text(Fields(f"{table.where}, {name} {place}", {"text": value}, ("text",)), "text", longest)
        for place, value in each
    )


def _table(table: Fields, name: str) -> Mapping[str, object]:
    values = table.value(name) if name in table else {}
    if not isinstance(values, Mapping):
        raise table.fault(name, "a table")
    return cast("Mapping[str, object]", values)
