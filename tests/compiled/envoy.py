"""Envoy with the configuration that the compiler wrote, changed where its first lines say it may be."""

import json
import shutil
from pathlib import Path

import yaml
from env.certificates import Authority
from env.envoy import Envoy
from env.paths import WASM, must_exist

PLACES = "/etc/mcp-guard/tls"


class CompiledEnvoy(Envoy):
    """`Envoy`, but for its configuration.

    with CompiledEnvoy(text, upstream_port=server.port, authority=Authority(tmp_path)) as envoy:
        …
    """

    def __init__(self, text: str, upstream_port: int, authority: Authority, **options: object):
        super().__init__(upstream_port, None, **options)
        self._text = text
        self._authority = authority

    def _command(self) -> list:
        command = super()._command()
        (self.directory / "bootstrap.json").write_text(json.dumps(self.changed()))
        return command

    def changed(self) -> dict:
        """What was compiled, with the places of this machine."""
        config = yaml.safe_load(self._text.replace(PLACES, str(self._certificates())))
        resources = config["static_resources"]
        [listener] = resources["listeners"]
        listen(listener["address"], "127.0.0.1", 0)
        listen(config["admin"]["address"], "127.0.0.1", 0)
        manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
        manager["access_log"][0]["typed_config"]["path"] = str(self.directory / "access.log")
        guard = next(one for one in manager["http_filters"] if one["name"] == "mcp_guard")
        code = guard["typed_config"]["config"]["vm_config"]["code"]
        code["local"]["filename"] = str(must_exist(WASM, "make build"))
        [endpoints] = resources["clusters"][0]["load_assignment"]["endpoints"]
        [endpoint] = endpoints["lb_endpoints"]
        listen(endpoint["endpoint"]["address"], "127.0.0.1", self.settings.upstream_port)
        return config

    def _certificates(self) -> Path:
        folder = self.directory / "tls"
        folder.mkdir(exist_ok=True)
        tls = self._authority.server()
        shutil.copy(tls.certificate, folder / "tls.crt")
        shutil.copy(tls.private_key, folder / "tls.key")
        shutil.copy(self._authority.certificate, folder / "ca.crt")
        return folder


def listen(address: dict, host: str, port: int) -> None:
    """Changes an address."""
    address["socket_address"] = {"address": host, "port_value": port}
