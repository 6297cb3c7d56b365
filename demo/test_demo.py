"""Every step of the demo, by what the client got and what the server's own log says."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from env.envoy import Envoy  # noqa: E402
from run import compiled_policy  # noqa: E402
from steps import APPROVAL, FILES, STEPS, Outcome, github, walk  # noqa: E402

SHADOW = FILES["etc/shadow"]
ALLOW_ALL = {
    "format": 1,
    "policy": {
        "allow": {"everything": {"tools": ["*"], "resources": ["file:///**"], "prompts": ["*"], "approval": "none"}}
    },
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with github(tmp_path_factory.mktemp("demo")) as server:
        yield server


@pytest.fixture(scope="module")
def direct(server) -> dict[str, Outcome]:
    return by_step(walk(server))


@pytest.fixture(scope="module")
def guarded(server) -> dict[str, Outcome]:
    with Envoy(server.port, compiled_policy()) as envoy:
        return by_step(walk(server, envoy))


@pytest.fixture(scope="module")
def permitted(server) -> dict[str, Outcome]:
    with Envoy(server.port, ALLOW_ALL) as envoy:
        return by_step(walk(server, envoy))


def by_step(outcomes) -> dict[str, Outcome]:
    return {outcome.step.id: outcome for outcome in outcomes}


def test_directly_the_shadow_tool_is_offered_and_runs(direct) -> None:
    assert "system_exec" in names(direct["list"])
    assert direct["shadow"].server == ["ran system_exec"]
    assert direct["traversal"].client == {"text": SHADOW}
    assert direct["encoded"].client == {"text": SHADOW}
    assert direct["destructive"].server == ["ran delete_branch"]


def check_list(outcome: Outcome) -> None:
    assert names(outcome) == ["search_code", "get_pull_request", "delete_branch"]
    flagged = {tool["name"]: tool["meta"].get(APPROVAL) for tool in outcome.client["tools"] if tool["destructive"]}
    assert flagged == {"delete_branch": "required"}
    # The server did offer it: the guard took it out.
    assert "system_exec" in outcome.server[0]


def check_allowed(outcome: Outcome) -> None:
    assert "src/login.rs" in outcome.client.get("text", "")
    assert outcome.server == ["ran search_code"]
    assert_record(outcome, "allow", "allowed", "read-code")


def check_shadow(outcome: Outcome) -> None:
    assert outcome.client == {"error": {"code": -32602, "message": "Unknown tool: system_exec"}}
    assert outcome.server == []
    assert_record(outcome, "deny", "tool_not_allowed")


def check_resource(outcome: Outcome) -> None:
    assert outcome.client == {"text": FILES["srv/docs/guide.md"]}
    assert outcome.server == ["read /srv/docs/guide.md"]
    assert_record(outcome, "allow", "allowed", "read-docs")


def check_traversal(outcome: Outcome) -> None:
    assert outcome.client.get("error", {}).get("message") == "Resource not found"
    assert outcome.server == []
    assert_record(outcome, "deny", "uri_rejected")


def check_destructive(outcome: Outcome) -> None:
    assert "approval" in outcome.client.get("tool_error", "")
    assert outcome.server == []
    assert_record(outcome, "deny", "approval_required", "branches")


CHECKS = {
    "list": check_list,
    "allowed": check_allowed,
    "shadow": check_shadow,
    "resource": check_resource,
    "traversal": check_traversal,
    "encoded": check_traversal,
    "destructive": check_destructive,
    "again": check_allowed,
}


def test_every_step_is_checked() -> None:
    assert list(CHECKS) == [step.id for step in STEPS]


@pytest.mark.parametrize("step", CHECKS)
def test_guarded(guarded, step: str) -> None:
    CHECKS[step](guarded[step])


@pytest.mark.parametrize("step", ["list", "shadow", "destructive"])
def test_the_checks_fail_when_the_policy_allows_everything(permitted, step: str) -> None:
    with pytest.raises(AssertionError):
        CHECKS[step](permitted[step])


@pytest.mark.parametrize("step", ["traversal", "encoded"])
def test_no_policy_makes_a_traversal_pass(permitted, step: str) -> None:
    CHECKS[step](permitted[step])


def names(outcome: Outcome) -> list[str]:
    return [tool["name"] for tool in outcome.client["tools"]]


def assert_record(outcome: Outcome, decision: str, reason: str, rule: str | None = None) -> None:
    assert outcome.guard is not None
    assert (outcome.guard["decision"], outcome.guard["reason"]) == (decision, reason)
    if rule:
        assert outcome.guard["rule"] == rule
