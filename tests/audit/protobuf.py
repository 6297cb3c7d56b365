"""Protobuf's wire format, read without compiled message types, and the types that hold any value.

https://protobuf.dev/programming-guides/encoding, google/protobuf/struct.proto,
opentelemetry/proto/common/v1/common.proto
"""

import struct
from collections.abc import Iterator

VARINT, FIXED64, LENGTH_DELIMITED, FIXED32 = 0, 1, 2, 5


def each(message: bytes, *path: int) -> Iterator:
    """What stands at a path of field numbers, in order; bytes, or a number where it is a varint."""
    field, *rest = path
    for found, value in fields(message):
        if found == field:
            yield from each(value, *rest) if rest else [value]


def one(message: bytes, *path: int) -> bytes:
    """The same where there is one at most; empty for none, as protobuf has it."""
    [value] = list(each(message, *path)) or [b""]
    return value


def text(message: bytes, *path: int) -> str:
    return one(message, *path).decode()


def mapping(message: bytes, field: int) -> dict[str, bytes]:
    """A map whose keys are texts; also a list of messages of a key and a value."""
    entries = list(each(message, field))
    assert len({text(entry, 1) for entry in entries}) == len(entries)
    return {text(entry, 1): one(entry, 2) for entry in entries}


def struct_object(message: bytes) -> dict:
    """A google.protobuf.Struct."""
    return {key: struct_value(value) for key, value in mapping(message, 1).items()}


def struct_value(message: bytes) -> object:
    [(kind, value)] = fields(message)
    readers = {
        1: lambda _: None,
        2: number,
        3: bytes.decode,
        4: bool,
        5: struct_object,
        6: lambda values: [struct_value(value) for value in each(values, 1)],
    }
    return readers[kind](value)


def number(data: bytes) -> float | int:
    """A double; whole numbers as JSON writes them."""
    [value] = struct.unpack("<d", data)
    return int(value) if value.is_integer() else value


def any_value(message: bytes) -> object:
    """OpenTelemetry's AnyValue: those kinds that Envoy's access log may send."""
    [(kind, value)] = fields(message)
    return {1: bytes.decode, 6: key_values}[kind](value)


def key_values(message: bytes, field: int = 1) -> dict:
    """A list of KeyValue."""
    return {key: any_value(value) for key, value in mapping(message, field).items()}


def fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    offset = 0
    while offset < len(message):
        tag, offset = varint(message, offset)
        value, offset = content(message, offset, tag & 7)
        yield tag >> 3, value


def content(message: bytes, offset: int, wire_type: int) -> tuple[bytes | int, int]:
    if wire_type == VARINT:
        return varint(message, offset)
    length = {FIXED64: 8, FIXED32: 4}.get(wire_type)
    if length is None:
        assert wire_type == LENGTH_DELIMITED, wire_type
        length, offset = varint(message, offset)
    end = offset + length
    assert end <= len(message)
    return message[offset:end], end


def varint(message: bytes, offset: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[offset]
        value |= (byte & 0x7F) << shift
        offset, shift = offset + 1, shift + 7
        if byte < 0x80:
            return value, offset
