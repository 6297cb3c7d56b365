"""Every configuration block of the filter's README, loaded into Envoy."""

import json
import re

import pytest
import yaml

from env.envoy import Envoy
from env.paths import ROOT, WASM

README = (ROOT / "filter/README.md").read_text()
BLOCKS = re.findall(r"^```(\w+) (\w+) ?(.*)\n([\s\S]*?)^```$", README, re.MULTILINE)


def blocks(kind: str) -> list[tuple[str, str]]:
    """The texts of one kind, each with what stands behind the kind."""
    return [(argument, text) for _, found, argument, text in BLOCKS if found == kind]


def test_the_readme_has_blocks_of_each_kind() -> None:
    assert {kind for _, kind, _, _ in BLOCKS} == {"config", "rejected", "plugin", "envoy"}


@pytest.mark.parametrize("config", [text for _, text in blocks("config")])
def test_configuration_is_accepted(version: str, config: str) -> None:
    done = Envoy(1, config, version=version).validate()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("told", "config"), blocks("rejected"))
def test_configuration_is_rejected(version: str, told: str, config: str) -> None:
    done = Envoy(1, config, version=version).validate()
    assert done.returncode != 0
    said = [line for line in (done.stdout + done.stderr).splitlines() if "wasm log" in line]
    assert any(told in line for line in said), said


@pytest.mark.parametrize("plugin", [text for _, text in blocks("plugin")])
def test_plugin_configuration_of_the_object_is_accepted(version: str, plugin: str) -> None:
    config = yaml.safe_load(plugin)["spec"]["pluginConfig"]
    done = Envoy(1, json.dumps(config), version=version).validate()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("text", [text for _, text in blocks("envoy")])
def test_envoy_filter_is_accepted(version: str, text: str) -> None:
    shown = yaml.safe_load(text)
    shown["typed_config"]["config"]["vm_config"]["code"]["local"]["filename"] = str(WASM)
    done = Envoy(1, None, version=version, extra_filters_before=[shown]).validate()
    assert done.returncode == 0, done.stderr
