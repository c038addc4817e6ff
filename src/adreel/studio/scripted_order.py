"""The film of a script with bought clips: its storyboard, the clips that are ordered for its beats, and what of them exists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from adreel.agents.boards import board_of, speaker_of
from adreel.agents.captioning import check_captions
from adreel.agents.film_orders import MakeOrder
from adreel.agents.narration import check_voice
from adreel.agents.script import Storyboard
from adreel.billing.clip_jobs import ClipsJob
from adreel.catalogue.models import VideoModel
from adreel.domain.ad import Ad, Beat, BeatShot
from adreel.domain.brand import branded_ad
from adreel.domain.errors import InputError
from adreel.domain.films.formats import frame_size, to_seconds
from adreel.domain.remedy import Remedy
from adreel.domain.sessions.session import Asset, AssetKind, SessionView
from adreel.orchestrator.script_jobs import clip_lengths, scripted_clips
from adreel.orchestrator.session_choices import clips_of_beats
from adreel.studio.hosted_order import HostedOrder


@dataclass(frozen=True, slots=True)
class ScriptedOrder:
    """`board` is the film, `lengths` the frames of its clips and `ordered` those to order of the clip of each beat. `ad` is the
    script for the session: each beat has its length and framing, and its photo by number among the distinct photos."""

    board: Storyboard
    ad: Ad
    ordered: tuple[int, ...]

    @property
    def lengths(self) -> tuple[int, ...]:
        return self.board.lengths

    @property
    def shots(self) -> list[tuple[object, ...]]:
        """What the clips of the beats depend on, but their lengths: a beat that becomes longer stays in its session."""
        shots = [(beat.name, beat.shot) for beat in self.ad.beats]
        return [(name, shot.photo, shot.framing, shot.camera, shot.intensity) for name, shot in shots]

    def in_session(self, view: SessionView) -> Ad:
        """The script with the photos of its session."""
        own = [image.id for image in view.of_kind(AssetKind.IMAGE) if image.model is None]
        return replace(self.ad, photos=tuple(own))

    def made(self, view: SessionView, order: HostedOrder, model: VideoModel) -> list[Asset | None]:
        """The clip of each beat that the session has; None for one that is to be bought."""
        ad = self.in_session(view)
        if len(ad.photos) < max(beat.shot.photo for beat in ad.beats):
            return [None] * len(ad.beats)
        session, size = view.session, frame_size(order.film.aspect)
        whole = ClipsJob("", session.id, session.user_id, (), self.board.prompt, model.name, 0, size, session.seed)
        return clips_of_beats(view, scripted_clips(whole, ad, view, model, drawn=False))


def scripted_order(order: HostedOrder, model: VideoModel, digests: Sequence[str]) -> ScriptedOrder | None:
    """The film of the order's script, None without one. `digests` are the hashes of the photos, in their order. Reads fonts, and
    speaks the lines of an order with a voice: not for the event loop.

    Raises InputError, TextError and ClaimError for a script that cannot be filmed with clips of the model.
    """
    check_scripted(order)
    if order.script is None:
        return None
    board = board_of(_as_made(order), on_beats=False)
    script = order.script if order.brand is None else branded_ad(order.brand, order.script)
    ad = _for_session(script, board, digests, order.clip_frames)
    ordered = clip_lengths(ad, model, frame_size(order.film.aspect), drawn=False)
    return ScriptedOrder(board, ad, tuple(ordered))


def check_scripted(order: HostedOrder) -> None:
    """Raises InputError for what a film with or without a script cannot have, and for recordings that cannot be used. Not for the
    event loop."""
    if order.script is not None and order.images:
        message = "a script shows photos, so that no images are made for it: leave their number out"
        raise InputError(message).with_remedy(Remedy.IMAGE_COUNT)
    check_voice(order.film.speaks, order.script, None)
    made = _as_made(order)
    check_captions(made)
    if order.film.speaks:
        speaker_of(made)


def _as_made(order: HostedOrder) -> MakeOrder:
    return MakeOrder(
        order.photos,
        order.out,
        order.prompt,
        order.clip_seconds,
        order.film,
        script=order.script,
        brand=order.brand,
        existing=order.existing,
        speaker=order.speaker,
    )


def _for_session(script: Ad, board: Storyboard, digests: Sequence[str], least: Sequence[int]) -> Ad:
    """The script with the lengths and framings of the storyboard: they decide what is bought, and the session uses the same."""
    distinct = list(dict.fromkeys(digests))
    beats = [
        _beat(
            beat,
            board,
            place,
            1 + distinct.index(digests[beat.shot.photo - 1]),
            max(board.lengths[place], least[place] if least else 0),
        )
        for place, beat in enumerate(script.beats)
    ]
    return replace(script, beats=tuple(beats), seconds=None, prompt=board.prompt)


def _beat(beat: Beat, board: Storyboard, place: int, photo: int, frames: int) -> Beat:
    shot = BeatShot(photo, board.images[place].view_type, beat.shot.camera, beat.shot.intensity)
    return replace(beat, shot=shot, seconds=to_seconds(frames))
