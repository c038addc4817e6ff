"""The same film by MoviePy 2. Runs in an environment of its own, which has MoviePy and not adreel.

Arguments: clip seconds, card seconds, font, name, call to action, music, target, clips…
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

SIZE = (1920, 1080)
BLACK = (0, 0, 0)


def main(arguments: list[str]) -> None:
    clip_seconds, card_seconds = float(arguments[0]), float(arguments[1])
    font, name, cta, music, target, *clips = arguments[2:]
    # By name, because the type checker runs where MoviePy is not installed.
    mp: Any = importlib.import_module("moviepy")

    def card(text: str) -> Any:  # noqa: ANN401
        words = mp.TextClip(font=font, text=text, font_size=96, color="white", duration=card_seconds)
        return mp.CompositeVideoClip([words.with_position("center")], size=SIZE, bg_color=BLACK).with_duration(
            card_seconds
        )

    def fitted(path: str) -> Any:  # noqa: ANN401
        clip = mp.VideoFileClip(path)
        clip = clip.subclipped(0, min(clip_seconds, clip.duration)).with_duration(clip_seconds)
        scale = min(SIZE[0] / clip.w, SIZE[1] / clip.h)
        return clip.resized(scale).with_background_color(size=SIZE, color=BLACK, pos="center")

    parts = [card(name), *(fitted(path) for path in clips), card(cta)]
    film = mp.concatenate_videoclips(parts, method="chain")
    bed = mp.AudioFileClip(music).subclipped(0, film.duration)
    film = film.with_audio(mp.CompositeAudioClip([track for track in (film.audio, bed) if track is not None]))
    film.write_videofile(
        target,
        fps=30,
        codec="libx264",
        preset="medium",
        pixel_format="yuv420p",
        ffmpeg_params=["-crf", "23", "-movflags", "+faststart"],
        audio_codec="aac",
        audio_bitrate="192k",
        temp_audiofile_path=target.rsplit("/", 1)[0],
        logger=None,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
