"""A mesh with another trust domain than `cluster.local`, which Istio takes for a name of all of them."""

from collections.abc import Iterator

import pytest

from tests.env.waiting import awaited

from .calls import DENIED, call, ran, refused_by_filter
from .doctor import Doctor
from .evidence import Evidence
from .mesh import Mesh
from .rollout import apply_stage

DOMAIN = "prod.example.com"
TRUSTED = ("selector: { app: github-mcp-server }\n", f"selector: {{ app: github-mcp-server }}\ntrust_domains: [{DOMAIN}]\n")


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Mesh]:
    """A mesh of its own."""
    with Mesh(trust_domain=DOMAIN, pods=("gateway", "github", "other")) as mesh:
        apply_stage(mesh, mesh.policy("github-mcp-server", TRUSTED), "enforce", mesh.github)
        yield mesh


def test_callers_of_another_trust_domain(elsewhere: Mesh, evidence: Evidence) -> None:
    assert ran(call(elsewhere.gateway, headers={"x-request-id": "trust"}))
    assert refused_by_filter(call(elsewhere.gateway, DENIED))
    assert call(elsewhere.other).status == 403
    record = awaited(lambda: next((one for one in elsewhere.github.records() if one.get("request_id") == "trust"), None))
    assert record["caller"] == f"{DOMAIN}/ns/gateway/sa/ai-gateway"
    evidence.add("2 callers", f"another pod, trust domain {DOMAIN}", "AuthorizationPolicy", "403; the gateway is let in")


def test_doctor_knows_the_names_of_a_principal(elsewhere: Mesh) -> None:
    look = ("--wait", "30s", "--accept", "MCP0510")
    assert Doctor(elsewhere, elsewhere.policy("github-mcp-server", TRUSTED)).look(*look).findings == []
    # To a deployment that does not know the domain, its peers are strangers.
    seen = Doctor(elsewhere, elsewhere.policy("github-mcp-server")).look("--accept", "MCP0510")
    assert "callers MCP0506" in seen.codes, seen.findings
