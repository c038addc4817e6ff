"""Segments of external clips for a film: conformed to its size, with their words and captions."""

from __future__ import annotations

from pathlib import Path

from adreel.domain.ad import USUAL_STYLE
from adreel.domain.films.clip import Clip, Segment
from adreel.domain.films.film import FilmSpec
from adreel.domain.work.tracing import span
from adreel.media.clips.examine import ClipExaminer
from adreel.media.overlays.burned import ClipCaptions
from adreel.media.overlays.loader import text_style
from adreel.media.overlays.overlay import Captioned
from adreel.media.segments.render import OnFrame, SegmentMaker


def conformed(
    clip: Clip,
    source: Path,
    spec: FilmSpec,
    maker: SegmentMaker,
    examiner: ClipExaminer,
    *,
    threads: int,
    on_frame: OnFrame,
) -> Segment:
    """The segment of the clip's file `source` in the film's size and profile, made or found. Raises ClipError, RenderError, and
    TextError for words that cannot be shown or read."""
    with span("conform", frames=clip.frames):
        info, fit, maker = examiner.info(source), clip.fit or spec.fit, maker.of(spec.profile)
        if clip.words or clip.mark or clip.captions:
            style = text_style(clip.text_style or USUAL_STYLE)
            words = Captioned(clip.words, style, spec.size, clip.frames, mark=clip.mark)
            return maker.from_clip_with_words(
                source,
                info,
                words,
                fit,
                threads=threads,
                on_frame=on_frame,
                smooth=clip.smooth,
                captions=ClipCaptions(clip.captions, clip.caption_style),
            )
        return maker.from_clip(
            source, info, spec.size, clip.frames, fit, threads=threads, on_frame=on_frame, smooth=clip.smooth
        )
