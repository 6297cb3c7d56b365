"""Envoys with our filter whose metrics are read: in every version, and with and without the mesh's tags."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from env.compiler import emit
from env.paths import ROOT, envoy_version
from envoy.guards import Guard
from envoy.mcp import answered
from envoy.messages import Request
from envoy.stage import Seen, Stage
from envoy.upstream import Script

MESH_CONFIG = ROOT / "istio-manifests/github-mcp-server/mesh-config.yaml"
VERSIONS = (os.environ.get("ENVOY_VERSIONS") or envoy_version()).split()
POLICY = """\
version: 1
server: github
endpoints: { port: 8080, mcp: [/mcp] }
allow:
  read: { tools: [search_code] }
  publish: { tools: [publish_release], approval: notify }
"""


class Sidecar:
    """One Envoy with the guard, and a server behind it."""

    def __init__(self, stage: Stage, guard: Guard):
        self._stage = stage
        self._guard = guard
        self.port = stage.envoy.admin_port

    def exchange(self, request: Request, script: Script = Script(answered({"content": []}))) -> Seen:
        """Sends a request, which the server answers by `script`."""
        return self._stage.exchange(self._guard, request, script)

    def metrics(self) -> str:
        """What Prometheus scrapes."""
        return self._stage.envoy.admin("/stats/prometheus")


@contextmanager
def sidecar(version: str, tagged: bool, directory: Path) -> Iterator[Sidecar]:
    """Starts one. `tagged`: the filter's tags are labels, as in a mesh with the compiled configuration."""
    directory.mkdir()
    guard = Guard(json.dumps(plugin_config(directory)))
    with Stage(version, {guard}, directory, stat_tags=mesh_tags() if tagged else ()) as stage:
        yield Sidecar(stage, guard)


def plugin_config(directory: Path) -> dict:
    """The policy, and a candidate beside it that refuses everything."""
    policy = directory / "policy.yaml"
    policy.write_text(POLICY)
    config = json.loads(emit("plugin-config", policy))
    return {**config, "candidate": {**config["policy"], "allow": {}}}


def mesh_tags() -> tuple[str, ...]:
    """The tags that the compiled mesh configuration names."""
    return tuple(yaml.safe_load(MESH_CONFIG.read_text())["defaultConfig"]["extraStatTags"])
