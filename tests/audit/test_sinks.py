"""The record is the same object wherever the access log goes, and what each sink is told beside it."""

import json
from dataclasses import dataclass

import pytest
from envoy.client import exchange_once
from envoy.jwt import Issuer
from envoy.mcp import answered, call, tool_page, tools_list
from envoy.upstream import Script, Upstream

from . import protobuf
from .grpc_sink import Entry, GrpcSink, LogRecord
from .log import AuditedEnvoy
from .providers import GROUP
from .test_rebuild import BANNED

KEY = "wasm.mcp_guard"
TYPE = "type.googleapis.com/google.protobuf.Struct"
ISSUER = "https://idp.example.com"
CLAIMS = {"iss": ISSUER, "sub": "alice", "groups": ["dev"], "shoe_size": 43}
POLICY = {
    "format": 2,
    "policy": {
        "server": "github",
        "callers": {"developers": {"jwt": {"issuer": ISSUER, "claims": {"groups": ["dev"]}}}},
        "allow": {"read": {"callers": ["developers"], "tools": ["search_code", "delete_branch"]}},
        "audit": {"arguments": "redacted", "results": "redacted"},
    },
}
ARGUMENTS = {"q": "ü\n", "password": "x", "deep": [1, -2.5, None, True, False, [], {}, {"a": [""]}], "big": 2**40}
REQUESTS = {
    "allowed": call("search_code", "a", **ARGUMENTS),
    "denied": call("system_exec"),
    "held": call("delete_branch", branch="main"),
    "filtered": tools_list(),
    "banned": call("search_code").with_headers(("x-banned", b"yes")),
}
DECISIONS = {
    "allowed": ("allow", "allowed"),
    "denied": ("deny", "tool_not_allowed"),
    "held": ("deny", "approval_required"),
    "filtered": ("allow", "allowed"),
}
REFUSED = "rbac_access_denied_matched_policy[banned]"


@dataclass
class Sinks:
    """What each got, by the request's id."""

    file: dict[str, dict]
    service: dict[str, Entry]
    collector: dict[str, LogRecord]
    grouped: dict[str, dict]


@pytest.fixture(scope="module")
def sinks(version: str) -> Sinks:
    issuer = Issuer()
    options = {"version": version, "extra_filters_before": [*issuer.filters((ISSUER,)), BANNED]}
    with (
        Upstream(Script(answered(tool_page("search_code", "system_exec")))) as upstream,
        GrpcSink() as sink,
        AuditedEnvoy(upstream.port, POLICY, sink=sink, **options) as envoy,
    ):
        token = f"Bearer {issuer.token(CLAIMS)}".encode()
        for name, request in REQUESTS.items():
            headers = ("authorization", token), ("x-request-id", name.encode())
            exchange_once(envoy.port, request.with_headers(*headers))
        return collected(envoy.lines(len(REQUESTS)), sink)


def collected(lines: list[str], sink: GrpcSink) -> Sinks:
    count = len(REQUESTS)
    # One of each kind for every request.
    records = sink.log_records(2 * count)
    flat = [record for record in records if GROUP not in record.attributes]
    grouped = [record.attributes for record in records if GROUP in record.attributes]
    found = Sinks(
        {line["request_id"]: line for line in map(json.loads, lines)},
        {entry.request_id: entry for entry in sink.entries(count)},
        {record.attributes["request_id"]: record for record in flat},
        {attributes[GROUP]["request_id"]: attributes for attributes in grouped},
    )
    for sink_name, by_request in vars(found).items():
        assert set(by_request) == set(REQUESTS), sink_name
    return found


@pytest.mark.parametrize("name", DECISIONS)
def test_each_call_is_decided_as_it_should(sinks: Sinks, name: str) -> None:
    record = sinks.file[name]["mcp_guard"]
    assert (record["decision"], record["reason"]) == DECISIONS[name]


@pytest.mark.parametrize("name", DECISIONS)
def test_the_access_log_service_gets_the_files_object(sinks: Sinks, name: str) -> None:
    [(key, (kind, value))] = sinks.service[name].filter_state.items()
    assert (key, kind) == (KEY, TYPE)
    assert same(protobuf.struct_object(value), sinks.file[name]["mcp_guard"])


@pytest.mark.parametrize("name", DECISIONS)
def test_the_collector_gets_the_files_object_as_json(sinks: Sinks, name: str) -> None:
    body = json.loads(sinks.collector[name].body)
    assert same(body, {"@type": TYPE, "value": sinks.file[name]["mcp_guard"]})


@pytest.mark.parametrize("name", DECISIONS)
def test_the_collectors_attributes_are_the_members_texts(sinks: Sinks, name: str) -> None:
    attributes = sinks.collector[name].attributes
    assert attributes == {key: member(sinks.file[name], key) for key in attributes}
    assert {"decision", "reason", "response.outcome"} < set(attributes)
    assert attributes["token_subject"] == "alice"


@pytest.mark.parametrize("name", REQUESTS)
def test_attributes_can_be_one_object(sinks: Sinks, name: str) -> None:
    assert sinks.grouped[name] == {GROUP: sinks.collector[name].attributes}


def test_the_objects_hold_every_kind_of_value(sinks: Sinks) -> None:
    arguments = sinks.file["allowed"]["mcp_guard"]["gen_ai.tool.call.arguments"]
    assert same(arguments, {**ARGUMENTS, "password": "[redacted]"})
    assert sinks.file["allowed"]["mcp_guard"]["caller_names"] == ["developers"]
    assert sinks.file["filtered"]["mcp_guard"]["response"]["removed"]["tools"]["names"] == ["system_exec"]


def test_what_the_mesh_refused_is_told_without_a_record(sinks: Sinks) -> None:
    refused = {"schema": 2, "decision": "refused_by_mesh", "reason": REFUSED}
    assert sinks.file["banned"]["mcp_guard"] == refused
    assert (sinks.service["banned"].filter_state, sinks.service["banned"].details) == ({}, REFUSED)
    assert sinks.collector["banned"].body == "-"
    attributes = sinks.collector["banned"].attributes
    assert (attributes["decision"], attributes["reason"]) == ("refused_by_mesh", REFUSED)
    assert attributes["gen_ai.tool.name"] == attributes["token_subject"] == attributes["response.outcome"] == "-"


def test_the_access_log_service_alone_is_told_the_tokens_claims(sinks: Sinks) -> None:
    [payload] = [filters["payload"] for filters in sinks.service["allowed"].metadata.values() if "payload" in filters]
    assert payload["shoe_size"] == 43
    for other in (sinks.file["allowed"], vars(sinks.collector["allowed"])):
        assert "shoe_size" not in json.dumps(other)


def same(one: object, other: object) -> bool:
    """Whether two values are the same JSON; for Python, 1 equals True."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def member(line: dict, name: str) -> str:
    """What an attribute of this name holds: the line's member, or the record's; `-` for none."""
    record = line["mcp_guard"]
    outer, _, inner = name.partition(".")
    value = {**line, **record}.get(name) or record.get(outer, {}).get(inner)
    return "-" if value is None else str(value)
