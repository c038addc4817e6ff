"""From the script of a session to its jobs: the clips of its beats, and the film of these clips. Pure but for reading fonts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path

from adreel.agents.narration import BeatRooms, fitted, overlap_of
from adreel.agents.options import card_frames
from adreel.agents.placement_plan import clips_for, frames_for, script_for
from adreel.agents.script import BeatLine, check_script, end_card_look, script_film
from adreel.billing.clip_jobs import ClipBeat, ClipsJob, FilmJob, ImageRef
from adreel.catalogue.models import VideoModel
from adreel.domain.ad import Ad, Beat, ScreenText
from adreel.domain.errors import InputError, TextError
from adreel.domain.films.captions import ShotCaption
from adreel.domain.films.clip import SHORTEST_SHARE, Clip
from adreel.domain.films.film import EndCardLook, FilmSpec
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import FPS, FrameSize, to_frames, to_seconds
from adreel.domain.films.logo import BrandLogo
from adreel.domain.films.scene import FRAMINGS
from adreel.domain.ports import Speaker
from adreel.domain.scripts.ad_timing import needed_frames
from adreel.domain.scripts.claims.sheet import check_ad
from adreel.domain.sessions.session import Asset, AssetKind, SessionView
from adreel.media.overlays.loader import text_style
from adreel.media.overlays.overlay import Captioned, check_words
from adreel.media.speech.speakers import OfflineSpeaker
from adreel.media.timeline import Item, Timeline, film_timeline
from adreel.orchestrator.session_scripts import BEAT_SECONDS, check_photos
from adreel.placements.placement import Placement


def scripted_clips(job: ClipsJob, ad: Ad, view: SessionView, model: VideoModel, *, drawn: bool) -> ClipsJob:
    """The job with a clip for each beat. `drawn`: the clips are drawn with their words; a bought clip is ordered in a length that
    its model makes, and gets its words when the film is made. Reads fonts: not for the event loop.

    Raises InputError for an image that was removed and a length that the model cannot make, TextError for words that cannot be
    read in the shortest clip that counts as ordered, ClaimError for words without a source.
    """
    check_photos(ad, view)
    ordered = clip_lengths(ad, model, job.size, drawn=drawn, prompt=job.prompt)
    images = [_image(ad, place, view) for place in range(len(ad.beats))]
    beats = [_clip_beat(ad, place, ordered[place], images, drawn=drawn) for place in range(len(ad.beats))]
    return replace(job, images=tuple(images), beats=tuple(beats), frames=max(ordered))


def clip_lengths(ad: Ad, model: VideoModel, size: FrameSize, *, drawn: bool, prompt: str = "") -> list[int]:
    """The frames to order of each beat's clip, after checking everything of the script but its photos. Clips that are drawn are
    as long as a film with the music of the `prompt` shows them. Raises as `scripted_clips`."""
    lengths = check_script(ad, BEAT_SECONDS, size).beats
    if drawn:
        lengths = script_film(ad, FilmOptions(), prompt, BEAT_SECONDS).lengths.beats
    ordered = [
        frames if drawn else ordered_frames(model, max(frames, _readable(beat, ad.style, model)))
        for beat, frames in zip(ad.beats, lengths, strict=True)
    ]
    for beat, shown, bought in zip(ad.beats, lengths, ordered, strict=True):
        _check_clip(model, size, beat, bought)
        # A bought clip may be somewhat shorter than it was ordered; after it is paid for it is too late to refuse the words.
        least = shown if drawn else min(shown, int(SHORTEST_SHARE * bought))
        _check_read(beat.words, ad.style, size, least, f"beat {beat.name!r}")
    return ordered


def _readable(beat: Beat, style: str, model: VideoModel) -> int:
    """The frames of a clip whose words can be read even if it is as short as a bought clip may be, as far as the model goes."""
    needed = ceil(needed_frames(beat, style) / SHORTEST_SHARE) if beat.words else 0
    return min(needed, int(model.max_seconds * FPS))


def ordered_frames(model: VideoModel, frames: int) -> int:
    """The frames to order: all that the model makes for a request of this length, so that a beat whose length changes a little
    is the same clip; the frames themselves where the length of the answer depends on every change."""
    seconds = min(max(to_seconds(frames), model.min_seconds), model.max_seconds)
    made = to_frames(model.length.ask(seconds).seconds)
    is_settled = to_frames(model.length.ask(min(to_seconds(made), model.max_seconds)).seconds) == made
    usable = is_settled and model.min_seconds <= to_seconds(made) <= model.max_seconds
    return max(frames, made if usable else to_frames(seconds))


def _check_clip(model: VideoModel, size: FrameSize, beat: Beat, frames: int) -> None:
    try:
        model.check(to_seconds(frames), size.aspect)
    except InputError as error:
        raise InputError(f"beat {beat.name!r}: {error}") from error


def _check_read(words: tuple[ScreenText, ...], style: str, size: FrameSize, frames: int, where: str) -> None:
    if not words:
        return
    try:
        check_words(Captioned(words, text_style(style), size, frames))
    except TextError as error:
        raise TextError(f"{where}: {error}") from error


def _image(ad: Ad, place: int, view: SessionView) -> ImageRef:
    shot = ad.beats[place].shot
    images = {image.id: image for image in view.of_kind(AssetKind.IMAGE)}
    framing = shot.framing or FRAMINGS[place % len(FRAMINGS)]
    return replace(ImageRef.of(images[ad.photos[shot.photo - 1]]), view_type=framing.value)


def _clip_beat(ad: Ad, place: int, frames: int, images: Sequence[ImageRef], *, drawn: bool) -> ClipBeat:
    beat = ad.beats[place]
    shot, words = beat.shot, beat.words if drawn else ()
    repeat = Counter((image.id, image.view_type) for image in images[:place])[images[place].id, images[place].view_type]
    style = ad.style if words else ""
    return ClipBeat(beat.name, place, frames, shot.camera, shot.intensity, words, style, repeat)


@dataclass(frozen=True, slots=True)
class FilmClip:
    """A clip as a film shows it: its first `frames`, with words in a text style and captions in a caption style."""

    asset: Asset
    frames: int
    words: tuple[ScreenText, ...] = ()
    text_style: str = ""
    captions: tuple[ShotCaption, ...] = ()
    caption_style: str = ""

    @property
    def is_stored(self) -> bool:
        """Whether the stored segment shows just this."""
        if self.captions:
            return False
        details = self.asset.clip_details
        stored = (details.clip_frames, details.words, details.text_style if details.words else "")
        return stored == (self.frames, self.words, self.text_style if self.words else "")


@dataclass(frozen=True, slots=True)
class ScriptFilm:
    """The clips of a film and its options; `notes` name beats without a clip and clips without a beat. `bpm` and `strong` are as
    in `TimedScript`; `lines` are spoken over clips, by the id of their asset."""

    clips: tuple[FilmClip, ...]
    options: FilmOptions
    notes: tuple[str, ...] = ()
    bpm: float | None = None
    strong: tuple[int, ...] = ()
    lines: Mapping[str, BeatLine] = field(default_factory=dict[str, BeatLine])

    def timed(self, spec: FilmSpec) -> FilmSpec:
        """The specification with the tempo to which the cuts were moved."""
        return replace(spec, audio=replace(spec.audio, bpm=self.bpm, strong=self.strong))

    @property
    def has_end_card(self) -> bool:
        return self.options.outro_seconds > 0


def film_of(
    job: FilmJob, clips: Sequence[Asset], draws: Mapping[str, bool], speaker: Speaker | None = None
) -> ScriptFilm:
    """The film of a job's clips, by its script if it has one. `draws` says of each model whether its clips can be drawn again; a
    bought clip is as long as its beat at most, and no longer than it is. A film whose clips can all be drawn again, and follow
    the beats of the script, is cut on the beats of its music. With the option `voice` the lines of the beats that are shown are
    spoken, by the offline voice without another `speaker`; beats make room for them as far as their clips go.

    Raises InputError for a script whose words and lines do not fit the film, ClaimError for words without a source, TextError for
    a line that the voice cannot speak.
    """
    if job.script is None:
        return ScriptFilm(tuple(FilmClip(clip, clip.clip_details.clip_frames) for clip in clips), job.options)
    ad = named(job.script, job.options)
    check_ad(ad)
    if job.options.speaks:
        return _spoken_film(job, ad, clips, draws, speaker or OfflineSpeaker(dict(job.pronunciations)))
    return _timed_film(job, ad, clips, draws)


def _spoken_film(
    job: FilmJob, ad: Ad, clips: Sequence[Asset], draws: Mapping[str, bool], speaker: Speaker
) -> ScriptFilm:
    shown = {beat.name: clip for clip, beat in zip(clips, assigned(ad, clips), strict=True) if beat is not None}
    spoken = tuple(beat if beat.name in shown else replace(beat, spoken=None) for beat in ad.beats)
    if not any(beat.spoken for beat in spoken):
        raise InputError(
            "there is nothing to speak: no clip of this film has a spoken line; write one, or leave the voice off"
        )
    places = {beat.name: place for place, beat in enumerate(spoken)}
    most = {
        places[name]: clip.clip_details.clip_frames
        for name, clip in shown.items()
        if not draws.get(clip.model or "", False)
    }
    films: list[ScriptFilm] = []

    def rooms(timed: Ad) -> BeatRooms:
        films.append(_timed_film(job, timed, clips, draws))
        frames = {clip.asset.id: clip.frames for clip in films[-1].clips}
        lengths = [frames[shown[beat.name].id] if beat.name in shown else 0 for beat in timed.beats]
        return BeatRooms(lengths, overlap_of(job.options.transition), most)

    lines = fitted(replace(ad, beats=spoken), rooms, speaker).lines
    return replace(films[-1], lines={shown[spoken[place].name].id: line for place, line in lines.items()})


def _timed_film(job: FilmJob, ad: Ad, clips: Sequence[Asset], draws: Mapping[str, bool]) -> ScriptFilm:
    beats = assigned(ad, clips)
    on_beats = tuple(beats) == ad.beats and all(draws.get(clip.model or "", False) for clip in clips)
    timed = script_film(ad, job.options, job.prompt, BEAT_SECONDS, on_beats=on_beats)
    frames_of = dict(zip((beat.name for beat in ad.beats), timed.lengths.beats, strict=True))
    made = [
        _film_clip(clip, beat, ad.style, frames_of, can_be_drawn=draws.get(clip.model or "", False))
        for clip, beat in zip(clips, beats, strict=True)
    ]
    strong = timed.strong if on_beats else ()
    return ScriptFilm(tuple(made), timed.options, tuple(_notes(ad, beats)), timed.bpm, strong)


def film_for(
    placement: Placement | None,
    film: ScriptFilm,
    job: FilmJob,
    clips: Sequence[Asset],
    draws: Mapping[str, bool],
    spec: FilmSpec,
) -> ScriptFilm:
    """The film as long as a placement asks for: beats of its script fall away by their recipe, with their clips; then clips are
    cut, the longest first. `film` is that of `film_of`, `spec` its specification. Raises InputError."""
    timeline = _timeline(film, spec)
    frames = frames_for(placement, timeline)
    if frames is None:
        return film
    if job.script is not None:
        ad = named(job.script, job.options)
        shorter = script_for(ad, frames)
        left = {beat.name for beat in shorter.beats}
        kept = [
            clip
            for clip, beat in zip(clips, assigned(ad, clips), strict=True)
            if beat is not None and beat.name in left
        ]
        film = film_of(replace(job, script=shorter), kept, draws)
        spec = replace(spec, outro_frames=card_frames("outro", film.options.outro_seconds))
        timeline = _timeline(film, spec)
    lengths = [Clip(clip.asset.id, clip.frames) for clip in film.clips]
    if timeline.frames != frames:
        lengths = list(clips_for(lengths, timeline, frames))
    cut = [replace(clip, frames=each.frames) for clip, each in zip(film.clips, lengths, strict=False)]
    return replace(film, clips=tuple(cut))


def _timeline(film: ScriptFilm, spec: FilmSpec) -> Timeline:
    return film_timeline(spec, [Item(clip.asset.id, clip.frames) for clip in film.clips])


def named(ad: Ad, options: FilmOptions) -> Ad:
    """The script with the name and the call to action of the film's options in the place of its own, where they are given."""
    name, cta = options.name, options.cta
    return replace(ad, product=name or ad.product, end=replace(ad.end, cta=cta or ad.end.cta))


def assigned(ad: Ad, clips: Sequence[Asset]) -> list[Beat | None]:
    """The beat of each clip: the one it was made for; for other clips the next one that shows the clip's image and is free."""
    by_name = {beat.name: beat for beat in ad.beats}
    found: list[Beat | None] = [by_name.pop(clip.clip_details.beat, None) for clip in clips]
    for place, clip in enumerate(clips):
        if found[place] is None:
            free = (beat for beat in by_name.values() if ad.photos[beat.shot.photo - 1] == clip.source_image_id)
            beat = next(free, None)
            if beat is not None:
                found[place] = by_name.pop(beat.name)
    return found


def check_film_words(film: ScriptFilm, size: FrameSize) -> None:
    """Raises TextError for words that cannot be read in the length of their clip. Reads fonts: not for the event loop."""
    for number, clip in enumerate(film.clips, start=1):
        _check_read(clip.words, clip.text_style, size, clip.frames, f"clip {number}")


def first_image(ad: Ad, view: SessionView) -> ImageRef:
    """The image of the first beat, which the end card shows. Raises InputError for an image that was removed."""
    check_photos(ad, view)
    return _image(ad, 0, view)


def end_look(job: FilmJob, film: ScriptFilm, photo: Path, logo: BrandLogo | None = None) -> EndCardLook | None:
    """The film's end card with the product of a photo; None for a film whose outro is a plain card, or that has none."""
    if not film.has_end_card:
        return None
    if job.script is not None:
        return replace(end_card_look(named(job.script, job.options), photo), logo=logo)
    return None if job.end is None else EndCardLook(photo, job.end, job.options.name, logo=logo)


def _film_clip(
    clip: Asset, beat: Beat | None, style: str, frames_of: Mapping[str, int], *, can_be_drawn: bool
) -> FilmClip:
    length = clip.clip_details.clip_frames
    if beat is None:
        return FilmClip(clip, length)
    frames = frames_of[beat.name] if can_be_drawn else min(frames_of[beat.name], length)
    return FilmClip(clip, frames, beat.words, style if beat.words else "")


def _notes(ad: Ad, beats: Sequence[Beat | None]) -> Iterator[str]:
    shown = {beat.name for beat in beats if beat is not None}
    for beat in ad.beats:
        if beat.name not in shown:
            yield f"beat {beat.name!r} has no clip among the approved ones, so that it is not in the film"
    for number, beat in enumerate(beats, start=1):
        if beat is None:
            yield f"clip {number} belongs to no beat of the script, so that it has no words"
