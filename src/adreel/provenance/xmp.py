"""Writes the digital source type of a film as XMP (ISO 16684-1) into its MP4 file, for platforms that read no C2PA."""

from __future__ import annotations

import struct
from pathlib import Path

_XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""UUID of the box that holds XMP in ISO base media files (XMP specification, part 3)."""

_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'Iptc4xmpExt:DigitalSourceType="{source_type}"/></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
)


def add_source_type(film: Path, source_type: str) -> None:
    """Appends the box to a film: nothing before it moves. `source_type` is one of IPTC's addresses. Raises OSError."""
    packet = _PACKET.format(source_type=source_type).encode()
    with film.open("ab") as file:
        file.write(struct.pack(">I4s", 8 + len(_XMP_BOX) + len(packet), b"uuid") + _XMP_BOX + packet)


def read_source_type(film: Path) -> str | None:
    """The digital source type that a film's XMP states, None without one. Reads the last kilobytes, where adreel writes it."""
    with film.open("rb") as file:
        file.seek(max(0, film.stat().st_size - 4096))
        tail = file.read()
    _, found, rest = tail.rpartition(b'DigitalSourceType="')
    return rest.partition(b'"')[0].decode("utf-8", "replace") if found else None
