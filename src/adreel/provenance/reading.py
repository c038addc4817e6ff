"""Reads the content credentials of any film, and says in words what they show."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from adreel.domain.errors import ClipError
from adreel.domain.films.file_faults import cannot_be_read
from adreel.media.clips.probe import sniff_clip
from adreel.provenance.history import SOURCE_TYPES, TRAINED, WITH_TRAINED
from adreel.provenance.xmp import read_source_type

_TYPES: Mapping[str, str] = {"mov": "video/mp4", "avi": "video/avi"}
_MISMATCH = "mismatch"
_UNTRUSTED = "signingCredential.untrusted"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a film's credentials show. `state` is Trusted, Valid, Invalid or None for a film without any; `faults` are the codes
    of failed validations. `untouched`: the bytes are those that were signed. `source_type` is IPTC's, without its address."""

    state: str | None
    untouched: bool
    signer: str
    generator: str
    source_type: str
    models: tuple[str, ...]
    ingredients: tuple[str, ...]
    actions: tuple[str, ...]
    faults: tuple[str, ...]
    xmp_source_type: str


NO_CREDENTIALS = Credentials(None, False, "", "", "", (), (), (), (), "")


def read_credentials(film: Path, root: bytes | None = None) -> Credentials:
    """Reads and validates the credentials of a film; `root` is a certificate to trust besides, as PEM. Opens no address.

    Raises ClipError for a file that is no film.
    """
    kind = _TYPES.get(sniff_clip(film))
    document = None if kind is None else _document(film, kind, root)
    if document is None:
        return NO_CREDENTIALS
    return _credentials(document, (read_source_type(film) or "").removeprefix(SOURCE_TYPES))


def _document(film: Path, kind: str, root: bytes | None) -> Mapping[str, Any] | None:
    from c2pa import C2paError, Context, Reader

    settings: dict[str, Any] = {"verify": {"remote_manifest_fetch": False, "verify_trust": True}}
    if root is not None:
        settings["trust"] = {"user_anchors": root.decode()}
    try:
        with film.open("rb") as file, Reader(kind, file, context=Context.from_dict(settings)) as reader:
            return cast("Mapping[str, Any]", json.loads(reader.json()))
    except C2paError as error:
        if "ManifestNotFound" in type(error).__name__ or "ManifestNotFound" in str(error) or "no JUMBF" in str(error):
            return None
        raise ClipError(f"the credentials of {film} cannot be read: {error}") from error
    except OSError as error:
        raise ClipError(f"{film} {cannot_be_read(error)}") from error


def _credentials(document: Mapping[str, Any], xmp: str) -> Credentials:
    active: Mapping[str, Any] = document.get("manifests", {}).get(document.get("active_manifest"), {})
    actions = [
        action
        for assertion in active.get("assertions", [])
        if str(assertion.get("label", "")).startswith("c2pa.actions")
        for action in assertion.get("data", {}).get("actions", [])
    ]
    faults = tuple(dict.fromkeys(str(each.get("code")) for each in document.get("validation_status") or []))
    signature: Mapping[str, Any] = active.get("signature_info") or {}
    return Credentials(
        state=str(document.get("validation_state") or "Invalid"),
        untouched=not any(_MISMATCH in code for code in faults),
        signer=str(signature.get("issuer") or signature.get("common_name") or "unknown"),
        generator=_generator(active),
        source_type=_source_type(actions),
        models=tuple(dict.fromkeys(_models(actions))),
        ingredients=tuple(str(each.get("title", "")) for each in active.get("ingredients", [])),
        actions=tuple(str(action.get("action", "")) for action in actions),
        faults=faults,
        xmp_source_type=xmp,
    )


def _generator(active: Mapping[str, Any]) -> str:
    infos = active.get("claim_generator_info") or [{}]
    return " ".join(str(infos[0].get(part, "")) for part in ("name", "version")).strip()


def _source_type(actions: list[Mapping[str, Any]]) -> str:
    created = next((each for each in actions if each.get("action") == "c2pa.created"), {})
    return str(created.get("digitalSourceType", "")).removeprefix(SOURCE_TYPES)


def _models(actions: list[Mapping[str, Any]]) -> Iterator[str]:
    for action in actions:
        agent = action.get("softwareAgent")
        if str(action.get("digitalSourceType", "")).endswith(f"/{TRAINED}") and isinstance(agent, dict):
            yield str(cast("dict[str, Any]", agent).get("name", ""))


def in_words(found: Credentials) -> tuple[str, ...]:
    """The credentials as sentences."""
    if found.state is None:
        return ("The film has no content credentials: it was never signed, or a later program removed them.",)
    return tuple(filter(None, (_bytes(found), _trust(found), _made(found), _parts(found))))


def _bytes(found: Credentials) -> str:
    if not found.untouched:
        return "The bytes are NOT those that were signed: the film was changed afterwards."
    return "The bytes are those that were signed."


def _trust(found: Credentials) -> str:
    if found.state == "Trusted":
        return f"It was signed by {found.signer}, whose certificate is trusted here."
    if found.state == "Valid" or set(found.faults) <= {_UNTRUSTED}:
        return f"It was signed by {found.signer}; nothing here says that this certificate is to be trusted."
    return f"The credentials are not valid: {', '.join(found.faults)}."


def _made(found: Credentials) -> str:
    if found.source_type == WITH_TRAINED or found.models:
        by = f", by {', '.join(found.models)}" if found.models else ""
        return f"It was made with {found.generator}; parts of it were generated by trained models{by}."
    if found.source_type:
        return f"It was made with {found.generator}; it states that no trained model generated any of it ({found.source_type})."
    return f"It was made with {found.generator}."


def _parts(found: Credentials) -> str:
    return f"It is made of {', '.join(found.ingredients)}." if found.ingredients else ""
