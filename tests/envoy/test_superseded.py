"""Streams that are open when another policy comes into force: those that it forbids end, the others go on."""

import json
from pathlib import Path

import pytest
from env.paths import ROOT
from jsonschema import Draft202012Validator

from .mcp import call, posted
from .opened import LISTEN
from .scene import Scene, ends, go_on, policy

SCHEMA = json.loads((ROOT / "docs/audit.schema.json").read_text())
BOTH = policy("deploy", "search")
SEARCH = policy("search")
OBSERVED = {"format": 1, "candidate": SEARCH["policy"]}
GATEWAY = "cluster.local/ns/gateway/sa/ai-gateway"
BOT = "cluster.local/ns/other/sa/bot"
ISSUER = "https://idp.example.com"


@pytest.mark.parametrize("http2", [False, True], ids=["http1", "http2"])
def test_what_is_forbidden_ends_though_it_is_idle(version: str, tmp_path: Path, http2: bool) -> None:
    with Scene(version, tmp_path, BOTH, http2) as scene:
        forbidden = [scene.open(call("deploy")) for _ in range(3)]
        permitted = [scene.open(call("search")), scene.open(LISTEN)]
        since = scene.update(SEARCH)
        for opened in forbidden:
            ends(opened, since)
        go_on(*permitted)
        records = [scene.record(opened) for opened in forbidden + permitted]
        stats = {name: value for name, value in scene.envoy.stats().items() if "ended_streams" in name}
    for record in records:
        Draft202012Validator(SCHEMA).validate({"start_time": "", "mcp_guard": record})
    broken = {"outcome": "broken_off", "reason": "policy_superseded"}
    assert [record["response"] for record in records] == [broken] * 3 + [{"outcome": "passed"}] * 2
    first, last = records[0], records[-1]
    assert first["decision"] == "allow" and "superseded" not in last
    later = first["superseded"]
    assert (later["decision"], later["reason"]) == ("deny", "tool_not_allowed")
    assert later["policy"] not in (first["policy"], "")
    assert sum(stats.values()) == 3 and all("tool_not_allowed" in name for name in stats), stats


@pytest.mark.parametrize("http2", [False, True], ids=["http1", "http2"])
def test_a_caller_is_found_out_anew(version: str, tmp_path: Path, http2: bool) -> None:
    """By what Envoy verified: not by the name or the place that it had in the older policy."""
    callers = {"a-bot": {"principals": [BOT]}, "gateway": {"principals": [GATEWAY]}}
    renamed = {"a-bot": {"principals": [GATEWAY]}}
    with Scene(version, tmp_path, policy("search", callers=callers), http2, mutual_tls=True) as scene:
        off = [scene.open(request, caller=BOT) for request in (LISTEN, call("search"))]
        on = [scene.open(request, caller=GATEWAY) for request in (LISTEN, call("search"))]
        since = scene.update(policy("search", callers=renamed))
        for opened in off:
            ends(opened, since)
        go_on(*on)
        assert scene.record(off[0])["superseded"]["reason"] == "caller_not_identified"


def test_a_token_is_read_anew(version: str, tmp_path: Path) -> None:
    """Also a claim that the older policy did not ask for."""

    def config(**claims: list[str]) -> dict:
        return policy("search", callers={"people": {"jwt": {"issuer": ISSUER, "audiences": ["mcp"], "claims": claims}}})

    with Scene(version, tmp_path, config(), issuer=ISSUER) as scene:
        off = scene.open(LISTEN, aud="mcp", sub="alice", groups=["dev"])
        on = scene.open(LISTEN, aud="mcp", sub="bob", groups=["dev", "release"])
        ends(off, scene.update(config(groups=["release"])))
        go_on(on)


def test_a_server_that_is_switched_off_keeps_no_stream(version: str, tmp_path: Path) -> None:
    elsewhere = policy("search", endpoints=[{"path": "/elsewhere", "kind": "streamable"}])
    with Scene(version, tmp_path, SEARCH) as scene:
        streams = [scene.open(LISTEN), scene.open(call("search"))]
        since = scene.update(elsewhere)
        for opened in streams:
            ends(opened, since)


def test_subscriptions_are_judged_by_their_resources(version: str, tmp_path: Path) -> None:
    def config(pattern: str) -> dict:
        return {"format": 1, "policy": {"server": "s", "allow": {"some": {"resources": [pattern]}}}}

    def subscribed(uri: str):
        meta = {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "c", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        params = {"_meta": meta, "notifications": {"resourceSubscriptions": [uri]}}
        headers = [("mcp-protocol-version", b"2026-07-28"), ("mcp-method", b"subscriptions/listen")]
        return posted({"method": "subscriptions/listen", "params": params}).with_headers(*headers)

    with Scene(version, tmp_path, config("repo://acme/**")) as scene:
        off, on = scene.open(subscribed("repo://acme/secret")), scene.open(subscribed("repo://acme/docs/a"))
        ends(off, scene.update(config("repo://acme/docs/**")))
        go_on(on)


def test_an_answer_that_begins_after_the_change_ends_too(version: str, tmp_path: Path) -> None:
    with Scene(version, tmp_path, BOTH) as scene:
        off, on = scene.open(call("deploy"), head=False), scene.open(call("search"), head=False)
        scene.update(SEARCH)
        go_on(scene.open(LISTEN))
        for opened in (off, on):
            opened.source.open()
        opened_at = off.expect(0)
        ends(off, opened_at)
        go_on(on)


def test_who_only_watches_ends_nothing(version: str, tmp_path: Path) -> None:
    with Scene(version, tmp_path, BOTH) as scene:
        stream = scene.open(call("deploy"))
        scene.update(OBSERVED)
        go_on(stream)


def test_what_was_let_pass_by_who_only_watched_ends(version: str, tmp_path: Path) -> None:
    with Scene(version, tmp_path, OBSERVED) as scene:
        off, on = scene.open(call("deploy")), scene.open(call("search"))
        ends(off, scene.update(SEARCH))
        go_on(on)


def test_a_configuration_that_is_rejected_ends_nothing(version: str, tmp_path: Path) -> None:
    """The policy in force stays, for streams as for requests."""
    with Scene(version, tmp_path, BOTH) as scene:
        stream = scene.open(call("deploy"))
        scene.reject({"format": 1, "policy": {"alow": {}}})
        go_on(stream, scene.open(call("deploy")))
