"""`python -m benchmarks.caption_sheets`: captions in eight languages at four aspects, as pictures to be looked at one by one.

Each sheet (out/caption-sheets) has a cell for each language: a frame of a clip of an example photo, as drafts show it, with words
and captions, and the outlines of the safe area, the words and the product's label. What can be measured is checked: two lines at
most, the safe area, words and label, reading pace, no caption over a cut. Exits with 1 for a fault.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from adreel.agents.drafts.cache import Recent
from adreel.agents.drafts.strips import DrawnFrames, drawn_strip
from adreel.agents.script import images_of
from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.films.box import Box, box_around
from adreel.domain.films.captions import ShotCaption
from adreel.domain.films.formats import ASPECTS, FPS, FrameSize, draft_size, frame_size
from adreel.domain.films.narration import TimedText
from adreel.domain.films.scene import ApprovedImage, Scene
from adreel.domain.ports import Shot, StagedShot
from adreel.domain.work.cancellation import CancellationToken
from adreel.media.captions.cue import MOST_LINES, Cue, reading_time, spoken_cues
from adreel.media.captions.wrapping import LONGEST_LINE
from adreel.media.overlays.burned import letters_in_line
from adreel.media.overlays.caption_style import caption_style, caption_styles
from adreel.media.overlays.safe_area import safe_area
from adreel.media.photos.photo import load_photo
from adreel.media.process_tuning import tune_process
from adreel.media.yuv import i420_to_rgb
from adreel.providers.local.drawing.still import U8
from adreel.providers.local.engine import LocalEngine
from adreel.providers.planning.scene_rules import RuleScenePlanner
from benchmarks.report import ROOT

_OUT = ROOT / "out" / "caption-sheets"
_FRAMES, _CUT, _HEIGHT, _COLUMNS = 240, 120, 420, 4
_LEAD = 0.2
_BREATH = 0.4
"""Seconds before the first word, and more for each reading pace than the fastest one."""

LANGUAGES = {
    "Latin": (
        "Morgen Mug",
        "Hand-glazed stoneware from Portugal, made for every morning of yours. Yours for only €24.90.",
    ),
    "Arabic": ("كوب مورغن", "فخار مزجج يدويا من البرتغال، صنع لكل صباح من أيامك. لك فقط بسعر 24.90 يورو."),
    "Hebrew": ("ספל מורגן", "קרמיקה מזוגגת בעבודת יד מפורטוגל, לכל בוקר שלכם. שלכם רק ב-24.90 אירו."),
    "Hindi": ("मॉर्गन मग", "पुर्तगाल से हाथ से चमकाया हुआ मग, आपकी हर सुबह के लिए। केवल 24.90 यूरो में आपका।"),
    "Thai": ("แก้วมอร์เกน", "แก้วเซรามิกเคลือบด้วยมือจากโปรตุเกสสำหรับทุกเช้าที่สดใสของคุณ ราคาเพียง 24.90 ยูโร"),
    "Chinese": ("晨光杯", "来自葡萄牙的手工上釉陶瓷杯，为您的每一个清晨而制作。现在只要24.90欧元。"),
    "Japanese": ("モルゲンマグ", "ポルトガルで一つずつ手作りされた、毎朝のためのマグカップ。今だけ24.90ユーロです。"),
    "Korean": (
        "모르겐 머그",
        "포르투갈에서 손으로 유약을 바른 도자기, 당신의 모든 아침을 위해. 지금 단 24.90유로입니다.",
    ),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A language at an aspect: a picture, the lines of its captions, and what is wrong with them."""

    picture: U8
    lines: tuple[tuple[str, ...], ...]
    faults: tuple[str, ...]


def main() -> None:
    tune_process()
    _OUT.mkdir(parents=True, exist_ok=True)
    photos = sorted(path for path in (ROOT / "examples").glob("*/*.jpg"))
    images = images_of(photos)
    scenes = asyncio.run(RuleScenePlanner().plan(images, ""))
    engine, failed = LocalEngine(load_photo), False
    for aspect in ASPECTS:
        cells: list[Cell] = []
        for number, (language, texts) in enumerate(LANGUAGES.items()):
            place = number % len(images)
            cell = cell_of(engine, images[place], scenes[place], aspect, (language, *texts), number)
            print(aspect, language, *(" / ".join(lines) for lines in cell.lines), *cell.faults, sep=" | ", flush=True)
            cells.append(cell)
        failed = failed or any(cell.faults for cell in cells)
        name = _OUT / f"{aspect.replace(':', 'x')}.png"
        cv2.imwrite(str(name), _sheet([cell.picture for cell in cells])[:, :, ::-1])
    if failed:
        sys.exit("captions with faults")


def cell_of(
    engine: LocalEngine, image: ApprovedImage, scene: Scene, aspect: str, texts: tuple[str, str, str], number: int
) -> Cell:
    language, headline, line = texts
    full = frame_size(aspect)
    size, style = draft_size(full), caption_style(list(caption_styles())[number % len(caption_styles())])
    longest = min(LONGEST_LINE, letters_in_line(full, style))
    cues = spoken_cues(_words(line), _FRAMES, [_CUT], longest)
    captions = tuple(ShotCaption(cue.first, cue.last, cue.lines, _starts(cue)) for cue in cues)
    words = (ScreenText(TextRole.BADGE, headline), ScreenText(TextRole.PRICE, "€24.90", "€34.90"))
    shot = Shot(image, scene, size, _FRAMES, number, composed_for=full)
    shot = replace(shot, words=words, captions=captions, caption_style=style.name)
    drawn = drawn_strip(shot, engine, Recent[StagedShot](1, lambda _: 1)).prepare(CancellationToken())
    index = (cues[0].first + cues[0].last) // 2
    assert isinstance(drawn, DrawnFrames)
    assert drawn.captions is not None
    picture = i420_to_rgb(next(drawn.pictures(index, index + 1)))
    faults = tuple(_faults(cues, drawn, size))
    if any(box.meets(label) for box in drawn.captions.boxes for label in _label(drawn)):
        language += ", over label"
    return Cell(_framed(picture, drawn, size, f"{language}, {style.name}"), tuple(cue.lines for cue in cues), faults)


def _words(line: str) -> list[TimedText]:
    """Words at the pace of a speaker; a line without spaces is a sentence without times of its words."""
    parts = line.split()
    pace = (_FRAMES / FPS - 2 * _LEAD) / sum(map(len, parts))
    at, words = _LEAD, list[TimedText]()
    for part in parts:
        words.append(TimedText(part, at, at + pace * len(part)))
        at += pace * len(part)
    return words


def _starts(cue: Cue) -> tuple[int, ...]:
    count = sum(len(line.split()) for line in cue.lines)
    return tuple(cue.first + place * (cue.last - cue.first) // count for place in range(count))


def _faults(cues: Sequence[Cue], drawn: DrawnFrames, size: FrameSize) -> Iterator[str]:
    assert drawn.captions is not None
    words = () if drawn.overlay is None else drawn.overlay.boxes
    for cue, box in zip(cues, drawn.captions.boxes, strict=True):
        if len(cue.lines) > MOST_LINES:
            yield f"{len(cue.lines)} lines"
        if not safe_area(size).grown(1).holds(box):
            yield "outside the safe area"
        if any(box.meets(each) for each in words):
            yield "covers words"
        if cue.first < _CUT < cue.last:
            yield "over a cut"
        if reading_time(cue.lines) > (cue.last - cue.first) / FPS + _BREATH:
            yield f"read in {reading_time(cue.lines):.1f} s, shown for {(cue.last - cue.first) / FPS:.1f}"


def _label(drawn: DrawnFrames) -> list[Box]:
    subject = drawn.staged.subject
    return [] if subject is None or not subject.labels else [box_around(subject.labels)]


def _framed(picture: U8, drawn: DrawnFrames, size: FrameSize, name: str) -> U8:
    drawing = np.ascontiguousarray(picture)
    outlined = [(safe_area(size), (90, 200, 255)), *((box, (255, 80, 200)) for box in _label(drawn))]
    outlined += [(box, (120, 255, 120)) for box in (() if drawn.overlay is None else drawn.overlay.boxes)]
    for box, color in outlined:
        cv2.rectangle(drawing, (int(box.left), int(box.top)), (int(box.right), int(box.bottom)), color, 1)
    width = round(size.width * _HEIGHT / size.height)
    small = cv2.resize(drawing, (width, _HEIGHT), interpolation=cv2.INTER_AREA)
    cell = np.full((_HEIGHT + 22, width + 6, 3), 30, np.uint8)
    cell[22:, :width] = small
    cv2.putText(cell, name, (4, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1, cv2.LINE_AA)
    return cell


def _sheet(cells: Sequence[U8]) -> U8:
    rows = [np.hstack(cells[at : at + _COLUMNS]) for at in range(0, len(cells), _COLUMNS)]
    return np.asarray(np.vstack(rows), np.uint8)


if __name__ == "__main__":
    main()
