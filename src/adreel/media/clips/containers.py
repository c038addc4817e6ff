"""Detects a video file's container by its first bytes, so that FFmpeg never probes the format.

Probing would accept a text file named `.mp4` as a playlist, a concat script or a session description, all of which make FFmpeg
open other files and addresses. Only containers that carry their own pictures are detected.
"""

from __future__ import annotations

HEAD_BYTES = 1024
"""Bytes from the start of a file that `sniff` needs; the whole file when it is shorter."""

READABLE = "MP4, MOV, WebM, Matroska, AVI, MPEG-TS, MPEG-PS or FLV"

_PREFIXES = (
    (b"\x1a\x45\xdf\xa3", "matroska"),
    (b"FLV\x01", "flv"),
    (b"\x00\x00\x01\xba", "mpeg"),
)

_MOV_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"})
"""Possible first boxes of an ISO base media or QuickTime file (ISO/IEC 14496-12, QuickTime File Format)."""

_PICTURE_BRANDS = frozenset({b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
"""Brands of still pictures and picture sequences in the same box structure (ISO/IEC 23008-12, AVIF)."""

_TS_SYNC = 0x47
_TS_PACKET_SIZES = ((188, 0), (192, 4), (204, 0))
"""Packet length and offset of the sync byte: plain, with time codes (Blu-ray), with error correction (DVB)."""


def sniff(head: bytes) -> str | None:
    """The FFmpeg demuxer for a file that begins with `head`; None for still pictures, text and all other files."""
    for prefix, demuxer in _PREFIXES:
        if head.startswith(prefix):
            return demuxer
    if _is_mov(head):
        return "mov"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    return "mpegts" if _transport_packet(head) else None


def _is_mov(head: bytes) -> bool:
    box = head[4:8]
    return box in _MOV_BOXES and not (box == b"ftyp" and head[8:12] in _PICTURE_BRANDS)


def _transport_packet(head: bytes) -> int | None:
    """Packet length of a transport stream; None for other data."""
    for size, offset in _TS_PACKET_SIZES:
        if len(head) > 2 * size + offset and all(head[index * size + offset] == _TS_SYNC for index in range(3)):
            return size
    return None


def is_whole(demuxer: str, head: bytes, size: int) -> bool:
    """False when a file of `size` bytes is shorter than its header declares, or ends within a packet."""
    if demuxer == "mpegts":
        return size % (_transport_packet(head) or 1) == 0
    return demuxer != "matroska" or size >= (_matroska_size(head) or 0)


def avi_exceeds(head: bytes, size: int) -> bool:
    """Whether an AVI file that begins with `head` states a length beyond its `size`. Alone this means little: recorders that
    stop early leave placeholders (0, 2^32 - 1) and estimates."""
    return int.from_bytes(head[4:8], "little") + 8 > size


def _matroska_size(head: bytes) -> int | None:
    """End of the Segment that follows the EBML header (RFC 8794, element identifiers and data sizes)."""
    try:
        header_data, header_size = _ebml_size(head, 4)
        segment = header_data + (header_size or 0)
        if head[segment : segment + 4] != b"\x18\x53\x80\x67":
            return None
        data, size = _ebml_size(head, segment + 4)
    except IndexError:
        return None
    return None if size is None else data + size


def _ebml_size(head: bytes, at: int) -> tuple[int, int | None]:
    """The offset after a variable-length number, and its value; None for the reserved value that means unknown."""
    length = 9 - head[at].bit_length()
    value = int.from_bytes(head[at : at + length], "big") & ((1 << 7 * length) - 1)
    return at + length, None if value == (1 << 7 * length) - 1 else value
