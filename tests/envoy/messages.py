"""HTTP messages as the harness sends and receives them: plain data, values in bytes."""

import random
from dataclasses import dataclass, field

Headers = list[tuple[str, bytes]]

EXCHANGE = "x-exchange"


@dataclass(frozen=True)
class Framing:
    """How a body travels. `pieces` are its parts, sent one by one with a pause after each."""

    kind: str = "length"  # HTTP/1.1: "length", "chunked", "close" (answers only)
    cuts: tuple[int, ...] = ()
    pause: float = 0.0
    trailers: tuple[tuple[str, bytes], ...] = ()

    def pieces(self, body: bytes) -> list[bytes]:
        """The body, cut."""
        offsets = [0, *(cut for cut in self.cuts if 0 < cut < len(body)), len(body)]
        return [body[start:end] for start, end in zip(offsets, offsets[1:]) if start < end]


@dataclass(frozen=True)
class Request:
    """A request; `body` empty means none."""

    method: str = "POST"
    path: str = "/mcp"
    authority: str = "mcp.example"
    headers: tuple[tuple[str, bytes], ...] = (("content-type", b"application/json"),)
    body: bytes = b""

    def with_headers(self, *extra: tuple[str, bytes]) -> "Request":
        """The same with more headers."""
        return Request(self.method, self.path, self.authority, (*self.headers, *extra), self.body)


@dataclass(frozen=True)
class Answer:
    """An answer that the upstream is to give."""

    status: int = 200
    headers: tuple[tuple[str, bytes], ...] = (("content-type", b"application/json"),)
    body: bytes = b""


@dataclass
class Received:
    """A message that arrived."""

    headers: Headers = field(default_factory=list)
    body: bytes = b""
    trailers: Headers = field(default_factory=list)
    complete: bool = False

    def value(self, name: str) -> bytes | None:
        """The first value of a header."""
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass
class ReceivedRequest(Received):
    """A request that arrived at the upstream."""

    method: str = ""
    path: str = ""
    authority: str = ""


@dataclass
class Response(Received):
    """An answer that arrived at the client; status 0 if none did."""

    status: int = 0
    failure: str = ""
    arrivals: list[float] = field(default_factory=list)


def random_cuts(chance: random.Random, length: int, most: int = 6) -> tuple[int, ...]:
    """Some offsets inside a body of `length`."""
    if length < 2:
        return ()
    return tuple(sorted({chance.randrange(1, length) for _ in range(chance.randint(1, most))}))
