"""How long the command line takes to compile a policy."""

import subprocess
import time
from pathlib import Path

from tests.env.paths import CLI, must_exist

SIZES = (10, 1_000, 10_000)

POLICY = """\
version: 1
server: bench
endpoints: { port: 8080, mcp: [/mcp] }
callers:
  gateway: { service_accounts: [gateway/ai-gateway] }
allow:
  read:
    tools:
"""


def compile_seconds(directory: Path, rounds: int) -> dict[int, list[float]]:
    """Wall time of `mcp-guard compile`, a process of its own each time, by the number of tools."""
    binary = must_exist(CLI, "make build")
    measured: dict[int, list[float]] = {}
    for size in SIZES:
        file = directory / f"policy-{size}.yaml"
        file.write_text(POLICY + "".join(f"    - get_item_{number}\n" for number in range(size)))
        measured[size] = [seconds(binary, file) for _ in range(rounds)]
    return measured


def seconds(binary: Path, policy: Path) -> float:
    begin = time.monotonic()
    subprocess.run([binary, "compile", policy], stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - begin
