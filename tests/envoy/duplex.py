"""A TLS connection that one thread reads while another writes."""

import select
import ssl
import threading
from collections.abc import Callable
from typing import TypeVar

Done = TypeVar("Done")


class Duplex:
    """Guards a socket whose state OpenSSL lets one thread use at a time, as Python before 3.13 does not."""

    def __init__(self, sock: ssl.SSLSocket):
        self._sock = sock
        self._timeout = sock.gettimeout()
        self._using = threading.Lock()
        sock.setblocking(False)

    def recv(self, size: int) -> bytes:
        """Whatever comes next; empty at the end."""
        return self._once_ready(lambda: self._sock.recv(size))

    def sendall(self, data: bytes) -> None:
        """Sends all of it."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._once_ready(lambda: self._sock.send(rest)) :]

    def close(self) -> None:
        """Closes the connection."""
        self._sock.close()

    def _once_ready(self, work: Callable[[], Done]) -> Done:
        while True:
            with self._using:
                try:
                    return work()
                except ssl.SSLWantReadError:
                    waiting: tuple = ([self._sock], [], [])
                except ssl.SSLWantWriteError:
                    waiting = ([], [self._sock], [])
            if not any(select.select(*waiting, self._timeout)):
                raise TimeoutError("nothing came, or nothing was taken")
