"""Orders for films on the spot, and their deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from adreel.agents.compositor import FilmMade
from adreel.agents.output import Existing
from adreel.agents.script import Storyboard
from adreel.domain.ad import Ad
from adreel.domain.brand import BrandKit
from adreel.domain.costs.ledger import PaidCall
from adreel.domain.films.clip import Clip
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.film_options import FilmOptions
from adreel.media.speech.line_voice import LineVoice
from adreel.placements.placement import Placement


@dataclass(frozen=True, slots=True)
class MakeOrder:
    """A film from photos, each a file or a folder of photos. `out` is created, its folder must exist; `existing` says what
    happens when it exists.

    With a `script` the photos are those that its beats name by number, and its beats decide the clips, its words the cards.
    With a `placement` the film has its aspect, its length to the frame, its rate, bit rate and loudness. With the option
    `captions` the words of the script become files beside the film, with its name and .srt and .vtt, a text track in it, or
    both. With the option `voice` its lines are spoken by `speaker`, None for the offline voice, and captions may be in the
    picture. `bought` are the purchases that were made for it before, such as its lines.
    A `brand` gives the film its colour and font where `film` names none, and a film with a script its logo and words as well.
    With `passport` its passport is written beside it: how it was made and what to state about it, as JSON and as a page.
    Clips and cards are encoded by `profile`, unless the film is a draft. `user_id`: whose work it is, where users share the
    machine. `prices_change`: the same film is expected with other prices, which then cost less (decision 0174).
    """

    photos: tuple[Path, ...]
    out: Path
    prompt: str = ""
    clip_seconds: float = 3.0
    film: FilmOptions = field(default_factory=FilmOptions)
    existing: Existing = Existing.REFUSE
    script: Ad | None = None
    placement: Placement | None = None
    brand: BrandKit | None = None
    passport: bool = False
    speaker: LineVoice | None = None
    bought: tuple[PaidCall, ...] = ()
    profile: EncoderProfile = EncoderProfile.STANDARD
    user_id: str = ""
    prices_change: bool = False


@dataclass(frozen=True, slots=True)
class ComposeOrder:
    """A film from existing clips, for a `placement` and with a `passport` as in `MakeOrder`: longer clips are cut to the length
    of the placement."""

    clips: tuple[Path, ...]
    out: Path
    film: FilmOptions = field(default_factory=FilmOptions)
    existing: Existing = Existing.REFUSE
    placement: Placement | None = None
    passport: bool = False


@dataclass(frozen=True, slots=True)
class JoinOrder:
    """A film from bought clips. `look` is an image of the product, from which the film takes its colour. With a `board`, the
    storyboard of a script, the clips are those of its beats, by the ids of its images; `film` is that of the board then."""

    clips: tuple[Clip, ...]
    out: Path
    prompt: str
    look: Path
    film: FilmOptions = field(default_factory=FilmOptions)
    existing: Existing = Existing.REFUSE
    board: Storyboard | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A finished film at `path`, its clips made by `model`. `failed` holds one error for each part that could not be made.

    `cost` is the film's total cost in US dollars, `cost_now` the part that this run bought. `session_id` names the session that
    stores bought clips. `notes` are warnings about deviations from the order, `names` the names of images by their id,
    `captions` its caption files, `passport` those of its passport.
    """

    path: Path
    film: FilmMade
    clips: tuple[Clip, ...]
    cost: Decimal
    failed: tuple[Exception, ...] = ()
    model: str | None = None
    cost_now: Decimal = Decimal("0.00")
    session_id: str | None = None
    notes: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    captions: tuple[Path, ...] = ()
    passport: tuple[Path, ...] = ()
