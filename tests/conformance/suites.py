"""The MCP conformance suites: how to run each, and what it found."""

import json
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from env.paths import must_exist

HERE = Path(__file__).parent
# The older suite needs Node 22 or newer, so it brings its own; the newer one takes it too.
NODE = HERE / "suite-0.1/node_modules/.bin/node"


@dataclass(frozen=True)
class Suite:
    """A version of the suite with its options, and the number of checks below which something is wrong."""

    name: str
    project: str
    options: tuple[str, ...]
    at_least: int


SUITES = [
    Suite("0.1-active", "suite-0.1", (), 40),
    Suite("0.2-2025-11-25", "suite-0.2", ("--requirements", "2025-11-25"), 80),
    Suite("0.2-2026-07-28", "suite-0.2", ("--requirements", "2026-07-28"), 190),
]


@dataclass
class Findings:
    """What a run found: how often each check of each scenario had which status."""

    checks: Counter
    passed: bool
    output: str


def run(suite: Suite, port: int, directory: Path) -> Findings:
    """Runs a suite against the server at a port; its files go to a new directory."""
    program = HERE / suite.project / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
    url = f"http://127.0.0.1:{port}/mcp"
    argv = [must_exist(NODE, "make tools"), must_exist(program, "make tools"), "server", "--url", url, "-o", directory]
    done = subprocess.run([*map(str, argv), *suite.options], capture_output=True, text=True, timeout=240)
    return Findings(Counter(checks_in(directory)), done.returncode == 0, done.stdout + done.stderr)


def checks_in(directory: Path) -> list[tuple[str, str, str, str]]:
    """Scenario, id, name and status of every check; INFO is an observation whose number depends on timing."""
    return [
        (scenario_of(file.parent.name), check["id"], check["name"], check["status"])
        for file in directory.glob("server-*/checks.json")
        for check in json.loads(file.read_text())
        if check["status"] != "INFO"
    ]


def scenario_of(folder: str) -> str:
    """`server-ping-2026-11-20T12-46-50-108Z` is `ping`; the time is always 24 characters."""
    return folder.removeprefix("server-")[: -len("-2026-11-20T12-46-50-108Z")]
