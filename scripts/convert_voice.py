"""Makes a voice model loadable by OpenCV: integer products become products of floats with dequantised weights.

    python scripts/convert_voice.py source.onnx target.onnx

OpenCV 5 reads no DynamicQuantizeLinear. Each chain DynamicQuantizeLinear, MatMulInteger, Cast, Mul becomes DequantizeLinear of
the weights, which stay 8-bit in the file, and MatMul. The lengths of the phonemes become an output beside the others: word
times are read from them. The file is edited as protocol buffers (fields of onnx.proto), so that no library decides what its
bytes are.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

DURATIONS = "/Clip_output_0"
"""The tensor of lengths, in units of 25 ms, for each phoneme."""

_GRAPH = 7
_NODE, _INITIALIZER, _OUTPUT = 1, 5, 12
_IN, _OUT, _NAME, _TYPE = 1, 2, 3, 4
_TENSOR_NAME = 8
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True)
class Field:
    """A field of a message as it is on the wire; `data` without tag and length."""

    number: int
    kind: int
    data: bytes

    def coded(self) -> bytes:
        tag = _varint(self.number << 3 | self.kind)
        return tag + (_varint(len(self.data)) if self.kind == _BYTES else b"") + self.data


@dataclass(frozen=True)
class Node:
    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    field: Field


def convert(model: bytes) -> bytes:
    fields = list(_fields(model))
    return b"".join(
        Field(each.number, each.kind, _graph(each.data)).coded() if each.number == _GRAPH else each.coded()
        for each in fields
    )


def _graph(data: bytes) -> bytes:
    fields = list(_fields(data))
    nodes = [_node(each) for each in fields if each.number == _NODE]
    rewritten = _rewritten(nodes, {_name(each, _TENSOR_NAME) for each in fields if each.number == _INITIALIZER})
    used = {name for node in rewritten for name in node.inputs}
    kept = [
        each
        for each in fields
        if each.number != _NODE and (each.number != _INITIALIZER or _name(each, _TENSOR_NAME) in used)
    ]
    return b"".join(each.coded() for each in [*(node.field for node in rewritten), *kept, _durations()])


def _durations() -> Field:
    """The output of lengths: one dimension of floats."""
    dimension = Field(1, _BYTES, Field(2, _BYTES, b"L").coded()).coded()
    tensor = Field(1, _VARINT, _varint(1)).coded() + Field(2, _BYTES, dimension).coded()
    kind = Field(1, _BYTES, tensor).coded()
    return Field(_OUTPUT, _BYTES, Field(1, _BYTES, DURATIONS.encode()).coded() + Field(2, _BYTES, kind).coded())


def _rewritten(nodes: Sequence[Node], constants: set[str]) -> list[Node]:
    made_by = {name: node for node in nodes for name in node.outputs}
    used_by = {name: node for node in nodes for name in node.inputs}
    dropped: set[int] = set()
    instead: dict[int, list[Node]] = {}
    for node in nodes:
        if node.kind != "MatMulInteger":
            continue
        cast = used_by[node.outputs[0]]
        scaled = used_by[cast.outputs[0]]
        scale = made_by[next(name for name in scaled.inputs if name != cast.outputs[0])]
        quantized = made_by[node.inputs[0]]
        weights, weight_scale = node.inputs[1], next(name for name in scale.inputs if name in constants)
        zero = node.inputs[3:4]
        floats = f"{weights}_{len(instead)}_float"
        dropped |= {id(each) for each in (node, cast, scale, quantized)}
        instead[id(scaled)] = [
            _new("DequantizeLinear", (weights, weight_scale, *zero), floats),
            _new("MatMul", (quantized.inputs[0], floats), scaled.outputs[0]),
        ]
    return [new for node in nodes if id(node) not in dropped for new in instead.get(id(node), [node])]


def _new(kind: str, inputs: Sequence[str], output: str) -> Node:
    parts = [Field(_IN, _BYTES, name.encode()) for name in inputs]
    parts += [Field(_OUT, _BYTES, output.encode()), Field(_NAME, _BYTES, f"{kind} {output}".encode())]
    parts.append(Field(_TYPE, _BYTES, kind.encode()))
    return Node(kind, tuple(inputs), (output,), Field(_NODE, _BYTES, b"".join(each.coded() for each in parts)))


def _node(field: Field) -> Node:
    parts = list(_fields(field.data))

    def texts(number: int) -> tuple[str, ...]:
        return tuple(each.data.decode() for each in parts if each.number == number)

    return Node(texts(_TYPE)[0], texts(_IN), texts(_OUT), field)


def _name(field: Field, number: int) -> str:
    return next(each.data.decode() for each in _fields(field.data) if each.number == number)


def _fields(data: bytes) -> Iterator[Field]:
    position = 0
    while position < len(data):
        tag, position = _read_varint(data, position)
        start = position
        if tag & 7 == _BYTES:
            length, start = _read_varint(data, position)
            position = start + length
        elif tag & 7 == _VARINT:
            _, position = _read_varint(data, position)
        else:
            position += {_FIXED64: 8, _FIXED32: 4}[tag & 7]
        yield Field(tag >> 3, tag & 7, data[start:position])


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        value |= (byte & 127) << shift
        position, shift = position + 1, shift + 7
        if byte < 128:
            return value, position


def _varint(value: int) -> bytes:
    coded = bytearray()
    while value > 127:
        coded.append(value & 127 | 128)
        value >>= 7
    return bytes([*coded, value])


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_bytes(convert(source.read_bytes()))
