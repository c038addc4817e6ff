"""Signs a film as the last step, and reads it back: valid, index first, every packet as before."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

from adreel.domain.errors import CheckError
from adreel.domain.films.film import CheckResult
from adreel.domain.machine_faults import fault_or
from adreel.media.checks import moov_is_first
from adreel.media.segments import decode
from adreel.media.segments.inspect import packets_digest
from adreel.provenance.history import FilmHistory, Ingredient, ingredient_entry, manifest
from adreel.provenance.identity import Identity
from adreel.provenance.xmp import add_source_type
from adreel.version import __version__

_MOST_INGREDIENT = 64 * 2**20
"""Bytes of a file that goes into the manifest by its hash; larger ones are described only."""

_VALID = frozenset({"Valid", "Trusted"})
_SETTINGS: dict[str, Any] = {"builder": {"thumbnail": {"enabled": False}}, "verify": {"remote_manifest_fetch": False}}
"""Thumbnails would add 0.2 MB and 0.3 s; addresses in a file are never opened."""


class FilmSigner:
    """Signs films, one at a time: the library's objects must not be shared among threads (c2pa-python issue 314).

    `identity` is read at the first film: the command line starts without it.
    """

    def __init__(self, identity: Callable[[], Identity]) -> None:
        self._identity = identity
        self._lock = threading.Lock()

    def sign(self, film: Path, history: FilmHistory) -> CheckResult:
        """Signs the film in place. Raises CheckError when the signed file does not read back as it must, and leaves the film."""
        identity, before = self._identity(), _packets(film)
        signed = film.with_name(f"{film.name}.signed")
        try:
            add_source_type(film, history.source_type)
            with self._lock:
                described = _sign(film, signed, history, identity)
                state = _state(signed)
            _check(signed, state, before)
            added = signed.stat().st_size - film.stat().st_size
            signed.replace(film)
        except OSError as error:
            failed = CheckError(f"the film cannot be signed: {error}")
            raise fault_or(error, film.parent, failed) from error
        finally:
            signed.unlink(missing_ok=True)
        by = "self-signed, shown as untrusted" if identity.self_signed else "by your certificate"
        parts = f"; {described} of its parts are described without their bytes" if described else ""
        detail = f"signed ({by}), read back as {state.lower()}, {added} bytes; all packets as before{parts}"
        return CheckResult("content credentials", True, detail)


def _packets(film: Path) -> tuple[str, str]:
    coded = decode.read_coded(film)
    return packets_digest(coded.packets), packets_digest(coded.sound)


def _check(signed: Path, state: str, before: tuple[str, str]) -> None:
    if state not in _VALID:
        raise CheckError(f"the signed film reads back as {state.lower() or 'unsigned'}")
    if not moov_is_first(signed):
        raise CheckError("the index of the signed film is not first")
    if _packets(signed) != before:
        raise CheckError("signing changed the packets of the film")


def _sign(film: Path, signed: Path, history: FilmHistory, identity: Identity) -> int:
    """Writes the signed film; returns how many ingredients are described only, because they cannot be part of a manifest."""
    from c2pa import C2paError, C2paSignerInfo, C2paSigningAlg, Signer

    info = C2paSignerInfo(
        alg=C2paSigningAlg[identity.algorithm.upper()], sign_cert=identity.chain, private_key=identity.key, ta_url=None
    )
    kinds: list[str | None] = [_kind(each) for each in history.ingredients]
    try:
        with Signer.from_info(info) as signer:
            # One that the library cannot read must not cost a film that is paid for: it is described instead.
            try:
                while (refused := _written(film, signed, history, kinds, signer)) is not None:
                    kinds[refused] = None
            except C2paError:
                if not any(kinds):
                    raise
                kinds = [None] * len(kinds)
                _written(film, signed, history, kinds, signer)
    except C2paError as error:
        raise CheckError(f"the film cannot be signed: {error}") from error
    return kinds.count(None)


def _written(
    film: Path,
    signed: Path,
    history: FilmHistory,
    kinds: Sequence[str | None],
    signer: Any,  # noqa: ANN401 (c2pa has no stubs)
) -> int | None:
    """Writes the signed film; the place of an ingredient that the library refuses, if any: then nothing is written."""
    from c2pa import Builder, C2paError, Context

    text = json.dumps(manifest(history, __version__, [kind is not None for kind in kinds]))
    with Builder(text, Context.from_dict(_SETTINGS)) as builder:
        for number, (each, kind) in enumerate(zip(history.ingredients, kinds, strict=True)):
            if kind is not None and each.file is not None:
                try:
                    entry = json.dumps(ingredient_entry(number, each))
                    builder.add_ingredient(entry, kind, BytesIO(each.file.read_bytes()))
                except C2paError:
                    return number
        with film.open("rb") as source, signed.open("w+b") as target:
            builder.sign(signer, "video/mp4", source, target)
    return None


def _state(film: Path) -> str:
    from c2pa import C2paError, Context, Reader

    with (
        suppress(C2paError),
        film.open("rb") as file,
        Reader("video/mp4", file, context=Context.from_dict(_SETTINGS)) as reader,
    ):
        return reader.get_validation_state() or ""
    return ""


_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
)


def _kind(ingredient: Ingredient) -> str | None:
    """The media type of an ingredient whose file can be part of a manifest, by its first bytes."""
    if ingredient.file is None:
        return None
    try:
        if ingredient.file.stat().st_size > _MOST_INGREDIENT:
            return None
        with ingredient.file.open("rb") as file:
            head = file.read(32)
    except OSError:
        return None
    return next((kind for at, mark, kind in _SIGNATURES if head[at:].startswith(mark)), None)
