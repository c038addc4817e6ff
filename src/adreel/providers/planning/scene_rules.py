"""Scene planning without a language model: rules that read the prompt and vary the moves."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from adreel.domain.films.scene import ApprovedImage, CameraMovement, Mood, Scene, ViewType

Move = CameraMovement


@dataclass(frozen=True, slots=True)
class MoodRules:
    """How a mood films: `words` are stems that call for it, `intensity` is the usual strength of a move."""

    words: tuple[str, ...]
    intensity: float
    light: str


# In order of precedence: the first mood wins among those named equally often.
MOODS: Mapping[Mood, MoodRules] = {
    Mood.NIGHT: MoodRules(
        ("night", "dark", "midnight", "neon", "moon", "noir", "evening"),
        0.45,
        "low-key light, a bright rim on the edges and deep shadows",
    ),
    Mood.LUXURY: MoodRules(
        ("luxur", "premium", "elegan", "exclusive", "refined", "gold", "jewel", "couture", "sophisticat"),
        0.4,
        "a dark set with a slow sweep of light across the surface",
    ),
    Mood.ENERGETIC: MoodRules(
        ("energ", "dynamic", "fast", "bold", "sport", "power", "action", "intens", "exciting", "vibrant", "speed"),
        0.85,
        "crisp high-contrast light in the product's own colour",
    ),
    Mood.PLAYFUL: MoodRules(
        ("playful", "happ", "joy", "cheer", "kids", "child", "colorful", "colourful", "whimsic", "cute"),
        0.7,
        "bright, even light on a saturated backdrop",
    ),
    Mood.CALM: MoodRules(
        ("calm", "slow", "gentle", "soft", "serene", "relax", "peace", "quiet", "minimal", "cozy", "cosy", "warm"),
        0.3,
        "soft daylight with long, gentle shadows",
    ),
    Mood.NEUTRAL: MoodRules((), 0.5, "clean studio light with a soft contact shadow"),
}

# What a view is best filmed with, most fitting first.
_MOVES: Mapping[ViewType, tuple[Move, ...]] = {
    ViewType.FRONT: (Move.PUSH_IN, Move.ARC_LEFT, Move.TILT_UP, Move.PULL_OUT),
    ViewType.DETAIL: (Move.PAN_RIGHT, Move.TILT_UP, Move.PUSH_IN, Move.PAN_LEFT),
    ViewType.LIFESTYLE: (Move.PULL_OUT, Move.PAN_LEFT, Move.PUSH_IN, Move.PAN_RIGHT),
    ViewType.ANGLE: (Move.ARC_RIGHT, Move.ARC_LEFT, Move.PUSH_IN, Move.TILT_DOWN),
}

# Moves that the person names outright; these come before a view's own.
_NAMED: Sequence[tuple[re.Pattern[str], tuple[Move, ...]]] = (
    (re.compile(r"\b(hand-?held|shaky|documentary)\b"), (Move.HANDHELD,)),
    (re.compile(r"\b(zoom(s|ing)? out|pull(s|ing)? (out|back))\b"), (Move.PULL_OUT,)),
    (re.compile(r"\b(zoom(s|ing)?( in)?|push(es|ing)? in|close in)\b(?! out)"), (Move.PUSH_IN,)),
    (re.compile(r"\b(pan(s|ning)?|slid(e|es|ing))\b"), (Move.PAN_RIGHT, Move.PAN_LEFT)),
    (
        re.compile(r"\b(orbit(s|ing)?|arc(s|ing)?|rotat\w+|spin\w*|circl\w+|turntable)\b"),
        (Move.ARC_LEFT, Move.ARC_RIGHT),
    ),
    (re.compile(r"\b(tilt(s|ing)?|crane|ris(e|es|ing))\b"), (Move.TILT_UP, Move.TILT_DOWN)),
    (re.compile(r"\b(static|still camera|locked[- ]off|no movement)\b"), (Move.STATIC,)),
)

_VIEW_WORDS: Mapping[ViewType, str] = {
    ViewType.FRONT: "The whole product",
    ViewType.DETAIL: "A close-up of the product's most telling detail",
    ViewType.LIFESTYLE: "The product small in a wide frame, with air around it",
    ViewType.ANGLE: "The product, seen from a little to the side",
}

_MOVE_WORDS: Mapping[Move, str] = {
    Move.PUSH_IN: "the camera pushes in",
    Move.PULL_OUT: "the camera pulls back",
    Move.PAN_LEFT: "the camera slides to the left",
    Move.PAN_RIGHT: "the camera slides to the right",
    Move.TILT_UP: "the camera rises along it",
    Move.TILT_DOWN: "the camera comes down along it",
    Move.ARC_LEFT: "the camera arcs to the left around it",
    Move.ARC_RIGHT: "the camera arcs to the right around it",
    Move.HANDHELD: "the camera is held by hand",
    Move.STATIC: "the camera rests while the light moves",
}


class RuleScenePlanner:
    """A ScenePlanner that needs no model: the same images and prompt always give the same scenes."""

    name = "rules"

    async def plan(self, images: Sequence[ApprovedImage], video_prompt: str) -> list[Scene]:
        mood = read_mood(video_prompt)
        named = _named_moves(video_prompt)
        scenes: list[Scene] = []
        for index, image in enumerate(images):
            last = scenes[-1].camera_movement if scenes else None
            move = _choose_move(image.view_type, named, index, last)
            scenes.append(_scene(image.view_type, move, mood, index, video_prompt))
        return scenes


def with_move(scene: Scene, camera: Move | None, intensity: float | None) -> Scene:
    """Returns the scene with another camera move or strength, also in the words of its prompt; None leaves it as planned."""
    move = scene.camera_movement if camera is None else camera
    return replace(
        scene,
        scene_prompt=scene.scene_prompt.replace(_MOVE_WORDS[scene.camera_movement], _MOVE_WORDS[move], 1),
        camera_movement=move,
        motion_intensity=scene.motion_intensity if intensity is None else intensity,
    )


def other_move(view: ViewType, avoided: Collection[Move | None]) -> Move:
    """The most fitting move of a view that is none of at most three others."""
    return next(move for move in _MOVES[view] if move not in avoided)


def read_mood(prompt: str) -> Mood:
    """The mood that the prompt's words call for most often; NEUTRAL when none does."""
    words = re.findall(r"[^\W\d_]+", prompt.casefold())
    counts = {mood: sum(word.startswith(rules.words) for word in words) for mood, rules in MOODS.items() if rules.words}
    best = max(counts, key=lambda mood: counts[mood])
    return best if counts[best] else Mood.NEUTRAL


def _named_moves(prompt: str) -> tuple[Move, ...]:
    text = prompt.casefold()
    found: list[Move] = []
    for pattern, moves in _NAMED:
        if pattern.search(text):
            # "zoom out" must not also count as a zoom in: what was read once is taken away.
            text = pattern.sub(" ", text)
            found.extend(moves)
    return tuple(found)


def _choose_move(view: ViewType, named: Sequence[Move], index: int, last: Move | None) -> Move:
    if len(named) == 1:
        return named[0]
    candidates: Iterable[Move] = _rotated(named, index) if named else _rotated(_MOVES[view], index // len(ViewType))
    return next(move for move in candidates if move is not last)


def _rotated(moves: Sequence[Move], by: int) -> list[Move]:
    start = by % len(moves)
    return [*moves[start:], *moves[:start]]


def _scene(view: ViewType, move: Move, mood: Mood, index: int, video_prompt: str) -> Scene:
    rules = MOODS[mood]
    # A little more and a little less from shot to shot keeps the pace alive.
    intensity = min(1.0, max(0.0, rules.intensity + (0.05, -0.05, 0.1, -0.1)[index % 4]))
    words = f"{_VIEW_WORDS[view]}; {_MOVE_WORDS[move]}, {rules.light}."
    prompt = " ".join(video_prompt.split())
    return Scene(
        image_view=view,
        scene_prompt=f"{words} Vision: {prompt}" if prompt else words,
        camera_movement=move,
        motion_intensity=round(intensity, 2),
        mood=mood,
    )
