"""The parts of the watch: steel case, dial, hands, lugs, crown, and a stitched leather strap closed to a loop.

The dial looks along +z and 12 o'clock lies along +y.
"""

from typing import Any

import numpy as np

from studio.geometry import Array, Mesh, bezier, circle, fillet, loft, merged, plate, rotation, rounded_rectangle, sweep
from studio.materials import bumped, glazed, grain, matte, metal, texture, tiled
from studio.surfaces import leather, leather_relief
from studio.watch_dial import dial_face

Part = tuple[Mesh, Any]
DIAL_LEVEL, DIAL_RADIUS = 0.16, 1.6
LOOP_DEPTH, LOOP_HEIGHT = 5.0, 6.2
STRAP_START = (2.06, -0.14)
HOUR_TURN, MINUTE_TURN, SECOND_TURN = -55.0, 60.0, 216.0
LEATHER = ("#7d431f", "#b5713c")


def case_parts() -> list[Part]:
    """Everything but the strap."""
    polished, brushed = metal("Cr", 0.04, "#f6f6f8"), metal("Cr", 0.12, "#dcdce0")
    return [
        (_case(), brushed),
        (_bezel(), polished),
        (_rehaut(), metal("Cr", 0.25, "#8f949c")),
        (
            plate(DIAL_RADIUS, DIAL_RADIUS, DIAL_RADIUS - 1e-3, 0.02).moved(np.eye(3), (0, 0, DIAL_LEVEL - 0.02)),
            glazed(texture(dial_face(DIAL_RADIUS)), 0.16),
        ),
        (_indices(), metal("Cr", 0.06)),
        (_hands(), metal("Cr", 0.06)),
        (_small_hand(), metal("Cr", 0.08)),
        (merged([_lug(x, y) for x in (-1, 1) for y in (-1, 1)]), brushed),
        (_crown(), polished),
    ]


def strap_parts() -> list[Part]:
    """Leather strap with stitches."""
    hide = bumped(glazed(tiled(leather(4, *LEATHER), (1, 6)), 0.38), grain(leather_relief(6), (2.2, 9)), 0.035)
    return [(_strap(), hide), (_stitches(), matte("#d9c3a0"))]


def loop_lowest(pose: Array) -> float:
    """Height of the lowest point of the strap after turning by `pose`, before any shift."""
    return float((_strap().vertices @ pose.T)[:, 2].min())


def _case() -> Mesh:
    return loft(
        fillet([(1.4, -0.46, 0), (1.72, -0.46, 0.08), (1.98, -0.3, 0.1), (1.98, 0.22, 0.03), (1.7, 0.24, 0)]),
        circle(256),
        ends=(True, False),
    )


def _bezel() -> Mesh:
    profile = fillet([(1.9, 0.2, 0), (1.95, 0.24, 0.02), (1.8, 0.44, 0.06), (1.66, 0.45, 0.03), (1.62, 0.4, 0)])
    return loft(profile, circle(256), ends=(False, False))


def _rehaut() -> Mesh:
    return loft(np.array([[1.635, 0.42], [1.62, 0.4], [1.5, DIAL_LEVEL - 0.01]]), circle(256), ends=(False, False))


def _turned(mesh: Mesh, clockwise: float) -> Mesh:
    return mesh.moved(rotation("z", -clockwise))


def _bar(half_x: float, half_y: float, thickness: float, y: float, level: float) -> Mesh:
    return plate(half_x, half_y, half_x * 0.4, thickness).moved(np.eye(3), (0, y, level))


def _indices() -> Mesh:
    bars = []
    for hour in range(1, 13):
        if hour == 12:
            pair = merged(
                [_bar(0.042, 0.16, 0.06, 1.22, DIAL_LEVEL).moved(np.eye(3), (x, 0, 0)) for x in (-0.062, 0.062)]
            )
            bars.append(pair)
        elif hour != 6:
            bars.append(_turned(_bar(0.042, 0.16, 0.06, 1.22, DIAL_LEVEL), hour * 30))
    return merged(bars)


def _hand(length: float, half: float, tail: float) -> Mesh:
    """A dauphine hand: a long lozenge with a ridge along the middle."""
    outline = np.array([[0, -tail], [half, 0], [0.012, length], [-0.012, length], [-half, 0]])
    low, high = np.column_stack([outline, np.zeros(5)]), np.array([[0, -tail * 0.9, 0.03], [0, length * 0.98, 0.03]])
    edge = np.column_stack([outline, np.full(5, 0.008)])
    vertices, faces = [], []
    for corners in _facets(low, edge, high):
        faces.append([len(vertices), len(vertices) + 1, len(vertices) + 2])
        vertices += corners
    return Mesh(np.array(vertices), np.array(faces), np.zeros((len(vertices), 2)))


def _facets(low: Array, edge: Array, ridge: Array) -> list[list[Array]]:
    walls = [
        c for k in range(5) for n in [(k + 1) % 5] for c in ([low[k], low[n], edge[n]], [low[k], edge[n], edge[k]])
    ]
    tail, tip = ridge
    roof = [
        [edge[0], edge[1], tail],
        [edge[1], tip, tail],
        [edge[1], edge[2], tip],
        [edge[2], edge[3], tip],
        [edge[3], edge[4], tip],
        [edge[4], tail, tip],
    ]
    return [*walls, *roof, [edge[4], edge[0], tail]]


def _hands() -> Mesh:
    hour = _turned(_hand(0.86, 0.085, 0.16), HOUR_TURN).moved(np.eye(3), (0, 0, DIAL_LEVEL + 0.07))
    minute = _turned(_hand(1.32, 0.07, 0.18), MINUTE_TURN).moved(np.eye(3), (0, 0, DIAL_LEVEL + 0.115))
    pin = loft(fillet([(0.02, 0, 0), (0.085, 0, 0.005), (0.085, 0.2, 0.03), (0.01, 0.21, 0)]), circle(48))
    return merged([hour, minute, pin.moved(np.eye(3), (0, 0, DIAL_LEVEL))])


def _small_hand() -> Mesh:
    needle = _turned(_bar(0.014, 0.2, 0.014, 0.12, 0.05), SECOND_TURN)
    pin = loft(fillet([(0.005, 0, 0), (0.035, 0, 0.004), (0.035, 0.075, 0.01), (0.005, 0.08, 0)]), circle(32))
    return merged([needle, pin]).moved(np.eye(3), (0, -0.82, DIAL_LEVEL))


def _lug(side: int, end: int) -> Mesh:
    path = bezier([(0, 1.3, -0.02), (0, 1.8, 0.1), (0, 2.15, 0.02), (0, 2.36, -0.42)], 32)
    outline = rounded_rectangle(0.24, 0.13, 0.05, 5)(0)
    taper = 1 - 0.72 * np.linspace(0, 1, 32) ** 1.6
    arm = sweep(path, (1, 0, 0), [outline * np.array([t, 1]) for t in taper]).moved(np.eye(3), (1.155 * side, 0, 0))
    return arm if end > 0 else arm.moved(rotation("z", 180))


def _crown() -> Mesh:
    turn = np.linspace(0, 2 * np.pi, 288, endpoint=False)
    knurl = (1 + 0.035 * np.tanh(3 * np.sin(turn * 28)))[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    profile = fillet([(0.1, 0, 0), (0.27, 0, 0.03), (0.27, 0.3, 0.06), (0.05, 0.33, 0)], steps=8)
    crown = loft(profile, lambda radius: knurl * radius)
    stem = loft(np.array([[0.12, -0.2], [0.12, 0.1]]), circle(32))
    return merged([crown, stem]).moved(rotation("y", 90), (2.03, 0, -0.04))


def _strap_path(count: int = 400) -> Array:
    """Half-loop from the lug at 12 o'clock round the back to the lug at 6, in the y-z plane."""
    y, z = STRAP_START
    top = bezier([(0, y, z), (0, y + 0.6, z - 0.2), (0, LOOP_HEIGHT / 2, -1.9), (0, LOOP_HEIGHT / 2, -2.9)], count // 4)
    turn = np.linspace(0, np.pi, count // 2)[1:-1]
    back = np.column_stack(
        [np.zeros_like(turn), LOOP_HEIGHT / 2 * np.cos(turn), -2.9 - (LOOP_DEPTH - 2.9) * np.sin(turn)]
    )
    return np.vstack([top, back, (top * np.array([1, -1, 1]))[::-1]])


def _profile_along(path: Array) -> tuple[Array, Array]:
    """Half thickness and half width of the strap along its path: thick and wide at the lugs."""
    travelled = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    near = np.minimum(travelled, travelled[-1] - travelled)
    thick = 0.11 + 0.11 * np.exp(-((near / 1.7) ** 2))
    return thick, 1.0 - 0.14 * np.clip(near / 5, 0, 1)


def _strap() -> Mesh:
    path = _strap_path()
    thick, wide = _profile_along(path)
    outlines = [rounded_rectangle(t, w, t * 0.75, 8)(0) for t, w in zip(thick, wide, strict=True)]
    return sweep(path, (1, 0, 0), outlines)


def _stitches() -> Mesh:
    path = _strap_path(2400)
    thick, wide = _profile_along(path)
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    outwards = np.cross((1, 0, 0), tangent)
    travelled = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    grain_mesh = loft(np.array([[0.012, -0.1], [0.03, -0.07], [0.034, 0], [0.03, 0.07], [0.012, 0.1]]), circle(10))
    threads = []
    for at in np.arange(0.35, travelled[-1] - 0.3, 0.29):
        k = int(np.searchsorted(travelled, at))
        turn = np.column_stack([np.array([1.0, 0, 0]), outwards[k], tangent[k]])
        for side in (-1, 1):
            seat = path[k] + outwards[k] * (thick[k] + 0.004) + np.array([side * (wide[k] - 0.16), 0, 0])
            threads.append(grain_mesh.moved(turn, seat))
    return merged(threads)
