"""How far the lengths of a WAV header are believed."""

from __future__ import annotations

import io
import struct

import pytest

from adreel.media.audio.wav_chunks import WavLength, wav_length

SAMPLES = b"\x01\xf0" * 500


def wav(riff: int | None = None, data: int | None = None, tail: bytes = b"", kind: bytes = b"RIFF") -> bytes:
    chunks = b"WAVEfmt " + struct.pack("<I", 16) + bytes(16) + b"data"
    body = chunks + struct.pack("<I", len(SAMPLES) if data is None else data) + SAMPLES + tail
    return kind + struct.pack("<I", len(body) if riff is None else riff) + body


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (wav(), WavLength.STATED),
        (wav(riff=0), WavLength.STATED),
        (wav(riff=10**6), WavLength.STATED),
        (wav(tail=b"LIST" + struct.pack("<I", 4) + b"INFO"), WavLength.STATED),
        (wav(tail=bytes(40)), WavLength.STATED),
        (wav(kind=b"RF64", data=2**32 - 1), WavLength.STATED),
        (wav(riff=0, data=0), WavLength.UNKNOWN),
        (wav(riff=2**32 - 1, data=2**32 - 1), WavLength.UNKNOWN),
        (wav(riff=0x7FFFF024, data=0x7FFFF000), WavLength.UNKNOWN),
        (wav(data=5000), WavLength.UNKNOWN),
        (wav(data=100), WavLength.UNKNOWN),
        (wav(riff=100, data=100), WavLength.UNKNOWN),
        (wav()[:600], WavLength.MISSING),
        (wav(riff=9000, data=8000), WavLength.MISSING),
    ],
)
def test_lengths(content: bytes, expected: WavLength) -> None:
    assert wav_length(io.BytesIO(content), 0, len(content)) is expected
    tagged = b"ID3xxxxxxx" + content
    assert wav_length(io.BytesIO(tagged), 10, len(tagged)) is expected
