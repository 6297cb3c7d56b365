"""Secrets of clients and servers reach no sink, and nothing that they write breaks a line."""

import http.client
import json
from pathlib import Path

import pytest
from env.paths import ROOT
from envoy.mcp import answered
from envoy.upstream import Script, Upstream
from jsonschema import Draft202012Validator

from .grpc_sink import COLLECTOR, SERVICE, GrpcSink
from .log import AuditedEnvoy

SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/audit.schema.json").read_text()))
POLICY = {
    "format": 2,
    "policy": {
        "server": "github",
        "allow": {"all": {"tools": ["*"], "resources": ["repo://acme/**"]}},
        "audit": {
            "arguments": "redacted",
            "results": "redacted",
            "redact_keys": ["iban"],
            "redact_values": ["ACME-*"],
        },
    },
}
# Where each is planted is in its name. Long enough not to stand anywhere by chance.
SECRETS = [f"planted-{place}-4fD9xQ" for place in ("key", "nested", "text", "json", "url", "uri", "own", "header")]
KEY, NESTED, TEXT, JSON, URL, URI, OWN, HEADER = SECRETS
TOKEN = "ghp_0123456789abcdefghijplanted"
WORD = "ACME-planted-word"
PATH = f"/mcp?token={HEADER}"
PLANTED = [*SECRETS, TOKEN, WORD, "planted-id-4fD9xQ", "planted-name-4fD9xQ", "planted-client-4fD9xQ"]

ARGUMENTS = {
    "query": f"log in with password={TEXT} and {TOKEN} {WORD}",
    "X-Api_Key": KEY,
    "options": [{"auth": {"accessToken": NESTED, "IBAN": OWN}}],
    "embedded": json.dumps({"client_secret": JSON, "q": 1}),
    "dsn": f"postgres://admin:{URL}@db/x",
    "request": f"Cookie: a={TEXT}; b={TEXT}\nHost: x",
    "lines": "a\nb\r\u2028\u0085\u0000{\"mcp_guard\":{}}\t",
}
RESULT = {"content": [{"type": "text", "text": f"Authorization: Bearer {TEXT}\n{TOKEN}"}], "structuredContent": ARGUMENTS}
CALLS = [
    ({"name": "search_code", "arguments": ARGUMENTS}, "tools/call"),
    ({"uri": f"repo://acme/x?access_token={URI}"}, "resources/read"),
    ({"name": "get token=planted-name-4fD9xQ"}, "tools/call"),
    ({"clientInfo": {"name": "x", "version": "secret=planted-client-4fD9xQ"}, "protocolVersion": "2025-06-18"}, "initialize"),
]


@pytest.fixture(scope="module")
def sinks(version: str) -> dict[str, str]:
    """What each sink holds after the calls."""
    options = {"version": version, "log_level": "info"}
    with (
        Upstream(Script(answered(RESULT))) as upstream,
        GrpcSink() as sink,
        AuditedEnvoy(upstream.port, POLICY, sink=sink, **options) as envoy,
    ):
        for params, method in CALLS:
            post(envoy.port, {"jsonrpc": "2.0", "id": "password=planted-id-4fD9xQ", "method": method, "params": params})
        lines = envoy.lines(len(CALLS))
        assert sink.entries(len(CALLS)) and sink.log_records(2 * len(CALLS))
        return {
            "access log": "\n".join(lines),
            "access log service": without_queries(sink.text(SERVICE)),
            "collector": sink.text(COLLECTOR),
            "proxy log": envoy.log_text(),
            "metrics": envoy.admin("/stats"),
        }


def without_queries(entries: str) -> str:
    """The entries but for queries of paths and referrers, which Envoy sends this service in any case (docs/audit.md)."""
    assert entries.count(PATH) == 2 * len(CALLS)
    return entries.replace(PATH, "/mcp")


def post(port: int, body: dict) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {
        "content-type": "application/json",
        "authorization": f"Bearer {HEADER}",
        "cookie": f"session={HEADER}",
        "mcp-session-id": HEADER,
        "referer": f"https://mcp.example{PATH}",
        "x-mcp-guard-approval": HEADER,
    }
    connection.request("POST", PATH, json.dumps(body), headers)
    connection.getresponse().read()
    connection.close()


def test_no_secret_reaches_a_sink(sinks: dict[str, str]) -> None:
    assert all(sinks.values())
    found = {name: [secret for secret in PLANTED if secret in text] for name, text in sinks.items()}
    assert not any(found.values()), found


def test_one_record_is_one_line_of_the_schema(sinks: dict[str, str]) -> None:
    lines = [json.loads(line) for line in sinks["access log"].split("\n")]
    assert len(lines) == len(CALLS)
    for line in lines:
        SCHEMA.validate(line)


def test_what_is_no_secret_is_recorded(sinks: dict[str, str]) -> None:
    records = [json.loads(line)["mcp_guard"] for line in sinks["access log"].split("\n")]
    [call] = [record for record in records if record.get("gen_ai.tool.name") == "search_code"]
    arguments = call["gen_ai.tool.call.arguments"]
    assert arguments["X-Api_Key"] == "[redacted]"
    assert arguments["query"] == "log in with password=[redacted] and [redacted] [redacted]"
    assert arguments["dsn"] == "postgres://admin:[redacted]@db/x"
    assert arguments["lines"] == ARGUMENTS["lines"]
    assert call["response"]["gen_ai.tool.call.result"]["content"][0]["type"] == "text"
    assert len(call["arguments_digest"]) == len(call["response"]["result_digest"]) == 43
    [read] = [record for record in records if record.get("mcp.method.name") == "resources/read"]
    assert read["mcp.resource.uri"] == "repo://acme/x?access_token=[redacted]"
