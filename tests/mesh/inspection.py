"""What a sidecar really runs, by its own configuration."""

import json
from collections.abc import Iterator

from .pod import Pod


def guards(pod: Pod) -> list[tuple[int | None, str]]:
    """The guard's places in the listeners that are active: the port of each filter chain, and the filter's name."""
    return [
        (chain.get("filter_chain_match", {}).get("destination_port"), name)
        for listener in active_listeners(pod)
        for chain in listener.get("filter_chains", [])
        for name in extensions(chain)
    ]


def active_listeners(pod: Pod) -> Iterator[dict]:
    """The listeners that take new connections."""
    for part in pod.config_dump()["configs"]:
        for listener in part.get("dynamic_listeners", []):
            if "active_state" in listener:
                yield listener["active_state"]["listener"]


def configurations(pod: Pod) -> list[dict]:
    """What the Wasm plugins that came by discovery are configured with."""
    found = []
    for part in pod.config_dump()["configs"]:
        for one in part.get("ecds_filters", []):
            config = one["ecds_filter"].get("typed_config", {}).get("config", {})
            # A failed fetch leaves a filter of another kind there, without any.
            if "configuration" in config:
                found.append(json.loads(config["configuration"]["value"]))
    return found


def extensions(chain: dict) -> Iterator[str]:
    """The HTTP filters of a chain that come by discovery: Wasm plugins."""
    for part in chain["filters"]:
        for one in part.get("typed_config", {}).get("http_filters", []):
            if "config_discovery" in one:
                yield one["name"]


def cluster(pod: Pod, name: str) -> dict:
    """One of those that it can send requests to."""
    for part in pod.config_dump()["configs"]:
        for one in part.get("dynamic_active_clusters", []):
            if one["cluster"]["name"] == name:
                return one["cluster"]
    raise KeyError(name)
