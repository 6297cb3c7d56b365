"""The guard's policy for the benchmark: `full.yaml`, and the same with fewer or more tools."""

import copy
from dataclasses import dataclass

from .messages import CALLED_TOOL

FULL_SIZE = 1000
"""Tool names in `full.yaml`."""
APPROVER = {
    "kty": "OKP", "crv": "Ed25519", "kid": "rfc8037", "alg": "EdDSA",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}
"""The public key of RFC 8037, appendix A.2."""


@dataclass(frozen=True)
class Contents:
    """How much a policy holds."""

    names: int
    globs: int
    uris: int


def contents(config: dict) -> Contents:
    """Counts what stands in a plugin configuration."""
    policy = config["policy"]
    rules = [*policy["allow"].values(), *policy["deny"].values()]
    patterns = {tool for rule in rules for tool in rule.get("tools", []) if is_glob(tool)}
    names = {tool for rule in policy["allow"].values() for tool in rule.get("tools", []) if not is_glob(tool)}
    return Contents(len(names), len(patterns), sum(len(rule.get("resources", [])) for rule in rules))


def resized(config: dict, count: int) -> dict:
    """The configuration with `count` tool names: those of the called tool's rule, and generated ones."""
    config = copy.deepcopy(config)
    rules = config["policy"]["allow"]
    kept = next(name for name, rule in rules.items() if CALLED_TOOL in rule.get("tools", []))
    for name in list(rules):
        tools = rules[name].get("tools", [])
        if name == kept or not tools:
            continue
        rules[name]["tools"] = [tool for tool in tools if is_glob(tool)]
        if not rules[name]["tools"]:
            del rules[name]
    more = count - len(rules[kept]["tools"])
    if more > 0:
        rules["generated"] = {"tools": generated_names(more)}
    return config


def with_approvals(config: dict) -> dict:
    """The configuration in which calls that wait for a human can be approved."""
    config = copy.deepcopy(config)
    config["format"] = 2
    config["policy"]["approvals"] = {"issuers": {"https://approve.example.com": {"keys": [APPROVER]}}}
    return config


def without_callers(config: dict) -> dict:
    """The configuration for a listener that knows nobody: rules hold for everyone."""
    config = copy.deepcopy(config)
    policy = config["policy"]
    policy.pop("callers", None)
    for rule in [*policy["allow"].values(), *policy["deny"].values()]:
        rule.pop("callers", None)
    return config


def generated_names(count: int) -> list[str]:
    """Tool names that differ in the middle, as those of generated servers do."""
    return [f"warehouse_read_{number:05}_rows" for number in range(count)]


def is_glob(name: str) -> bool:
    return any(character in name for character in "*?[")
