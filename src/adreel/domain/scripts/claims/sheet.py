"""Holds the words of an ad to its truth sheet: a claim without a source among the facts and the offer is refused.

A sentence that claims nothing passes. A claim passes when one source claims the same (the same number with the same unit and
bound, or a phrase of the same group) and has every other word of the sentence that says something, and when both are negated
or neither is. A text in quotation marks must be a fact in quotation marks, or whole sentences of it. That is strict on purpose:
a number moved to another property is an invention too, and so is an opinion that no one has given (decision 0090).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from adreel.domain.ad import Ad, Offer
from adreel.domain.errors import ClaimError
from adreel.domain.scripts.claims.lexicon import DISCOUNT, GROUPS, HALF, SALE, ClaimKind
from adreel.domain.scripts.claims.sources import Source, fact_sources, offer_sources, savings
from adreel.domain.scripts.claims.tokens import (
    Number,
    bare,
    content_words,
    fold,
    is_negated,
    is_quotation,
    numbers,
    parts,
    quotation_parts,
    quoted_within,
    same_word,
    sentences,
)
from adreel.domain.scripts.claims.vocabulary import FORMER


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim in a sentence: `words` are those that make it. A number, or a phrase of `group`."""

    kind: ClaimKind
    words: str
    group: str = ""
    number: Number | None = None


class TruthSheet:
    """What one ad may say. `names` (product, brand) may hold anything: they are names, not claims."""

    def __init__(self, facts: tuple[str, ...], offer: Offer | None = None, names: tuple[str, ...] = ()) -> None:
        self._sources = (*fact_sources(facts), *(offer_sources(offer) if offer else ()))
        self._quotations = frozenset(said for fact in facts if is_quotation(fact) for said in _said(fact))
        self._terms = frozenset(bare(said) for fact in facts if not is_quotation(fact) for said in quoted_within(fact))
        self._names = [re.compile(rf"(?<!\w){re.escape(fold(name))}(?!\w)") for name in names if name.strip()]

    def unsupported(self, text: str) -> Iterator[tuple[str, Claim]]:
        """Yields each sentence of a text with a claim that has no source."""
        if is_quotation(text):
            if not self._is_quoted(text):
                yield text.strip(), Claim(ClaimKind.ENDORSEMENT, "the quotation")
            return
        for said in quoted_within(text):
            # A fact may itself put a word in quotation marks.
            if bare(said) not in self._quotations and not self._is_named(said):
                yield text.strip(), Claim(ClaimKind.ENDORSEMENT, "the quotation")
                return
        for sentence in sentences(text):
            claim = self._in_sentence(sentence)
            if claim is not None:
                yield sentence.strip(), claim

    def check(self, text: str, where: str) -> None:
        """Raises ClaimError for the first claim without a source. `where` says where the text is, such as "beat 'hook'"."""
        for sentence, claim in self.unsupported(text):
            raise ClaimError(where, sentence, claim.words, claim.kind)

    def _is_named(self, said: str) -> bool:
        return not bare(self._without_names(said)) or bare(said) in self._terms

    def _is_quoted(self, text: str) -> bool:
        """Whether a fact is this quotation, or has all of its sentences and no name behind them."""
        if bare(text) in self._quotations:
            return True
        parts_of = quotation_parts(text)
        return (
            parts_of is not None
            and not bare(parts_of[3])
            and self._quotations.issuperset(map(bare, sentences(parts_of[1])))
        )

    def _in_sentence(self, sentence: str) -> Claim | None:
        claim = self._first_without_source(sentence)
        pieces = parts(sentence)
        if claim is None or len(pieces) < 2:
            return claim
        # Each part may have a source of its own, but not a bare number: it would count for the part before it.
        if all(map(self._stands_alone, pieces)) and not any(map(self._first_without_source, pieces)):
            return None
        return claim

    def _stands_alone(self, piece: str) -> bool:
        return bool(content_words(self._without_names(piece)))

    def _first_without_source(self, sentence: str) -> Claim | None:
        folded = self._without_names(sentence)
        return next((claim for claim in claims_in(folded) if not self._has_source(claim, folded)), None)

    def _has_source(self, claim: Claim, folded: str) -> bool:
        words = content_words(folded)
        return any(_supports(source, claim, words, folded) for source in self._sources)

    def _without_names(self, sentence: str) -> str:
        folded = fold(sentence)
        for name in self._names:
            folded = name.sub(" ", folded)
        return folded


def _said(fact: str) -> set[str]:
    """A quotation as a whole, without the name behind it, and its sentences: a part of a sentence may say the opposite."""
    found = quotation_parts(fact)
    return {bare(fact)} if found is None else {bare(fact), bare(found[1]), *map(bare, sentences(found[1]))}


def claims_in(folded: str) -> tuple[Claim, ...]:
    """Returns the claims of a folded sentence."""
    found = [
        Claim(group.kind, match.group(), group=group.name)
        for group in GROUPS
        for match in group.pattern.finditer(folded)
    ]
    return (*found, *(Claim(ClaimKind.NUMBER, each.shown, number=each) for each in numbers(folded)))


def check_ad(ad: Ad) -> None:
    """Raises ClaimError for the first claim on the screen, to be spoken or in the call to action that has no source.

    The address and the legal line are the user's own statements about the seller, and are not checked.
    """
    sheet = TruthSheet(ad.facts, ad.offer, (ad.product, ad.brand or ""))
    _check_badge(ad.offer)
    for where, text in _texts(ad):
        sheet.check(text, where)
    for beat in ad.beats:
        for words in beat.words:
            _check_struck(words.struck, ad, f"beat {beat.name!r}")


def _texts(ad: Ad) -> Iterator[tuple[str, str]]:
    for beat in ad.beats:
        for words in beat.words:
            if words.text not in (ad.end.address, ad.end.legal):
                yield f"beat {beat.name!r}, {words.role.replace('_', ' ')}", words.text
        if beat.spoken:
            yield f"beat {beat.name!r}, spoken", beat.spoken
    if ad.end.cta:
        yield "the call to action", ad.end.cta


def _check_badge(offer: Offer | None) -> None:
    """A badge may not promise more than the prices beside it give."""
    if offer is None or offer.badge is None or offer.was is None:
        return
    limits = {number.unit: max(number.values) for number in savings(offer)}
    for number in numbers(fold(offer.badge)):
        if number.unit in limits and min(number.values) > limits[number.unit]:
            raise ClaimError("the offer's badge", offer.badge, number.shown, ClaimKind.DISCOUNT)


def _check_struck(struck: str | None, ad: Ad, where: str) -> None:
    """A struck text is a former price, and only the offer says what that was."""
    if struck is None:
        return
    was = None if ad.offer is None or ad.offer.was is None else ad.offer.was.normalize()
    if not any(was in number.values for number in numbers(fold(struck))):
        raise ClaimError(where, struck, struck, ClaimKind.DISCOUNT)


def _supports(source: Source, claim: Claim, words: set[str], folded: str) -> bool:
    if source.is_saving:
        return _is_saving(source, claim, words, folded)
    if not source.words:
        # An amount of the offer; whether it is a saving is a claim of its own.
        words = words - _sale_words(folded)
    if source.negated is not is_negated(folded) or not all(_has_word(source, word) for word in words):
        return False
    if claim.number is None:
        return claim.group in source.groups
    if source.is_former and not FORMER.search(folded):
        return False
    return any(_same_number(claim.number, number) for number in source.numbers)


def _is_saving(source: Source, claim: Claim, words: set[str], folded: str) -> bool:
    """A discount says nothing but itself, and when it names amounts, the saving: "Save 24.90" is no way to say the price."""
    is_sale = any(each.group in source.groups for each in claims_in(folded))
    if not is_sale or is_negated(folded) or words - _sale_words(folded):
        return False
    if claim.number is not None:
        return any(_same_number(claim.number, saved) for saved in source.numbers)
    named = [number for number in numbers(folded) if number.unit]
    is_named = any(_same_number(number, saved) for number in named for saved in source.numbers)
    return claim.group in source.groups and (claim.group != DISCOUNT or not named or is_named)


def _sale_words(folded: str) -> set[str]:
    phrases = (claim.words for claim in claims_in(folded) if claim.group in (DISCOUNT, HALF, SALE))
    return {word for phrase in phrases for word in content_words(phrase)}


def _has_word(source: Source, word: str) -> bool:
    return any(same_word(word, known) for known in source.words)


def _same_number(one: Number, other: Number) -> bool:
    return bool(one.values & other.values) and one.bound == other.bound and _same_unit(one.unit, other.unit)


def _same_unit(one: str, other: str) -> bool:
    return one == other or (bool(one and other) and same_word(one, other))
