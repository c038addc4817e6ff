from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adreel.agents.agent import AgentInput
from adreel.agents.compositor import CompositionLayer, FilmMade, FilmOrder
from adreel.agents.film_cards import check_cards
from adreel.domain.ad import EndCard
from adreel.domain.errors import CheckError, ClipError, PhotoError, TextError
from adreel.domain.films.clip import Clip, Segment
from adreel.domain.films.color import Color
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.film import AudioConfig, EndCardLook, FilmSpec, Fit, IntroStyle, TextOverlay, Transition
from adreel.domain.films.formats import FrameSize
from adreel.domain.work.fair_semaphore import FairSemaphore
from adreel.media.audio.soundtrack import SoundFile, SoundtrackStore
from adreel.media.cards.card import CardSpec
from adreel.media.clips.examine import ClipExaminer
from adreel.media.ffmpeg import process as ffmpeg
from adreel.media.segments.decode import decode_frames
from adreel.media.segments.render import SegmentMaker, no_watch
from adreel.media.segments.store import SegmentStore
from adreel.media.timeline import Item, Timeline, film_timeline
from adreel.media.yuv import plane_views
from adreel.services.storage.folder_store import FolderStore
from adreel.services.storage_service import StorageService
from support.pictures import SMALL, segment

SPEC = FilmSpec(
    size=SMALL,
    text=TextOverlay("Morgen", "Buy", Color(20, 80, 90)),
    audio=AudioConfig(),
    transition=Transition.CUT,
    fit=Fit.BLUR,
    intro_frames=30,
    outro_frames=30,
    seed=0,
    music_seed=0,
)


@pytest.fixture
def store(tmp_path: Path) -> SegmentStore:
    return SegmentStore(tmp_path / "cache" / "segments")


@pytest.fixture
def layer(tmp_path: Path, store: SegmentStore) -> CompositionLayer:
    return CompositionLayer(
        StorageService(FolderStore(tmp_path / "storage")),
        SegmentMaker(store, ffmpeg.find_ffmpeg()),
        ClipExaminer(tmp_path / "cache" / "examined", ffmpeg.find_ffmpeg()),
        SoundtrackStore(tmp_path / "cache" / "sound"),
        2,
        tmp_path / "work",
    )


def clips(store: SegmentStore, *lengths: int) -> tuple[Clip, ...]:
    return tuple(
        Clip(f"clip_{n}", frames, segment=segment(store, frames, seed=n)) for n, frames in enumerate(lengths, start=1)
    )


async def compose(layer: CompositionLayer, chosen: tuple[Clip, ...], spec: FilmSpec = SPEC) -> FilmMade:
    output = await layer.process(AgentInput("session", FilmOrder(chosen, spec)))
    assert output.errors == ()
    assert output.data is not None
    return output.data


def segments_in(tmp_path: Path) -> set[str]:
    return {path.stem for path in (tmp_path / "cache" / "segments").glob("*.json")}


async def test_a_film_has_cards_clips_and_a_place(layer: CompositionLayer, store: SegmentStore, tmp_path: Path) -> None:
    film = await compose(layer, clips(store, 40, 50))
    assert film.frames == 30 + 40 + 50 + 30
    await layer.storage.download_file(film.url, tmp_path / "film.mp4")
    assert (tmp_path / "film.mp4").stat().st_size == film.size_bytes
    assert not any((tmp_path / "work").iterdir())


async def test_a_change_of_words_makes_one_card(layer: CompositionLayer, store: SegmentStore, tmp_path: Path) -> None:
    chosen = clips(store, 40, 50)
    await compose(layer, chosen)
    before = segments_in(tmp_path)
    await compose(layer, chosen, replace(SPEC, text=replace(SPEC.text, cta="Order today")))
    assert len(segments_in(tmp_path) - before) == 1


async def test_another_order_makes_nothing(layer: CompositionLayer, store: SegmentStore, tmp_path: Path) -> None:
    chosen = clips(store, 40, 50)
    await compose(layer, chosen)
    before = segments_in(tmp_path)
    film = await compose(layer, chosen[::-1])
    assert segments_in(tmp_path) == before
    assert film.frames == 150


async def test_crossfades_are_made_between_all_neighbours(
    layer: CompositionLayer, store: SegmentStore, tmp_path: Path
) -> None:
    chosen = clips(store, 40, 50)
    await compose(layer, chosen)
    before = segments_in(tmp_path)
    film = await compose(layer, chosen, replace(SPEC, transition=Transition.CROSSFADE))
    assert film.frames == 150 - 3 * 15
    # Three crossfades, and both cards anew, now with key frames where they are cut.
    assert len(segments_in(tmp_path) - before) == 3 + 2


async def test_music_is_encoded_once_for_films_of_one_length(
    layer: CompositionLayer, store: SegmentStore, tmp_path: Path
) -> None:
    chosen = clips(store, 40, 50)
    spec = replace(SPEC, audio=AudioConfig(genre="chill"))
    await compose(layer, chosen, spec)
    await compose(layer, chosen, replace(spec, text=replace(spec.text, cta="Order today")))
    assert len(list((tmp_path / "cache" / "sound").glob("*.m4a"))) == 1
    await compose(layer, chosen, replace(spec, outro_frames=45))
    assert len(list((tmp_path / "cache" / "sound").glob("*.m4a"))) == 2


async def test_what_needs_no_clip_can_be_made_before_the_clips(
    layer: CompositionLayer, store: SegmentStore, tmp_path: Path
) -> None:
    chosen = clips(store, 40, 50)
    spec = replace(SPEC, audio=AudioConfig(genre="chill"))
    timeline = film_timeline(spec, [Item(clip.id, clip.frames) for clip in chosen])
    await layer.prepare(timeline, spec, FairSemaphore(1))
    ready = segments_in(tmp_path), set((tmp_path / "cache" / "sound").iterdir())
    assert len(ready[0]) == 2 + 2
    assert ready[1]
    await compose(layer, chosen, spec)
    assert (segments_in(tmp_path), set((tmp_path / "cache" / "sound").iterdir())) == ready


class Meeting:
    """Two jobs that end only when both have started."""

    def __init__(self) -> None:
        self._barrier = threading.Barrier(2)

    def join(self) -> None:
        self._barrier.wait(timeout=30)


class MeetingMaker(SegmentMaker):
    def __init__(self, store: SegmentStore, meeting: Meeting) -> None:
        super().__init__(store, ffmpeg.find_ffmpeg())
        self._meeting = meeting

    def card(self, spec: CardSpec, *, cuttable: bool) -> Segment:
        self._meeting.join()
        return super().card(spec, cuttable=cuttable)


class MeetingSoundtracks(SoundtrackStore):
    def __init__(self, root: Path, meeting: Meeting) -> None:
        super().__init__(root)
        self._meeting = meeting

    def track(
        self, timeline: Timeline, clips: Sequence[tuple[int, Segment]], config: AudioConfig, seed: int
    ) -> SoundFile | None:
        self._meeting.join()
        return super().track(timeline, clips, config, seed)


async def test_the_sound_does_not_wait_for_the_cards(store: SegmentStore, tmp_path: Path) -> None:
    meeting = Meeting()
    layer = CompositionLayer(
        StorageService(FolderStore(tmp_path / "storage")),
        MeetingMaker(store, meeting),
        ClipExaminer(tmp_path / "cache" / "examined", ffmpeg.find_ffmpeg()),
        MeetingSoundtracks(tmp_path / "cache" / "sound", meeting),
        1,
        tmp_path / "work",
    )
    film = await compose(layer, clips(store, 40), replace(SPEC, outro_frames=0))
    assert film.frames == 70


async def test_no_words_no_cards(layer: CompositionLayer, store: SegmentStore) -> None:
    film = await compose(layer, clips(store, 40), replace(SPEC, text=TextOverlay(None, None, Color(0, 0, 0))))
    assert film.frames == 40


async def test_a_black_clip_is_an_error_and_stores_nothing(
    layer: CompositionLayer, store: SegmentStore, tmp_path: Path
) -> None:
    (clip,) = clips(store, 40)
    assert clip.segment is not None
    broken = replace(clip, segment=replace(clip.segment, black=3))
    output = await layer.process(AgentInput("session", FilmOrder((broken,), SPEC)))
    assert not output.success
    assert isinstance(output.errors[0], CheckError)
    assert not (tmp_path / "storage").exists()
    asked = replace(broken, may_stand_still=True)
    assert (await compose(layer, (asked,))).frames == 100


async def test_a_clip_of_another_format_is_refused(layer: CompositionLayer, store: SegmentStore) -> None:
    output = await layer.process(AgentInput("s", FilmOrder(clips(store, 40), replace(SPEC, size=FrameSize(180, 320)))))
    assert isinstance(output.errors[0], ClipError)
    assert "clip_1 was made for another format" in str(output.errors[0])


async def test_words_that_cannot_be_shown_are_refused(layer: CompositionLayer, store: SegmentStore) -> None:
    # U+0378 is assigned to no character.
    spec = replace(SPEC, text=replace(SPEC.text, cta="a \u0378 b"))
    output = await layer.process(AgentInput("s", FilmOrder(clips(store, 40), spec)))
    assert isinstance(output.errors[0], TextError)


@pytest.fixture(scope="module")
def black_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("own") / "intro.mp4"
    source = ["-f", "lavfi", "-i", "color=black:s=320x180:r=30:d=1.5", "-c:v", "libx264", "-preset", "ultrafast"]
    subprocess.run([str(ffmpeg.find_ffmpeg()), "-v", "error", *source, str(path)], check=True, capture_output=True)
    return path


async def test_a_clip_that_turns_black_or_still_in_the_films_format_is_named_and_kept(
    layer: CompositionLayer, store: SegmentStore, black_clip: Path
) -> None:
    own = Clip("clip_1", 45, source=black_clip)
    film = await compose(layer, (own, *clips(store, 40)), replace(SPEC, text=replace(SPEC.text, cta=None)))
    assert film.notes == (
        "intro.mp4 is black for 45 frames in the film's format: choose another fit, or leave the clip out",
    )
    asked = await compose(layer, (replace(own, may_stand_still=True),), SPEC)
    assert asked.notes == ()


async def test_a_crossfade_between_black_clips_may_be_black(
    layer: CompositionLayer, store: SegmentStore, black_clip: Path
) -> None:
    own = Clip("clip_1", 45, source=black_clip, may_stand_still=True)
    film = await compose(layer, (own, replace(own, id="clip_2")), replace(SPEC, transition=Transition.CROSSFADE))
    assert film.frames == 30 + 45 + 45 + 30 - 3 * 15


END_CARD = EndCardLook(Path("unread"), EndCard(None, "morgen.co"), "Morgen")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "mug.png"
    Image.new("RGB", (300, 300), (200, 30, 20)).save(path)
    return path


async def test_an_end_card_takes_the_place_of_the_plain_outro(
    layer: CompositionLayer, store: SegmentStore, tmp_path: Path, photo: Path
) -> None:
    spec = replace(SPEC, size=FrameSize(320, 180), outro_frames=75)
    chosen = (Clip("clip_1", 40, segment=segment(store, 40, seed=1, size=spec.size)),)
    plain = await compose(layer, chosen, spec)
    before = segments_in(tmp_path)
    look = replace(END_CARD, photo=photo)
    film = await compose(layer, chosen, replace(spec, end_card=look))
    assert film.frames == plain.frames == 30 + 40 + 75
    (card,) = segments_in(tmp_path) - before
    found = store.find(card)
    assert found is not None
    first = next(iter(decode_frames(found.video, 0, 1)))
    assert float(plane_views(first, spec.size)[2][:, 90:].max()) > 170
    photo.rename(tmp_path / "renamed.png")
    again = await compose(layer, chosen, replace(spec, end_card=replace(look, photo=tmp_path / "renamed.png")))
    assert again.frames == film.frames
    assert segments_in(tmp_path) == before | {card}


async def test_an_intro_with_the_product_is_checked_in_the_film(
    layer: CompositionLayer, store: SegmentStore, photo: Path
) -> None:
    spec = replace(SPEC, size=FrameSize(320, 180), intro_frames=60, intro_style=IntroStyle.BOLD, product_photo=photo)
    chosen = (Clip("clip_1", 40, segment=segment(store, 40, seed=1, size=spec.size)),)
    film = await compose(layer, chosen, spec)
    assert film.frames == 60 + 40 + 30
    assert "product in the first frame" in {check.name for check in film.checks if check.passed}
    output = await layer.process(AgentInput("session", FilmOrder(chosen, replace(spec, product_photo=None))))
    assert "the film has no photo of it; choose the style plain" in str(output.errors[0])


async def test_a_draft_is_half_as_large_and_says_so(layer: CompositionLayer, store: SegmentStore) -> None:
    spec = SPEC.as_draft()
    noise = np.random.default_rng(1).integers(40, 200, (spec.size.height * 3 // 2, spec.size.width), np.uint8)
    drawn = SegmentMaker(store, ffmpeg.find_ffmpeg(), EncoderProfile.DRAFT).from_frames(
        "a clip", spec.size, 40, lambda: (noise - np.uint8(index) for index in range(40)), threads=1, on_frame=no_watch
    )
    film = await compose(layer, (Clip("clip_1", 40, segment=drawn),), spec)
    assert (film.is_draft, film.frames) == (True, 30 + 40 + 30)
    assert (2 * film.size.width, 2 * film.size.height) == (SMALL.width, SMALL.height)


async def test_an_end_card_without_its_photo_is_an_error(layer: CompositionLayer, store: SegmentStore) -> None:
    spec = replace(SPEC, outro_frames=75, end_card=replace(END_CARD, photo=Path("nowhere.jpg")))
    output = await layer.process(AgentInput("session", FilmOrder(clips(store, 40), spec)))
    assert isinstance(output.errors[0], PhotoError)
    assert "nowhere.jpg cannot be read" in str(output.errors[0])


def test_the_words_of_an_end_card_are_checked_with_the_others() -> None:
    check_cards(replace(SPEC, outro_frames=75, end_card=END_CARD))
    with pytest.raises(TextError, match=r"'Morgen / Buy / morgen\.co' take 1\.0 s to read"):
        check_cards(replace(SPEC, outro_frames=30, end_card=END_CARD))


def test_a_film_with_an_end_card_has_an_outro_even_without_a_call_to_action() -> None:
    silent = replace(SPEC, text=replace(SPEC.text, cta=None))
    assert not silent.has_outro
    assert replace(silent, end_card=END_CARD).has_outro
