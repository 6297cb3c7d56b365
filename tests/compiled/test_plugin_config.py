"""The compiled plugin configuration of every example, and what breaks it, judged by Envoy."""

import json
from pathlib import Path
from typing import Any

import pytest
from env.compiler import EXAMPLES, emit
from env.envoy import Envoy

# What is changed, and what the filter's message must name.
BROKEN: dict[str, tuple[list, Any, str]] = {
    "a misspelt key": (["policy", "alow"], {}, "alow"),
    "a misspelt key of a rule": (["policy", "allow", "x"], {"tool": []}, "tool"),
    "an unknown format": (["format"], 999, "format"),
    "a wrong type": (["policy", "allow"], [], "allow"),
    "an invalid pattern": (["policy", "allow", "x"], {"tools": ["[x"]}, "[x"),
    "an unknown caller": (["policy", "allow", "x"], {"callers": ["nobody"], "tools": ["x"]}, "nobody"),
    "a limit below zero": (["policy", "limits"], {"request_bytes": -1}, "request_bytes"),
}


def plugin_config(example: Path) -> dict:
    text = emit("plugin-config", example / "policy.yaml", "--deploy", example / "deploy.yaml")
    return json.loads(text)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda folder: folder.name)
def test_every_example_is_accepted(version: str, example: Path) -> None:
    done = Envoy(1, plugin_config(example), version=version).validate()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda folder: folder.name)
@pytest.mark.parametrize("mistake", BROKEN)
def test_every_broken_one_is_rejected_with_our_message(example: Path, mistake: str) -> None:
    config = plugin_config(example)
    path, value, named = BROKEN[mistake]
    place = config
    for key in path[:-1]:
        place = place.setdefault(key, {})
    place[path[-1]] = value
    done = Envoy(1, config).validate()
    assert done.returncode != 0
    said = [line for line in (done.stdout + done.stderr).splitlines() if "wasm log" in line]
    assert any(named in line for line in said), said
