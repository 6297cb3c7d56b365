"""Envoy with the guard in front of a server of yours, until you press Ctrl-C.

    python demo/proxy.py CONFIG UPSTREAM

CONFIG is the file that `mcp-guard compile` wrote; UPSTREAM is HOST:PORT or a port on 127.0.0.1.
Prints the guard's decision on each request.
"""

import json
import signal
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from env.envoy import Envoy  # noqa: E402


def main(config: Path, upstream: str) -> None:
    host, _, port = upstream.rpartition(":")
    address = socket.gethostbyname(host or "127.0.0.1")
    with Envoy(int(port), config.read_text(), upstream_host=address) as envoy:
        print(f"http://127.0.0.1:{envoy.port} → {address}:{port}   (Ctrl-C ends it)", flush=True)
        follow(envoy)


def follow(envoy: Envoy) -> None:
    shown = 0
    while envoy.running:
        entries = envoy.access_log()
        for entry in entries[shown:]:
            print(entry["method"], entry["path"], entry["code"], json.dumps(entry["guard"]), flush=True)
        shown = len(entries)
        time.sleep(0.2)
    sys.exit(envoy.log_text())


if __name__ == "__main__":
    # Leave through the context manager, which stops Envoy, however we are ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        main(Path(sys.argv[1]), sys.argv[2])
    except KeyboardInterrupt:
        pass
