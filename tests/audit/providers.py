"""The sinks of docs/audit.md beside the file, as Istio makes access loggers of them."""

import yaml
from env.bootstrap import typed
from env.paths import ROOT
from readme.blocks import blocks

DOCUMENT = ROOT / "docs/audit.md"
CLUSTER = "access-log-sink"
GROUP = "mcp_guard"
# Envoy sends once a second by default.
GRPC = {
    "log_name": "test",
    "grpc_service": {"envoy_grpc": {"cluster_name": CLUSTER}},
    "transport_api_version": "V3",
    "buffer_flush_interval": "0.05s",
}


def loggers() -> list[dict]:
    """Envoy's access loggers for every documented provider, and a grouped one."""
    configured = [logger(provider) for provider in documented()]
    return [*configured, grouped(configured[-1])]


def documented() -> list[dict]:
    """The document's providers."""
    parsed = [yaml.safe_load(block.text) for block in blocks(DOCUMENT, "Where it goes") if block.info == "yaml"]
    [config] = [one for one in parsed if "extensionProviders" in one]
    return config["extensionProviders"]


def logger(provider: dict) -> dict:
    match provider:
        case {"envoyHttpAls": service}:
            return access_log_service(service)
        case {"envoyOtelAls": collector}:
            return open_telemetry(collector)
    raise ValueError(provider["name"])


def access_log_service(provider: dict) -> dict:
    common = {**GRPC, "filter_state_objects_to_log": provider["filterStateObjectsToLog"]}
    kind = "access_loggers.grpc.v3.HttpGrpcAccessLogConfig"
    return typed("envoy.access_loggers.http_grpc", kind, {"common_config": common})


def open_telemetry(provider: dict) -> dict:
    """Istio takes texts for attributes, and one text for the body."""
    log_format = provider["logFormat"]
    values = [{"key": key, "value": {"string_value": text}} for key, text in log_format["labels"].items()]
    config = {
        "common_config": GRPC,
        "disable_builtin_labels": True,
        "body": {"string_value": log_format["text"]},
        "attributes": {"values": values},
    }
    kind = "access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig"
    return typed("envoy.access_loggers.open_telemetry", kind, config)


def grouped(open_telemetry: dict) -> dict:
    """The same attributes as members of one, which only an Envoy's own configuration can say."""
    config = open_telemetry["typed_config"]
    group = {"key": GROUP, "value": {"kvlist_value": config["attributes"]}}
    return {**open_telemetry, "typed_config": {**config, "attributes": {"values": [group]}}}
