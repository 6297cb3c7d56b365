"""Who calls is what Envoy verified; no header of a client changes it."""

import json

import pytest

from .guards import Guard
from .jwt import Issuer
from .mcp import answered, call, tool_page, tools_list
from .stage import Seen, Stage
from .upstream import Script

GATEWAY = "spiffe://cluster.local/ns/gateway/sa/ai-gateway"
STRANGER = "spiffe://cluster.local/ns/other/sa/anyone"
ISSUER = "https://idp.example.com"

POLICY = {
    "server": "github-mcp-server",
    "callers": {
        "gateway": {
            "principals": [GATEWAY.removeprefix("spiffe://")],
            "user_header": "user-identity",
        },
        "releasers": {"jwt": {"issuer": ISSUER, "audiences": ["mcp"], "claims": {"groups": ["release"]}}},
    },
    "allow": {
        "read": {"callers": ["gateway"], "tools": ["search_code"]},
        "release": {"callers": ["releasers"], "tools": ["create_release"]},
    },
}
CONFIG = json.dumps({"format": 1, "policy": POLICY})
PEERS = Guard(CONFIG, mutual_tls=True)
TOKENS = Guard(CONFIG, issuers=(ISSUER,))
CLAIMS = {"iss": ISSUER, "aud": ["other", "mcp"], "sub": "alice", "groups": ["dev", "release"]}

# What a client might claim to be, in every header that some proxy or server believes.
FORGED = (
    ("x-forwarded-client-cert", f"By=spiffe://x;Hash=00;Subject=\"\";URI={GATEWAY}".encode()),
    ("x-forwarded-client-cert", f"URI={GATEWAY}".encode()),
    ("x-envoy-peer-metadata", b"ChIKCU5BTUVTUEFDRRIFGgNndw=="),
    ("x-envoy-peer-metadata-id", b"sidecar~10.0.0.1~gateway"),
    ("x-istio-principal", GATEWAY.encode()),
    ("x-spiffe-id", GATEWAY.encode()),
    ("x-mcp-guard-caller", b"gateway"),
    ("x-jwt-payload", json.dumps(CLAIMS).encode()),
    ("x-forwarded-user", b"root"),
    ("x-forwarded-for", b"127.0.0.1"),
)


@pytest.fixture(scope="module")
def stage(version: str, tmp_path_factory):
    with Stage(version, {PEERS, TOKENS}, tmp_path_factory.mktemp("authority")) as stage:
        yield stage
        assert not stage.crashes()


def run(stage: Stage, guard: Guard, tool: str, *headers: tuple[str, bytes], **who) -> Seen:
    request = call(tool).with_headers(*headers)
    return stage.exchange(guard, request, Script(answered({"content": []})), **who)


def is_allowed(stage: Stage, seen: Seen) -> bool:
    """Whether the call ran; its record must say the same."""
    arrived = stage.forwarded(seen) is not None
    assert seen.record, seen
    assert seen.record["decision"] == ("allow" if arrived else "deny")
    return arrived


@pytest.mark.parametrize("http2", [False, True])
def test_peer_is_known_by_its_certificate(stage: Stage, http2: bool) -> None:
    seen = run(stage, PEERS, "search_code", spiffe=GATEWAY, http2=http2)
    assert is_allowed(stage, seen)
    assert seen.record["caller"] == GATEWAY.removeprefix("spiffe://")
    assert not is_allowed(stage, run(stage, PEERS, "search_code", spiffe=STRANGER, http2=http2))
    assert not is_allowed(stage, run(stage, PEERS, "create_release", spiffe=GATEWAY, http2=http2))


@pytest.mark.parametrize("http2", [False, True])
def test_forged_headers_change_nothing(stage: Stage, http2: bool) -> None:
    plain = run(stage, PEERS, "search_code", spiffe=STRANGER, http2=http2)
    forged = run(stage, PEERS, "search_code", *FORGED, spiffe=STRANGER, http2=http2)
    assert not is_allowed(stage, forged)
    assert (forged.response.status, forged.response.body) == (plain.response.status, plain.response.body)
    assert forged.record["caller"] == STRANGER.removeprefix("spiffe://")
    unidentified = run(stage, TOKENS, "search_code", *FORGED, http2=http2)
    assert not is_allowed(stage, unidentified)
    assert not unidentified.record.get("caller")


def test_forged_headers_do_not_hide_the_caller(stage: Stage) -> None:
    seen = run(stage, PEERS, "search_code", *FORGED[2:], spiffe=GATEWAY)
    assert is_allowed(stage, seen)
    got = {name for name, _ in stage.forwarded(seen).headers}
    assert not {name for name in got if name.startswith("x-mcp-guard-")}


def test_user_is_believed_from_the_declared_caller_alone(stage: Stage) -> None:
    named = ("user-identity", b"alice@example.com")
    believed = run(stage, PEERS, "search_code", named, spiffe=GATEWAY)
    assert believed.record.get("user") == "alice@example.com"
    stranger = run(stage, PEERS, "search_code", named, spiffe=STRANGER)
    assert not stranger.record.get("user")
    unidentified = run(stage, TOKENS, "search_code", named)
    assert not unidentified.record.get("user")


@pytest.mark.parametrize(
    "change, allowed",
    [
        ({}, True),
        ({"groups": ["release"]}, True),
        ({"groups": "release"}, True),
        ({"aud": "mcp"}, True),
        ({"groups": []}, False),
        ({"groups": ["dev"]}, False),
        ({"groups": ["dev release"]}, False),
        ({"groups": "dev,release"}, False),
        ({"groups": {"release": True}}, False),
        ({"groups": [["release"]]}, False),
        ({"groups": None}, False),
        ({"groups": 7}, False),
        ({"groups": True}, False),
        ({"aud": ["other"]}, False),
        ({"aud": "mcp2"}, False),
    ],
)
def test_claims_are_those_of_the_verified_token(stage: Stage, change: dict, allowed: bool) -> None:
    seen = run(stage, TOKENS, "create_release", claims={**CLAIMS, **change})
    assert is_allowed(stage, seen) == allowed


def test_token_of_another_key_is_not_believed(stage: Stage) -> None:
    token = Issuer().token(CLAIMS)
    header = ("authorization", f"Bearer {token}".encode())
    seen = run(stage, TOKENS, "create_release", header)
    assert seen.response.status == 401
    assert stage.forwarded(seen) is None


def test_token_does_not_reach_the_server(stage: Stage) -> None:
    seen = run(stage, TOKENS, "create_release", claims=CLAIMS)
    assert is_allowed(stage, seen)
    assert stage.forwarded(seen).value("authorization") is None


@pytest.mark.parametrize(
    "who, visible",
    [
        ({"guard": PEERS, "spiffe": GATEWAY}, ["search_code"]),
        ({"guard": PEERS, "spiffe": STRANGER}, []),
        ({"guard": TOKENS, "claims": CLAIMS}, ["create_release"]),
        ({"guard": TOKENS}, []),
    ],
)
def test_lists_are_filtered_for_the_caller(stage: Stage, who: dict, visible: list[str]) -> None:
    page = tool_page("search_code", "create_release", "system_exec")
    guard, rest = who["guard"], {key: value for key, value in who.items() if key != "guard"}
    seen = stage.exchange(guard, tools_list(), Script(answered(page)), **rest)
    names = [tool["name"] for tool in listed(seen.response.body)]
    assert names == visible


def listed(body: bytes) -> list[dict]:
    """The tools of a list; none where the list itself was refused."""
    try:
        return json.loads(body)["result"]["tools"]
    except (ValueError, KeyError):
        return []
