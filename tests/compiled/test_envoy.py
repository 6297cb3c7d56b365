"""The compiled configuration of Envoy, driven by a real client over mutual TLS."""

import json
import subprocess
from pathlib import Path

import pytest
from env.certificates import Authority
from env.compiler import EXAMPLES, emit
from env.paths import ROOT, python
from env.server import Server

from compiled.envoy import CompiledEnvoy

POLICY = ROOT / "istio-manifests/github-mcp-server/policy.yaml"
GATEWAY = "spiffe://cluster.local/ns/gateway/sa/ai-gateway"
STRANGER = "spiffe://cluster.local/ns/other/sa/default"

TOKENS = """
version: 1
server: tickets
endpoints: { port: 8080, mcp: [/mcp] }
callers:
  people: { jwt: { issuer: "https://idp.example.com", audiences: [tickets], jwks_uri: "https://idp.example.com/keys" } }
  release:
    service_accounts: [ci/release]
    jwt: { issuer: "https://ci.example.com", audiences: [tickets], jwks_uri: "https://ci.example.com:8443/keys" }
allow:
  read: { tools: ["get_*"] }
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    directory = tmp_path_factory.mktemp("server")
    argv = [python("py2"), ROOT / "demo/server.py", "--root", directory]
    with Server(argv, directory) as server:
        yield server


@pytest.fixture(scope="module")
def envoy(server: Server, authority: Authority):
    with CompiledEnvoy(emit("envoy", POLICY), server.port, authority) as envoy:
        yield envoy


def run_client(envoy: CompiledEnvoy, authority: Authority, spiffe: str, *tools: str) -> subprocess.CompletedProcess:
    """Runs the client as a caller."""
    files = [authority.certificate, *authority.client(spiffe)]
    program = Path(__file__).with_name("client.py")
    command = [python("py2"), program, f"https://127.0.0.1:{envoy.port}/mcp", *files, *tools]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60)


def test_allowed_passes_and_denied_is_refused(envoy: CompiledEnvoy, server: Server, authority: Authority) -> None:
    server.forget_calls()
    done = run_client(envoy, authority, GATEWAY, "search_code", "system_exec", "get_pull_request")
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["tools"] == ["search_code", "get_pull_request"]
    first, refused, last = seen["calls"]
    assert refused == {"error": -32602, "message": "Unknown tool: system_exec"}
    assert "text" in first and "text" in last
    assert [line for line in server.calls() if line.startswith("ran")] == ["ran search_code", "ran get_pull_request"]


def test_every_call_is_recorded(envoy: CompiledEnvoy, authority: Authority) -> None:
    before = len(envoy.access_log())
    assert run_client(envoy, authority, GATEWAY, "system_exec").returncode == 0
    entries = envoy.access_log(before + 3)[before:]
    [call] = [entry["mcp_guard"] for entry in entries if entry["mcp_guard"].get("gen_ai.tool.name")]
    assert (call["gen_ai.tool.name"], call["decision"], call["reason"]) == ("system_exec", "deny", "tool_not_allowed")
    assert call["caller"] == GATEWAY.removeprefix("spiffe://")


def test_a_stranger_gets_nothing(envoy: CompiledEnvoy, server: Server, authority: Authority) -> None:
    server.forget_calls()
    done = run_client(envoy, authority, STRANGER, "search_code")
    assert '"text"' not in done.stdout
    assert not [line for line in server.calls() if line.startswith("ran")]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda folder: folder.name)
def test_envoy_accepts_the_configuration_of_every_example(
    version: str, example: Path, authority: Authority
) -> None:
    text = emit("envoy", example / "policy.yaml", "--deploy", example / "deploy.yaml")
    done = CompiledEnvoy(text, 1, authority, version=version).validate()
    assert done.returncode == 0, done.stderr


def test_envoy_accepts_issuers_of_tokens(version: str, tmp_path: Path, authority: Authority) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(TOKENS)
    done = CompiledEnvoy(emit("envoy", policy), 1, authority, version=version).validate()
    assert done.returncode == 0, done.stderr
