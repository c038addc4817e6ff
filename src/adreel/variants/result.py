"""What came of variants: the films that were kept, and the candidates that were not, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from adreel.variants.opening import Distance
from adreel.variants.variant import Variant


@dataclass(frozen=True, slots=True)
class KeptVariant:
    """A film at `path`, `seconds` long. `nearest` is the film kept before it that is most like it, at `distance`; "" and None for
    the first one."""

    name: str
    variant: Variant
    path: Path
    seconds: float
    nearest: str
    distance: Distance | None


@dataclass(frozen=True, slots=True)
class RefusedVariant:
    """A candidate that is not among the films: a near-twin of `twin` at `distance`, or one that cannot be made."""

    name: str
    reason: str
    twin: str = ""
    distance: Distance | None = None


@dataclass(frozen=True, slots=True)
class VariantsResult:
    """`least` is the least distance between two films that are kept."""

    kept: tuple[KeptVariant, ...]
    refused: tuple[RefusedVariant, ...]
    least: float
