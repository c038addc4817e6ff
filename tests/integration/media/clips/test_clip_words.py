"""Words over clips that adreel did not draw: conformed again from their source, encoded once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.errors import TextError
from adreel.domain.films.clip import Segment
from adreel.domain.films.film import Fit
from adreel.domain.films.formats import FrameSize
from adreel.media.clips.info import ClipInfo
from adreel.media.clips.probe import probe_clip
from adreel.media.overlays.loader import text_style
from adreel.media.overlays.overlay import Captioned
from adreel.media.segments.decode import decode_frames
from adreel.media.segments.render import SegmentMaker, no_watch
from adreel.media.segments.store import SegmentStore
from support.pictures import ClipMaker

SIZE = FrameSize(320, 180)
FRAMES = 100
WORDS = (ScreenText(TextRole.HEADLINE, "Made to last"),)
CAPTIONED = Captioned(WORDS, text_style("minimal"), SIZE, FRAMES)


@pytest.fixture(scope="module", params=["8", "24", "60"])
def clip(request: pytest.FixtureRequest, make_clip: ClipMaker) -> Path:
    """One at a rate that is interpolated, repeated, or thinned."""
    return made(make_clip, str(request.param))


@pytest.fixture(scope="module")
def usual_clip(make_clip: ClipMaker) -> Path:
    return made(make_clip, "24")


def made(make_clip: ClipMaker, rate: str) -> Path:
    """Four seconds with sound."""
    picture = ("-f", "lavfi", "-i", f"testsrc2=s=320x180:r={rate}:d=4")
    tone = ("-f", "lavfi", "-i", "sine=f=440:d=4")
    return make_clip("clip.mp4", *picture, *tone, "-c:v", "libx264", "-preset", "ultrafast", "-qp", "12", "-c:a", "aac")


@pytest.fixture
def maker(tmp_path: Path, ffmpeg: Path) -> SegmentMaker:
    return SegmentMaker(SegmentStore(tmp_path / "segments"), ffmpeg)


def with_words(maker: SegmentMaker, clip: Path, captioned: Captioned = CAPTIONED) -> Segment:
    info: ClipInfo = probe_clip(clip)
    return maker.from_clip_with_words(clip, info, captioned, Fit.PAD, threads=1, on_frame=no_watch, smooth=True)


def test_words_change_only_the_frames_in_which_they_are_shown(maker: SegmentMaker, clip: Path) -> None:
    bare = maker.from_clip(clip, probe_clip(clip), SIZE, FRAMES, Fit.PAD, threads=1, on_frame=no_watch, smooth=True)
    worded = with_words(maker, clip)
    assert worded.frames == bare.frames == FRAMES
    pairs = zip(decode_frames(worded.video), decode_frames(bare.video), strict=True)
    changed = np.array([np.abs(new.astype(int) - old.astype(int)).mean() for new, old in pairs])
    assert changed[30:70].min() > 3 * max(changed[:4].max(), changed[88:].max())
    assert worded.sound is not None
    assert bare.sound is not None
    assert worded.sound.read_bytes() == bare.sound.read_bytes()


def test_other_words_or_another_style_make_another_segment(maker: SegmentMaker, usual_clip: Path) -> None:
    clip = usual_clip
    first = with_words(maker, clip)
    assert with_words(maker, clip) == first
    other = replace(CAPTIONED, words=(ScreenText(TextRole.HEADLINE, "Made by hand"),))
    styled = replace(CAPTIONED, style=text_style("technical"))
    assert len({each.digest for each in (first, with_words(maker, clip, other), with_words(maker, clip, styled))}) == 3


def test_words_that_cannot_be_read_in_the_time_are_refused(maker: SegmentMaker, usual_clip: Path) -> None:
    with pytest.raises(TextError, match="make it longer"):
        with_words(maker, usual_clip, replace(CAPTIONED, frames=50))
