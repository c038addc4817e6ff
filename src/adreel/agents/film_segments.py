"""The segments of a film in order, with what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adreel.domain.films.clip import Clip, Segment
from adreel.domain.films.shown_words import ShownWords, Words
from adreel.media.segments.join import Piece
from adreel.media.timeline import FadeSpan, Span, Timeline


@dataclass(frozen=True, slots=True)
class FilmSegments:
    """The segments of a film in order, and the keys of those that may be black or unchanged: the cards, and the clips that were
    judged in their own format. `notes` name clips whose picture became black or still by the format of the film."""

    segments: tuple[Segment, ...]
    asked_still: frozenset[str]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, clips: Sequence[Clip], made: Sequence[Segment], intro: Segment | None, outro: Segment | None
    ) -> FilmSegments:
        segments = tuple(segment for segment in (intro, *made, outro) if segment is not None)
        cards = [card for card in (intro, outro) if card is not None]
        pairs = list(zip(clips, made, strict=True))
        judged = [(clip, new) for clip, new in pairs if clip.may_stand_still or new is not clip.segment]
        asked = frozenset(segment.key for segment in (*cards, *(new for _, new in judged)))
        notes = [
            _note(clip, number, new.fault)
            for number, (clip, new) in enumerate(pairs, start=1)
            if (clip, new) in judged and new.fault and not clip.may_stand_still
        ]
        return cls(segments, asked, tuple(notes))

    def words_in(self, timeline: Timeline) -> Words | None:
        """The words of the film in its frames; None when those of a segment are not known."""
        found: list[ShownWords] = []
        for segment, start in zip(self.segments, timeline.starts, strict=True):
            if segment.words is None:
                return None
            found += [each.later(start) for each in segment.words]
        return tuple(found)

    def may_be_still(self, spans: Sequence[Span], pieces: Sequence[Piece]) -> frozenset[str]:
        """Returns the keys of all segments that may be black or unchanged, with those of the crossfades beside them."""
        fades = [(span, piece.segment.key) for span, piece in zip(spans, pieces, strict=True)]
        return self.asked_still | {
            key
            for span, key in fades
            if isinstance(span, FadeSpan)
            and {self.segments[span.left].key, self.segments[span.right].key} & self.asked_still
        }


def _note(clip: Clip, number: int, fault: str) -> str:
    """Names a clip by the user's own file, or by its place in the film when it was bought."""
    name = clip.source.name if clip.source and not clip.smooth else f"clip {number}"
    return f"{name} {fault} in the film's format: choose another fit, or leave the clip out"
