"""An Envoy whose access log is the one that the compiler writes; the documented other sinks get it, too."""

import json
from pathlib import Path
from typing import Any

import yaml
from env.envoy import Envoy
from env.paths import ROOT
from env.waiting import awaited

from .grpc_sink import GrpcSink
from .providers import CLUSTER, loggers

EXAMPLE = ROOT / "istio-manifests/github-mcp-server/envoy.yaml"


def compiled_format() -> dict:
    """The log's format in the compiled example."""
    config = yaml.safe_load(EXAMPLE.read_text())
    chain = config["static_resources"]["listeners"][0]["filter_chains"][0]
    return chain["filters"][0]["typed_config"]["access_log"][0]["typed_config"]["log_format"]


class AuditedEnvoy(Envoy):
    """As `Envoy`, with that format."""

    def __init__(self, *arguments: Any, sink: GrpcSink | None = None, **options: Any):
        super().__init__(*arguments, extra_clusters=[sink.cluster(CLUSTER)] if sink else [], **options)
        self._loggers = loggers() if sink else []

    def lines(self, count: int, seconds: float = 20.0) -> list[str]:
        """The lines of the log, as soon as there are so many; a line ends in a line feed and nothing else."""
        awaited(lambda: len(self._lines()) >= count, seconds)
        return self._lines()

    def _lines(self) -> list[str]:
        path = self.directory / "access.log"
        text = path.read_bytes().decode() if path.exists() else ""
        return text.split("\n")[:-1]

    def _command(self) -> list:
        command = super()._command()
        path = Path(command[2])
        config = json.loads(path.read_text())
        chain = config["static_resources"]["listeners"][0]["filter_chains"][0]
        logs = chain["filters"][0]["typed_config"]["access_log"]
        [log] = logs
        log["typed_config"]["log_format"] = compiled_format()
        logs += self._loggers
        path.write_text(json.dumps(config))
        return command
