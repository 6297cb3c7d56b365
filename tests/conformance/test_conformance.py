"""The MCP conformance suite finds the same through the guard as it finds directly, check by check."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from env.envoy import Envoy
from env.paths import python
from env.server import Server

from conformance.suites import SUITES, Suite, run

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    argv = [python("py2"), "-m", "fixture.server"]
    with Server(argv, tmp_path_factory.mktemp("fixture"), cwd=HERE) as server:
        yield server


@pytest.fixture(scope="module")
def guarded_port(server) -> Iterator[int]:
    # The suite sends the URL's own origin, which the policy has to name, so the port is chosen first.
    port = free_port()
    with Envoy(server.port, policy(port), listener_port=port) as envoy:
        yield envoy.port


def policy(port: int) -> dict:
    """Permits what the fixture offers and what the suite does with it, by name."""
    rule = {
        "tools": ["test_*", "json_schema_*"],
        "prompts": ["test_*"],
        "resources": ["test://**"],
        "server_requests": ["elicitation", "roots", "sampling"],
        "tasks": True,
        "approval": "none",
    }
    return {"format": 1, "policy": {"origins": [f"http://127.0.0.1:{port}"], "allow": {"fixture": rule}}}


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_same_findings(server: Server, guarded_port: int, suite: Suite, tmp_path: Path) -> None:
    direct = run(suite, server.port, tmp_path / "direct")
    assert direct.passed, direct.output
    assert direct.checks.total() >= suite.at_least

    guarded = run(suite, guarded_port, tmp_path / "guarded")
    assert sorted((guarded.checks - direct.checks).elements()) == []
    assert sorted((direct.checks - guarded.checks).elements()) == []
    assert guarded.passed, guarded.output


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
