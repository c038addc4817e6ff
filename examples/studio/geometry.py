"""Triangle meshes built from curves: lofts, sweeps and rounded blocks. Lengths are centimetres, z is up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ring = Callable[[float], Array]


@dataclass(frozen=True)
class Mesh:
    """`vertices` (N, 3), `faces` (M, 3) counter-clockwise from outside, `uv` (N, 2) with v along the profile or path."""

    vertices: Array
    faces: NDArray[np.int64]
    uv: Array

    def moved(self, matrix: Array, offset: Sequence[float] = (0, 0, 0)) -> "Mesh":
        """The mesh turned by a (3, 3) rotation, then shifted."""
        return Mesh(self.vertices @ matrix.T + np.asarray(offset), self.faces, self.uv)

    def normals(self) -> Array:
        """Area-weighted vertex normals, shared in one place, so that large faces stay flat beside small bevels."""
        corners = self.vertices[self.faces]
        across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        _, shared = np.unique(np.round(self.vertices, 5), axis=0, return_inverse=True)
        total = np.zeros((shared.max() + 1, 3))
        for corner in range(3):
            np.add.at(total, shared.ravel()[self.faces[:, corner]], across)
        normal = total[shared.ravel()]
        return normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)


def merged(meshes: Sequence[Mesh]) -> Mesh:
    """Several meshes of one material as one."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    faces = [mesh.faces + start for mesh, start in zip(meshes, starts, strict=False)]
    return Mesh(np.vstack([m.vertices for m in meshes]), np.vstack(faces), np.vstack([m.uv for m in meshes]))


def write_ply(mesh: Mesh, path: Path) -> Path:
    """Write a binary PLY file with normals and texture coordinates."""
    columns = np.hstack([mesh.vertices, mesh.normals(), mesh.uv]).astype("<f4")
    faces = np.zeros(len(mesh.faces), dtype=[("count", "u1"), ("index", "<i4", 3)])
    faces["count"], faces["index"] = 3, mesh.faces
    properties = "".join(f"property float {name}\n" for name in ("x", "y", "z", "nx", "ny", "nz", "u", "v"))
    header = (
        f"ply\nformat binary_little_endian 1.0\nelement vertex {len(columns)}\n{properties}"
        f"element face {len(faces)}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    path.write_bytes(header.encode() + columns.tobytes() + faces.tobytes())
    return path


def circle(count: int = 192) -> Ring:
    """Rings of a surface of revolution: the profile's first column is the radius."""
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    unit = np.column_stack([np.cos(turn), np.sin(turn)])
    return lambda radius: unit * radius


def rounded_rectangle(half_x: float, half_y: float, corner: float, steps: int = 12) -> Ring:
    """Rings of a block: the profile's first column is the inset from the full outline."""
    signs = ((1, 1), (-1, 1), (-1, -1), (1, -1))

    def ring(inset: float) -> Array:
        radius = max(corner - inset, 1e-3)
        core = np.array([half_x - max(corner, inset), half_y - max(corner, inset)])
        turns = [np.linspace(k * np.pi / 2, (k + 1) * np.pi / 2, steps) for k in range(4)]
        arcs = [core * s + radius * np.column_stack([np.cos(t), np.sin(t)]) for s, t in zip(signs, turns, strict=True)]
        return np.vstack(arcs)

    return ring


def fillet(points: Sequence[tuple[float, float, float]], steps: int = 10) -> Array:
    """A polyline of (first, z, radius) corners with each corner rounded to its radius."""
    corners = np.array([point[:2] for point in points], dtype=float)
    curve = [corners[:1]]
    for before, corner, after, (_, _, radius) in zip(corners, corners[1:], corners[2:], points[1:], strict=False):
        curve.append(_arc(before, corner, after, radius, steps) if radius > 0 else corner[None])
    return np.vstack([*curve, corners[-1:]])


def _arc(before: Array, corner: Array, after: Array, radius: float, steps: int) -> Array:
    back, onward = ((p - corner) / np.linalg.norm(p - corner) for p in (before, after))
    half = np.arccos(np.clip(back @ onward, -1, 1)) / 2
    bisector = (back + onward) / np.linalg.norm(back + onward)
    centre = corner + bisector * radius / np.sin(half)
    start, end = (corner + way * radius / np.tan(half) - centre for way in (back, onward))
    sweep = np.arccos(np.clip(start @ end / radius**2, -1, 1))
    share = np.linspace(0, 1, steps)[:, None]
    return centre + (np.sin((1 - share) * sweep) * start + np.sin(share * sweep) * end) / np.sin(sweep)


def _lengths(points: Array) -> Array:
    travelled = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    return travelled / travelled[-1]


def _skin(rings: Array, along: Array, ends: tuple[bool, bool]) -> Mesh:
    """Join rings (K, n, 3) into a surface; `ends` says whether the first and last ring are filled."""
    rings = np.concatenate([rings, rings[:, :1]], axis=1)
    layers, count, _ = rings.shape
    around = _lengths(rings[layers // 2])
    uv = np.stack(np.broadcast_arrays(around[None, :], along[:, None]), axis=-1).reshape(-1, 2)
    k, j = (index.ravel() for index in np.mgrid[: layers - 1, : count - 1])
    a, b = k * count + j, (k + 1) * count + j
    faces = [np.column_stack([a, a + 1, b + 1]), np.column_stack([a, b + 1, b])]
    vertices, edge = [rings.reshape(-1, 3)], np.arange(count - 1)
    for filled, layer, flip in zip(ends, (0, layers - 1), (True, False), strict=True):
        if filled:
            middle = sum(len(v) for v in vertices)
            vertices.append(rings[layer, :-1].mean(axis=0, keepdims=True))
            uv = np.vstack([uv, [[0.5, along[layer]]]])
            rim = layer * count + edge
            faces.append(np.column_stack([np.full_like(rim, middle), rim + flip, rim + (not flip)]))
    return Mesh(np.vstack(vertices), np.vstack(faces), uv)


def loft(profile: Array, ring: Ring, ends: tuple[bool, bool] = (True, True)) -> Mesh:
    """Stack rings along a profile of (ring parameter, z); a profile that runs up the outside faces outwards."""
    rings = np.stack(
        [np.column_stack([outline, np.full(len(outline), z)]) for r, z in profile for outline in [ring(r)]]
    )
    return _skin(rings, _lengths(np.asarray(profile)), ends)


def block(half: tuple[float, float], corner: float, bottom: float, top: float, bevel: float) -> Mesh:
    """A block with rounded corners and bevelled edges, standing on the plane z = bottom."""
    low, high = min(half) * 0.9, min(half) * 0.9
    profile = fillet([(low, bottom, 0), (0, bottom, bevel), (0, top, bevel), (high, top, 0)], steps=6)
    return loft(profile, rounded_rectangle(*half, corner))


def plate(half_x: float, half_y: float, corner: float, thickness: float) -> Mesh:
    """A flat rounded plate facing +z from z = 0 to `thickness`; uv spans its bounding rectangle."""
    inset = min(half_x, half_y) * 0.5
    profile = fillet([(0, 0, 0), (0, thickness, thickness / 3), (inset, thickness, 0)], steps=4)
    mesh = loft(profile, rounded_rectangle(half_x, half_y, corner))
    return Mesh(mesh.vertices, mesh.faces, mesh.vertices[:, :2] / (2 * np.array([half_x, half_y])) + 0.5)


def bezier(points: Sequence[Sequence[float]], count: int = 64) -> Array:
    """A cubic Bézier curve through 3-D control points, as (count, 3)."""
    p, t = np.asarray(points, dtype=float), np.linspace(0, 1, count)[:, None]
    return (1 - t) ** 3 * p[0] + 3 * (1 - t) ** 2 * t * p[1] + 3 * (1 - t) * t**2 * p[2] + t**3 * p[3]


def sweep(
    path: Array, binormal: Sequence[float], sections: Sequence[Array], ends: tuple[bool, bool] = (True, True)
) -> Mesh:
    """Carry sections (n, 2) along a flat path (K, 3); a section's axes are binormal x tangent and the binormal."""
    across = np.asarray(binormal, dtype=float)
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    side = np.cross(across, tangent)
    rings = [p + s[:, :1] * n + s[:, 1:] * across for p, n, s in zip(path, side, sections, strict=True)]
    return _skin(np.stack(rings), _lengths(path), ends)


def rotation(axis: str, degrees: float) -> Array:
    """Rotation matrix about the x, y or z axis."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    rows = {"x": [[1, 0, 0], [0, c, -s], [0, s, c]], "y": [[c, 0, s], [0, 1, 0], [-s, 0, c]]}
    return np.array(rows.get(axis, [[c, -s, 0], [s, c, 0], [0, 0, 1]]))


def cyclorama(width: float, front: float, back: float, bend: float, height: float) -> Mesh:
    """A paper sweep: floor from y = -front to y = back, bent up into a wall."""
    curve = fillet([(-front, 0, 0), (back, 0, bend), (back, height, 0)], steps=48)
    sides = [np.column_stack([np.full(len(curve), x), curve]) for x in (-width / 2, width / 2)]
    count, along = len(curve), _lengths(curve)
    j = np.arange(count - 1)
    faces = np.vstack([np.column_stack([j, count + j, count + j + 1]), np.column_stack([j, count + j + 1, j + 1])])
    uv = np.vstack([np.column_stack([np.full(count, u), along]) for u in (0.0, 1.0)])
    return Mesh(np.vstack(sides), faces, uv)
