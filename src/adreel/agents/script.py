"""A film from the script of an ad: its images, clips, cards and music, before anything is rendered."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path

from adreel.agents.options import GENRE_OF, card_frames
from adreel.agents.video_generator import ClipPlan, ClipsOrder
from adreel.catalogue.recipes import recipe
from adreel.domain.ad import USUAL_RECIPE, USUAL_STYLE, Ad, Beat, BeatShot, TextRole
from adreel.domain.errors import InputError, TextError
from adreel.domain.films.film import EndCardLook, FilmSpec, IntroStyle, Transition
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import TRANSITION_FRAMES, FrameSize, frame_size, to_seconds
from adreel.domain.films.narration import TimedText, VoiceRecord
from adreel.domain.films.scene import FRAMINGS, ApprovedImage, Mood, ViewType
from adreel.domain.scripts.ad_format.reading import read_ad
from adreel.domain.scripts.ad_format.writing import to_document
from adreel.domain.scripts.ad_request import AdRequest
from adreel.domain.scripts.ad_timing import AdLengths, ad_lengths, end_frames, needed_frames
from adreel.domain.scripts.claims.sheet import check_ad
from adreel.media.end_cards.intro_card import shortest_intro
from adreel.media.music import GENRES
from adreel.media.music.cutting import ShotLength, cut_on_beats
from adreel.media.music.genres import ALL
from adreel.media.overlays.loader import text_style
from adreel.media.overlays.overlay import Captioned, check_words
from adreel.providers.planning.scene_rules import read_mood
from adreel.providers.planning.script_rules import write_by_rules


@dataclass(frozen=True, slots=True)
class BeatLine:
    """The line that is spoken over a beat: its length in frames, and its words with their seconds from its beginning. The other
    fields are as in `LineSound`."""

    text: str
    speed: float
    frames: int
    words: tuple[TimedText, ...]
    said: tuple[tuple[str, str], ...] = ()
    sound: Path | None = None
    voice: VoiceRecord | None = None
    span: tuple[int, int] | None = None
    language: str | None = None
    times_words: bool = False

    @property
    def is_recorded(self) -> bool:
        """Whether a person spoke it."""
        return self.sound is not None and self.voice is None


@dataclass(frozen=True, slots=True)
class Storyboard:
    """The clips of a film: an image, a plan and a name for each, and the options of the film around them. `lines` are spoken over
    the clips of images, by their id."""

    images: tuple[ApprovedImage, ...]
    plans: tuple[ClipPlan, ...]
    names: tuple[str, ...]
    prompt: str
    film: FilmOptions
    end_card: EndCardLook | None
    bpm: float | None = None
    strong: tuple[int, ...] = ()
    lines: Mapping[str, BeatLine] = field(default_factory=dict[str, BeatLine])

    def film_of(self, spec: FilmSpec) -> FilmSpec:
        """The specification with what the script decides: the end card, and the tempo to which the cuts were moved."""
        return replace(spec, end_card=self.end_card, audio=replace(spec.audio, bpm=self.bpm, strong=self.strong))

    @property
    def photos(self) -> tuple[Path, ...]:
        """The photos of the film, each once."""
        return tuple(dict.fromkeys(image.path for image in self.images))

    @property
    def lengths(self) -> tuple[int, ...]:
        """The frames of each clip."""
        return tuple(plan.frames for plan in self.plans)


def write_script(request: AdRequest) -> Ad:
    """Writes the script of an ad. The same request always gives the same script.

    Raises InputError for a request that cannot be used, ClaimError for a call to action or badge without a source.
    """
    _check_request(request)
    return write_by_rules(request)


def _check_request(request: AdRequest) -> None:
    """Raises InputError for texts and numbers that a script may not have, before anything is written."""
    parts = Ad(
        product=request.product,
        beats=(Beat("request", BeatShot(1)),),
        end=request.end,
        brand=request.brand,
        facts=request.facts,
        offer=request.offer,
        recipe=request.recipe or USUAL_RECIPE,
        style=request.style or USUAL_STYLE,
        prompt=request.prompt,
        photos=request.photos,
        seconds=request.seconds,
    )
    read_ad(to_document(parts), "the request")
    text_style(parts.style)


def check_script(ad: Ad, clip_seconds: float, size: FrameSize) -> AdLengths:
    """Checks everything of a script but its photos, and returns the lengths of its beats and its end card as of a film without
    crossfades. `size` is any frame size. Reads fonts: not for the event loop.

    Raises InputError for an unknown recipe or text style and words that do not fit the time, TextError for words that no font
    shows, ClaimError for words without a source.
    """
    text_style(ad.style)
    lengths = ad_lengths(ad, clip_seconds)
    _check_words(ad, lengths.beats, size)
    return lengths


def _check_words(ad: Ad, frames: Sequence[int], size: FrameSize) -> None:
    """Raises InputError and its kinds for words that cannot be shown, read or said."""
    style = text_style(ad.style)
    recipe(ad.recipe)
    check_ad(ad)
    for beat, length in zip(ad.beats, frames, strict=True):
        if beat.words:
            with _naming(beat):
                check_words(Captioned(beat.words, style, size, length))


@contextmanager
def _naming(beat: Beat) -> Generator[None]:
    """Names the beat in an error about its words."""
    try:
        yield
    except TextError as error:
        raise TextError(f"beat {beat.name!r}: {error}") from error


def storyboard(
    ad: Ad, photos: Sequence[Path], film: FilmOptions, prompt: str, clip_seconds: float, *, on_beats: bool = True
) -> Storyboard:
    """Plans the film of a script. `film` has the options that a script does not decide; `prompt` replaces the script's, if any.
    `on_beats` as in `script_film`.

    There is no plain intro card: the first beat opens the film, or an intro in another style. The end card lasts at least as long
    as its words take to read; with `outro_seconds` 0 there is none. Reads fonts: not for the event loop.

    Raises InputError for a script that cannot be filmed, TextError for words that no font shows, ClaimError for words without a
    source.
    """
    prompt = prompt or ad.prompt
    timed = script_film(ad, film, prompt, clip_seconds, on_beats=on_beats)
    lengths = timed.lengths
    _check_words(ad, lengths.beats, frame_size(film.aspect))
    return Storyboard(
        images=tuple(_image(ad, place, photos) for place in range(len(ad.beats))),
        plans=tuple(_plan(ad, place, frames) for place, frames in enumerate(lengths.beats)),
        names=tuple(f"beat {beat.name!r}" for beat in ad.beats),
        prompt=prompt,
        film=timed.options,
        end_card=end_card_look(ad, _photo(ad, 0, photos)) if lengths.end else None,
        bpm=timed.bpm,
        strong=timed.strong,
    )


def sample_clip(board: Storyboard) -> tuple[ClipsOrder, int]:
    """The clips of a film, and which of them stands for it in a picture: the first with the most words."""
    size = frame_size(board.film.aspect)
    clips = ClipsOrder(board.images, board.prompt, board.lengths[0], size, board.film.seed, plans=board.plans)
    return clips, max(range(len(board.plans)), key=lambda place: (len(board.plans[place].words), -place))


@dataclass(frozen=True, slots=True)
class TimedScript:
    """The lengths of a script's beats in its film, and the options of the film around them.

    `bpm` is the tempo of the composed music on whose beats the cuts fall, None where they do not; `strong` are the frames of the
    cuts to beats with a price.
    """

    lengths: AdLengths
    options: FilmOptions
    bpm: float | None = None
    strong: tuple[int, ...] = ()


def script_film(ad: Ad, film: FilmOptions, prompt: str, clip_seconds: float, *, on_beats: bool = True) -> TimedScript:
    """Times the film of a script, as `storyboard` does. Without `on_beats` the beats keep their lengths whatever the music is:
    clips that exist already are used as they are.

    Raises InputError for an unknown text style, words that do not fit the time, and a length of a plain intro card, which a
    script does not have.
    """
    text_style(ad.style)
    if film.intro_style is IntroStyle.PLAIN and film.intro_seconds not in (0, _NO_INTRO.intro_seconds):
        raise InputError(
            f"a film of a script has no plain intro card, and one of {film.intro_seconds:g} s is asked for; leave its length "
            "out, since the first beat opens the film, or choose another style of intro"
        )
    options = replace(film, music=film.music or usual_genre(ad, prompt or ad.prompt))
    lengths, bpm = _lengths(ad, film, clip_seconds), None
    if on_beats:
        lengths, bpm = _on_beats(ad, options, lengths)
    return TimedScript(lengths, _options(ad, options, lengths), bpm, _strong(ad, options, lengths))


_NO_INTRO = FilmOptions()


def end_card_look(ad: Ad, photo: Path) -> EndCardLook:
    """The end card of a script with the product of a photo."""
    return EndCardLook(photo, ad.end, ad.product or None, ad.style)


def _lengths(ad: Ad, film: FilmOptions, clip_seconds: float) -> AdLengths:
    asked = card_frames("outro", film.outro_seconds)
    end = end_frames(ad) if asked else 0
    return ad_lengths(ad, clip_seconds, _overlap(film), max(end, asked) if end else 0, _intro(ad, film))


def _overlap(film: FilmOptions) -> int:
    return TRANSITION_FRAMES if film.transition is Transition.CROSSFADE else 0


def _intro(ad: Ad, film: FilmOptions) -> int:
    """The frames of an intro with the product; 0 where the first beat opens the film."""
    asked = card_frames("intro", film.intro_seconds)
    if film.intro_style is IntroStyle.PLAIN or not asked or not ad.product.strip():
        return 0
    return max(asked, shortest_intro(film.intro_style, ad.product))


def _on_beats(ad: Ad, film: FilmOptions, lengths: AdLengths) -> tuple[AdLengths, float | None]:
    """The lengths, bent so that cuts fall on beats of composed music, and its tempo; None for other music and without cuts."""
    shots = _shots(ad, film, lengths)
    if film.music not in GENRES or len(shots) < 2:
        return lengths, None
    rhythm = cut_on_beats(shots, ALL[film.music].bpm, _overlap(film), closes=bool(lengths.end))
    bent = list(rhythm.lengths)
    intro = bent.pop(0) if lengths.intro else 0
    end = bent.pop() if lengths.end else 0
    return AdLengths(tuple(bent), end, intro), rhythm.bpm


def _shots(ad: Ad, film: FilmOptions, lengths: AdLengths) -> list[ShotLength]:
    """The cards and beats of a film. Those whose length was asked for keep it; a beat with a price is a strong one."""
    shots = [
        ShotLength(frames, needed_frames(beat, ad.style), beat.seconds is not None, _has_price(beat))
        for beat, frames in zip(ad.beats, lengths.beats, strict=True)
    ]
    intro = [ShotLength(lengths.intro, lengths.intro)] if lengths.intro else []
    asked = lengths.end <= card_frames("outro", film.outro_seconds)
    end = [ShotLength(lengths.end, lengths.end, is_fixed=asked)] if lengths.end else []
    return [*intro, *shots, *end]


def _has_price(beat: Beat) -> bool:
    return any(words.role is TextRole.PRICE for words in beat.words)


def _strong(ad: Ad, film: FilmOptions, lengths: AdLengths) -> tuple[int, ...]:
    """The frames of the cuts to beats with a price."""
    overlap = _overlap(film)
    before = [lengths.intro] if lengths.intro else []
    starts = accumulate((frames - overlap for frames in (*before, *lengths.beats)), initial=0)
    cuts = [start + overlap // 2 for start in starts][len(before) :]
    return tuple(cut for cut, beat in zip(cuts, ad.beats, strict=False) if cut and _has_price(beat))


def _options(ad: Ad, film: FilmOptions, lengths: AdLengths) -> FilmOptions:
    return replace(
        film,
        name=ad.product or None,
        cta=ad.end.cta,
        intro_seconds=to_seconds(lengths.intro),
        outro_seconds=to_seconds(lengths.end),
    )


def usual_genre(ad: Ad, prompt: str) -> str:
    """The genre of the prompt's mood; of the recipe's when the prompt has none."""
    mood = read_mood(prompt)
    return GENRE_OF[recipe(ad.recipe).mood if mood is Mood.NEUTRAL else mood]


def _image(ad: Ad, place: int, photos: Sequence[Path]) -> ApprovedImage:
    return ApprovedImage(f"image_{place + 1:02d}", _photo(ad, place, photos), _framings(ad)[place])


def _framings(ad: Ad) -> list[ViewType]:
    """The framing of each beat: that of the script, else the next in the rotation that no neighbour has."""
    framings: list[ViewType] = []
    for place, beat in enumerate(ad.beats):
        beside = {*framings[-1:], *(after.shot.framing for after in ad.beats[place + 1 : place + 2])}
        turn = [FRAMINGS[(place + step) % len(FRAMINGS)] for step in range(len(FRAMINGS))]
        framings.append(beat.shot.framing or next(view for view in turn if view not in beside))
    return framings


def _photo(ad: Ad, place: int, photos: Sequence[Path]) -> Path:
    beat = ad.beats[place]
    if beat.shot.photo > len(photos):
        raise InputError(
            f"beat {beat.name!r} shows photo {beat.shot.photo}, and there {'is' if len(photos) == 1 else 'are'} {len(photos)}; "
            "give the photo or change its number"
        )
    return photos[beat.shot.photo - 1]


def _plan(ad: Ad, place: int, frames: int) -> ClipPlan:
    beat = ad.beats[place]
    return ClipPlan(frames, beat.shot.camera, beat.shot.intensity, beat.words, ad.style)


def images_of(photos: Sequence[Path]) -> tuple[ApprovedImage, ...]:
    """Returns one image per photo, with framings in rotation; a single photo gives one image for each framing."""
    paths = list(photos) * len(FRAMINGS) if len(photos) == 1 else list(photos)
    return tuple(
        ApprovedImage(f"image_{index + 1:02d}", path, FRAMINGS[index % len(FRAMINGS)])
        for index, path in enumerate(paths)
    )
