"""The plugin configuration in Envoy: what is wrong is rejected by name, what stands works."""

import json
from dataclasses import replace

import pytest

from env.envoy import Envoy, ProcessFailed
from env.waiting import until

from .client import exchange_once
from .mcp import answered, call, error_of, tool_page, tools_list
from .messages import Request, Response
from .upstream import Script, Upstream

# As it stands in the requirement, byte for byte.
BY_HAND = '{"tool_allowlist": ["search_code", "get_pull_request"]}'
COMPILED = {"format": 1, "policy": {"server": "s", "allow": {"read": {"tools": ["search_code"]}}}}
OBSERVED = {"format": 1, "candidate": COMPILED["policy"]}


def compiled(**change: object) -> str:
    return json.dumps({**COMPILED, "policy": {**COMPILED["policy"], **change}})


def rule(**change: object) -> str:
    return compiled(allow={"read": {"tools": ["search_code"], **change}})


# What is wrong, and what the message must name.
WRONG = {
    "misspelt key by hand": ('{"tool_alowlist": ["a"]}', "tool_alowlist"),
    "misspelt key beside a right one": ('{"tool_allowlist": ["a"], "tols": []}', "tols"),
    "wrong type by hand": ('{"tool_allowlist": "search_code"}', "tool_allowlist"),
    "wrong type of an item": ('{"tool_allowlist": [7]}', "tool_allowlist"),
    "repeated key": ('{"tool_allowlist": ["a"], "tool_allowlist": ["b"]}', "key"),
    "misspelt key at the top": (json.dumps({**COMPILED, "polcy": {}}), "polcy"),
    "misspelt key of the policy": (compiled(alow={}), "alow"),
    "misspelt key of a rule": (rule(tolls=["x"]), "tolls"),
    "wrong type in the policy": (compiled(server=7), "server"),
    "wrong type in a rule": (rule(tools="search_code"), "tools"),
    "wrong type of a limit": (compiled(limits={"request_bytes": "1 MiB"}), "request_bytes"),
    "unknown approval": (rule(approval="maybe"), "approval"),
    "undeclared caller": (rule(callers=["nobody"]), "nobody"),
    "broken glob": (rule(tools=["[a"]), "[a"),
    "higher format": (json.dumps({**COMPILED, "format": 3}), "format"),
    "format zero": (json.dumps({**COMPILED, "format": 0}), "format"),
    "format as text": (json.dumps({**COMPILED, "format": "1"}), "format"),
    "no format": (json.dumps({"policy": COMPILED["policy"]}), "format"),
    "neither policy nor candidate": ('{"format": 1}', "policy"),
    "empty": ("", "empty"),
    "white space": (" \n", "empty"),
    "an empty object": ("{}", "format"),
    "null": ("null", "configuration"),
    "a list": ("[]", "configuration"),
    "no JSON": ("tool_allowlist: [a]", "configuration"),
    "cut off": (BY_HAND[:-1], "configuration"),
    "something after it": (BY_HAND + "{}", "configuration"),
}


# Starting an Envoy for each takes its time: the rest arrive as updates of one.
VALIDATED = ["misspelt key by hand", "wrong type in the policy", "higher format", "empty"]


@pytest.mark.parametrize("wrong", VALIDATED)
def test_validation_rejects_by_name(version: str, wrong: str) -> None:
    config, name = WRONG[wrong]
    done = Envoy(1, config, version=version).validate()
    assert done.returncode != 0
    assert any(name in message for message in messages(log(done))), log(done)


@pytest.fixture(scope="module")
def updated(version: str, tmp_path_factory):
    """An Envoy that takes its configuration from a file; the server answers every call."""
    file = tmp_path_factory.mktemp("ecds") / "ecds.json"
    with Upstream(Script(answered({"content": []}))) as upstream:
        with Envoy(upstream.port, BY_HAND, version=version, ecds_file=file) as envoy:
            yield envoy, upstream


@pytest.mark.parametrize("wrong", WRONG)
def test_update_is_rejected_by_name_and_the_old_policy_stays(updated, wrong: str) -> None:
    envoy, upstream = updated
    config, name = WRONG[wrong]
    before, arrived = rejections(envoy), len(upstream.whole[""])
    said = len(envoy.log_text())
    envoy.update(config)
    until(lambda: rejections(envoy) > before, envoy.log_text)
    new = envoy.log_text()[said:]
    assert any(name in message for message in messages(new)), new
    assert error_of(run(envoy, call("system_exec")).body)
    assert run(envoy, call("search_code")).status == 200
    assert len(upstream.whole[""]) == arrived + 1


@pytest.mark.parametrize("config", [BY_HAND, json.dumps(COMPILED), json.dumps(OBSERVED)])
def test_right_configuration_is_accepted(version: str, config: str) -> None:
    done = Envoy(1, config, version=version).validate()
    assert done.returncode == 0, log(done)


def test_envoy_does_not_start_with_a_wrong_configuration(version: str) -> None:
    with pytest.raises(ProcessFailed, match="tool_alowlist"):
        with Envoy(1, '{"tool_alowlist": []}', version=version):
            pass


def test_allowlist_by_hand_works_as_it_stands(version: str) -> None:
    with Upstream(Script(answered({"content": []}))) as upstream:
        with Envoy(upstream.port, BY_HAND, version=version) as envoy:
            for path in ("/mcp", "/", "/rpc?x=1"):
                for tool in ("search_code", "get_pull_request"):
                    assert run(envoy, call(tool), path).body == answered({"content": []}).body
                refused = run(envoy, call("system_exec"), path)
                assert error_of(refused.body)["message"] == "Unknown tool: system_exec"
    assert len(upstream.whole[""]) == 6


def test_allowlist_by_hand_filters_lists(version: str) -> None:
    page = tool_page("search_code", "system_exec", "get_pull_request")
    with Upstream(Script(answered(page))) as upstream:
        with Envoy(upstream.port, BY_HAND, version=version) as envoy:
            listed = json.loads(run(envoy, tools_list()).body)["result"]["tools"]
    assert [tool["name"] for tool in listed] == ["search_code", "get_pull_request"]


def rejections(envoy: Envoy) -> int:
    """How many updates Envoy has rejected."""
    counter = "extension_config_discovery.http_filter.mcp_guard.update_rejected"
    return sum(value for name, value in envoy.stats().items() if name.endswith(counter))


def messages(text: str) -> list[str]:
    """What the filter itself wrote into Envoy's log."""
    return [line for line in text.splitlines() if "wasm log" in line]


def run(envoy: Envoy, request: Request, path: str = "/mcp") -> Response:
    return exchange_once(envoy.port, replace(request, path=path))


def log(done) -> str:
    return done.stdout + done.stderr
