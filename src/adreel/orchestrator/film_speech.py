"""What the voice and captions of a session's film add to it: captions of its clips, speech in its sound, caption files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adreel.agents.captioning import WordedClip, check_asked, film_captions, shot_captions
from adreel.agents.narration import check_voice, with_speech
from adreel.agents.options import check_speaking
from adreel.domain.ad import Ad
from adreel.domain.films.captions import Captions
from adreel.domain.films.clip import Clip
from adreel.domain.films.film import FilmSpec
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import FrameSize
from adreel.media.captions.track import CaptionTrack
from adreel.orchestrator.script_jobs import ScriptFilm
from adreel.placements.placement import Placement


def check_speech(film: FilmOptions, ad: Ad | None, placements: Sequence[Placement]) -> None:
    """Raises InputError for a voice or captions that the films of a script cannot have, in their format or for `placements`."""
    check_speaking(film)
    for placement in placements or (None,):
        check_voice(film.speaks, ad, placement)
        check_asked(film, ad, placement)


def with_shot_captions(film: ScriptFilm, size: FrameSize) -> ScriptFilm:
    """The film whose clips have captions of what is spoken as part of their picture, where its options say so. `size` is the
    whole film's, also of a draft."""
    options = film.options
    if options.captions is not Captions.ON:
        return film
    clips = tuple(
        replace(
            clip, captions=shot_captions(line, clip.frames, options, size), caption_style=options.caption_style.value
        )
        if (line := film.lines.get(clip.asset.id)) is not None
        else clip
        for clip in film.clips
    )
    return replace(film, clips=clips)


def spoken_spec(film: ScriptFilm, spec: FilmSpec, ready: Sequence[Clip]) -> FilmSpec:
    """The specification with the film's lines spoken over those clips that could be made."""
    return with_speech(spec, film.lines, [(clip.id, clip.frames) for clip in ready])


def captions_of(film: ScriptFilm, spec: FilmSpec, ready: Sequence[Clip]) -> CaptionTrack | None:
    """The captions of the film for its files and its text track, None without any."""
    asked = film.options.captions
    if not asked.in_files and not asked.in_track:
        return None
    words = {clip.asset.id: clip.words for clip in film.clips}
    clips = [WordedClip(clip.frames, words[clip.id], film.lines.get(clip.id)) for clip in ready]
    return film_captions(clips, spec)
