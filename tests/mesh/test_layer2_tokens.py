"""Layer 2 with callers that need a token beside their peer's certificate."""

import json
import time
from collections.abc import Iterator

import pytest

from tests.env.paths import python
from tests.env.waiting import until
from tests.envoy.jwt import Issuer

from .calls import DENIED, call, ran, refused_by_filter
from .doctor import Doctor
from .evidence import Evidence
from .mesh import GITHUB, Mesh
from .pod import PROGRAMS
from .rollout import apply_stage

LAYER = "2 callers"
URL = f"http://{GITHUB}:8080/mcp"
IDP = "https://idp.example.com"
METADATA = f"{IDP}/.well-known/oauth-protected-resource/github"
WITH_TOKEN = (
    "    user: { header: user-identity }\n",
    "    user: { header: user-identity }\n"
    f"    jwt: {{ issuer: '{IDP}', audiences: [github-mcp], jwks_uri: '{IDP}/jwks.json', resource_metadata: '{METADATA}' }}\n",
)
PAGES = {
    ".well-known_oauth-protected-resource_github": {"resource": URL, "authorization_servers": [IDP]},
    ".well-known_oauth-authorization-server": {
        "issuer": IDP,
        "authorization_endpoint": f"{IDP}/authorize",
        "token_endpoint": f"{IDP}/token",
        "registration_endpoint": f"{IDP}/register",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
    },
    "register": {
        "client_id": "test",
        "redirect_uris": ["http://localhost:9999/callback"],
        "grant_types": ["authorization_code"],
        "token_endpoint_auth_method": "none",
    },
}


@pytest.fixture(scope="module")
def issuer(mesh: Mesh) -> Iterator[Issuer]:
    """The identity provider, and the policy that asks for its tokens."""
    result = Issuer()
    (mesh.outside_pages / "jwks.json").write_text(result.jwks())
    for name, page in PAGES.items():
        (mesh.outside_pages / name).write_text(json.dumps(page))
    token = {"access_token": result.token(claims()), "token_type": "Bearer", "expires_in": 600}
    (mesh.outside_pages / "token").write_text(json.dumps(token))
    apply_stage(mesh, mesh.policy("github-mcp-server", WITH_TOKEN), "enforce", mesh.github)
    until(lambda: ran(with_token(mesh, result)), lambda: with_token(mesh, result).said, 20)
    yield result
    mesh.control.kubectl("delete", "requestauthentications", "--all", "-n", "ai-agents")
    apply_stage(mesh, mesh.policy("github-mcp-server"), "enforce", mesh.github)


def test_doctor_knows_the_rules_about_tokens(mesh: Mesh, issuer: Issuer) -> None:
    # Nobody enforces NetworkPolicies here.
    assert Doctor(mesh, mesh.policy("github-mcp-server", WITH_TOKEN)).look("--wait", "30s", "--accept", "MCP0510").findings == []


def test_token_of_ours(mesh: Mesh, issuer: Issuer) -> None:
    assert ran(with_token(mesh, issuer))
    assert refused_by_filter(with_token(mesh, issuer, what=DENIED))


def test_missing_token_is_told_where_to_get_one(mesh: Mesh, issuer: Issuer, evidence: Evidence) -> None:
    reply = call(mesh.gateway)
    assert reply.status == 401, reply
    assert f'resource_metadata="{METADATA}"' in reply.headers["www-authenticate"]
    assert mesh.github.calls() == []
    evidence.add(LAYER, "no token", "filter", f"401 {reply.headers['www-authenticate']}")


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("an expired token", {"exp": 1_700_000_000}),
        ("a token for another service", {"aud": "another"}),
        ("a token of another issuer", {"iss": "https://other.example.com"}),
    ],
)
def test_wrong_token(mesh: Mesh, issuer: Issuer, evidence: Evidence, what: str, changes: dict) -> None:
    reply = with_token(mesh, issuer, **changes)
    assert reply.status in {401, 403}, reply
    assert mesh.github.calls() == []
    evidence.add(LAYER, what, "RequestAuthentication", reply.said)


def test_token_with_another_key(mesh: Mesh, issuer: Issuer, evidence: Evidence) -> None:
    reply = with_token(mesh, Issuer())
    assert reply.status == 401, reply
    assert mesh.github.calls() == []
    evidence.add(LAYER, "a token that another key signed", "RequestAuthentication", reply.said)


def test_token_in_the_address_is_none(mesh: Mesh, issuer: Issuer, evidence: Evidence) -> None:
    reply = mesh.gateway.ask("POST", GITHUB, 8080, f"/mcp?access_token={issuer.token(claims())}", {"content-type": "application/json"}, "{}")
    assert reply.status in {400, 401, 403}, reply
    assert mesh.github.calls() == []
    evidence.add(LAYER, "a token in the address", "filter", reply.said)


def test_stolen_token_without_the_callers_certificate(mesh: Mesh, issuer: Issuer, evidence: Evidence) -> None:
    reply = call(mesh.other, headers={"authorization": f"Bearer {issuer.token(claims())}"})
    assert reply.status == 403, reply
    assert mesh.github.calls() == []
    evidence.add(LAYER, "the gateway's token, from another pod", "AuthorizationPolicy", reply.said)


def test_sdk_client_completes_oauth_discovery(mesh: Mesh, issuer: Issuer) -> None:
    argv = [python("py1"), PROGRAMS / "oauth_client.py", URL]
    done = mesh.gateway.host.run(argv, seconds=60, env={"SSL_CERT_FILE": str(mesh.outside_certificate)})
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout)
    assert report["sent_to"].startswith(f"{IDP}/authorize?")
    assert report["result"] == "found token"


def test_metadata_of_the_server_needs_no_token(mesh: Mesh, issuer: Issuer) -> None:
    """RFC 9728: a client asks for it before it has one."""
    assert mesh.gateway.ask("GET", GITHUB, 8080, "/.well-known/oauth-protected-resource/mcp").status == 200
    assert mesh.other.ask("GET", GITHUB, 8080, "/.well-known/oauth-protected-resource/mcp").status == 403


def claims(**changes: object) -> dict:
    now = int(time.time())
    return {"iss": IDP, "sub": "alice", "aud": "github-mcp", "iat": now, "exp": now + 600, **changes}


def with_token(mesh: Mesh, issuer: Issuer, what: tuple = ("search_code", {"query": "x"}), **changes: object):
    return call(mesh.gateway, what, headers={"authorization": f"Bearer {issuer.token(claims(**changes))}"})
