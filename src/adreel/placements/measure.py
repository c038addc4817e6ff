"""Measures a film of any maker. Reads the file twice: its packets here, its pictures and sound in processes with limits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from adreel.domain.errors import ClipError
from adreel.domain.films.file_faults import cannot_be_read
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.shown_words import Words
from adreel.media.words_box import read_words
from adreel.placements.measurements import Measurements
from adreel.placements.pictures import PictureFacts, measure_pictures
from adreel.placements.sound import SoundLevels, measure_sound
from adreel.placements.streams import FilmFacts, read_facts


def measure(ffmpeg: Path, path: Path, read: Callable[[Path], FilmFacts] = read_facts) -> Measurements:
    """Measures a film; `read` reads its container. Blocks.

    Raises ClipError that names the file and the reason, MachineError when the machine is at fault.
    """
    facts = read(path)
    sound = facts.sound if facts.sound is not None and facts.sound.seconds > 0 else None
    with ThreadPoolExecutor(1) as pool:
        levels = pool.submit(measure_sound, ffmpeg, path, facts, sound.index) if sound is not None else None
        pictures = measure_pictures(ffmpeg, path, facts)
        return _measurements(facts, pictures, levels.result() if levels else None, _words(path, facts))


def _words(path: Path, facts: FilmFacts) -> Words | None:
    """Where the words stand of a film that says so."""
    try:
        return read_words(path, FrameSize(*facts.shown))
    except OSError as error:
        raise ClipError(f"{path} {cannot_be_read(error)}") from error


def _measurements(
    facts: FilmFacts, pictures: PictureFacts, levels: SoundLevels | None, words: Words | None
) -> Measurements:
    top, bottom, left, right = pictures.bars
    sound, rate = facts.sound, float(facts.rate) if facts.rate else None
    return Measurements(
        container=facts.container,
        bytes=facts.bytes,
        seconds=facts.seconds,
        video_codec=facts.codec,
        width=facts.shown[0],
        height=facts.shown[1],
        chroma=facts.chroma,
        bit_depth=facts.bit_depth,
        color=facts.color,
        full_range=facts.full_range,
        square_pixels=facts.square_pixels,
        progressive=facts.progressive,
        rotation=facts.rotation,
        frames=facts.frames,
        frame_rate=rate,
        constant_rate=facts.constant_rate,
        video_kbps=facts.kbps,
        video_streams=facts.video_streams,
        audio_streams=facts.audio_streams,
        other_streams=facts.other_streams,
        index_first=facts.index_first,
        edit_list=facts.edit_list,
        fragmented=facts.fragmented,
        has_audio=levels is not None,
        audio_codec=sound.codec if sound else None,
        audio_rate=sound.rate if sound else None,
        audio_channels=sound.channels if sound else None,
        audio_kbps=sound.kbps if sound else None,
        sound_seconds=sound.seconds if sound else None,
        loudness=levels.loudness if levels else None,
        true_peak=levels.true_peak if levels else None,
        silent=levels.silent if levels else None,
        black_start_frames=pictures.black_start,
        black_end_frames=pictures.black_end,
        empty_start_frames=pictures.empty_start,
        empty_end_frames=pictures.empty_end,
        abrupt_picture_end=pictures.abrupt,
        abrupt_sound_end=levels.abrupt if levels else None,
        bars_top=top,
        bars_bottom=bottom,
        bars_left=left,
        bars_right=right,
        frozen_seconds=pictures.frozen / rate if rate else 0.0,
        words=words,
    )
