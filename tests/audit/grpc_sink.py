"""A gRPC access log service and an OpenTelemetry collector on one port."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from env.bootstrap import Settings, upstream_cluster
from env.waiting import awaited
from envoy.messages import Answer, Framing
from envoy.upstream import Script, Upstream

from . import protobuf

SERVICE = "/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs"
COLLECTOR = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
SECONDS = 20.0
# An empty message is the whole answer to an export. A stream of entries is not answered, and does not end.
PREFIX = struct.Struct(">BI")
DONE = Script(
    Answer(200, (("content-type", b"application/grpc"),), PREFIX.pack(0, 0)),
    Framing(trailers=(("grpc-status", b"0"),)),
)


@dataclass
class Entry:
    """One request, as the access log service is told of it."""

    request_id: str
    path: str
    details: str
    # By filter: what the filters of the proxy told each other.
    metadata: dict[str, dict]
    # By key: type and bytes.
    filter_state: dict[str, tuple[str, bytes]]


@dataclass
class LogRecord:
    """One request, as the collector is told of it."""

    body: object
    attributes: dict


class GrpcSink(Upstream):
    """Keeps what Envoy sends it."""

    def __init__(self) -> None:
        super().__init__(DONE)

    def cluster(self, name: str) -> dict:
        """The way to it, for Envoy."""
        settings = Settings(self.port, Path(), http2_upstream=True)
        return {**upstream_cluster(settings), "name": name}

    def entries(self, count: int) -> list[Entry]:
        """What the access log service got, as soon as there are so many."""
        return awaited(lambda: at_least(count, map(entry, self._each(SERVICE, 2, 1))), SECONDS)

    def log_records(self, count: int) -> list[LogRecord]:
        """What the collector got, as soon as there are so many."""
        return awaited(lambda: at_least(count, map(log_record, self._each(COLLECTOR, 1, 2, 2))), SECONDS)

    def text(self, method: str) -> str:
        """All that came, byte by byte."""
        return b"".join(self._bodies(method)).decode("latin-1")

    def _each(self, method: str, *path: int) -> Iterator[bytes]:
        for body in self._bodies(method):
            for message in messages(body):
                yield from protobuf.each(message, *path)

    def _bodies(self, method: str) -> list[bytes]:
        return [bytes(request.body) for request in list(self.heads[""]) if request.path == method]


def messages(body: bytes) -> Iterator[bytes]:
    """The whole messages of a gRPC stream so far."""
    while len(body) >= PREFIX.size:
        compressed, length = PREFIX.unpack_from(body)
        assert not compressed
        message, body = body[PREFIX.size : PREFIX.size + length], body[PREFIX.size + length :]
        if len(message) == length:
            yield message


def at_least(count: int, found: Iterator) -> list:
    """All of them, or none while there are too few."""
    every = list(found)
    return every if len(every) >= count else []


def entry(message: bytes) -> Entry:
    """An HTTPAccessLogEntry (envoy/data/accesslog/v3/accesslog.proto)."""
    common, request, response = (protobuf.one(message, field) for field in (1, 3, 4))
    metadata = protobuf.mapping(protobuf.one(common, 17), 1)
    objects = protobuf.mapping(common, 21)
    return Entry(
        request_id=protobuf.text(request, 9),
        path=protobuf.text(request, 5),
        details=protobuf.text(response, 6),
        metadata={name: protobuf.struct_object(value) for name, value in metadata.items()},
        filter_state={key: (protobuf.text(value, 1), protobuf.one(value, 2)) for key, value in objects.items()},
    )


def log_record(message: bytes) -> LogRecord:
    """A LogRecord (opentelemetry/proto/logs/v1/logs.proto)."""
    return LogRecord(protobuf.any_value(protobuf.one(message, 5)), protobuf.key_values(message, 6))
