"""The Envoys that are compared: what stands in each one's filter chain."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from tests.env.bootstrap import Tls, downstream_tls, socket_address, typed

from .messages import CALLED_TOOL
from .policy import FULL_SIZE, generated_names, resized, with_approvals, without_callers

BARE, NATIVE, NOOP, OURS = "bare", "native", "no-op", "ours"
COMPARED = [BARE, NATIVE, NOOP, OURS]
APPROVING = "approving"
"""Ours, whose policy can have calls approved that nobody sends here."""
NATIVE_SIZE = 10
"""Tool names that the native filter's RBAC holds where it is compared with us: few, which is its best case."""
POLICY_SIZES = [10, 1000, 10000]

MCP = "envoy.filters.http.mcp"
CLIENT = "spiffe://cluster.local/ns/gateway/sa/ai-gateway"
METHODS = ["initialize", "notifications/initialized", "ping", "tools/list"]
# One line per request, the same for everyone; only the guard has something to say in its last field.
LOG_LINE = (
    "%START_TIME% %PROTOCOL% %REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% "
    "%BYTES_SENT% %DURATION% %REQ(X-REQUEST-ID)% %FILTER_STATE(wasm.mcp_guard:TYPED)%\n"
)


@dataclass(frozen=True)
class Variant:
    """One Envoy."""

    name: str
    filters: list[dict] = field(default_factory=list)
    local_reply: dict | None = None
    decides: bool = False
    """Refuses the denied call."""
    filters_lists: bool = False


@dataclass(frozen=True)
class Modules:
    """The Wasm modules and the guard's configuration."""

    noop: Path
    ours: Path
    config: dict


def compared(modules: Modules, mutual_tls: bool) -> dict[str, Variant]:
    """Those of the main comparison, and ours with approvals, by name."""
    variants = [
        Variant(BARE),
        native(NATIVE, NATIVE_SIZE, mutual_tls),
        Variant(NOOP, [wasm(modules.noop, {})]),
        ours(OURS, modules, modules.config, mutual_tls),
        ours(APPROVING, modules, with_approvals(modules.config), mutual_tls),
    ]
    return {variant.name: variant for variant in variants}


def sized(modules: Modules, mutual_tls: bool) -> dict[str, Variant]:
    """Other sizes of policy, by name; those of the main comparison are left out."""
    variants = [native(size_name(NATIVE, size), size, mutual_tls) for size in POLICY_SIZES if size != NATIVE_SIZE]
    for size in POLICY_SIZES:
        if size != FULL_SIZE:
            variants.append(ours(size_name(OURS, size), modules, resized(modules.config, size), mutual_tls))
    return {variant.name: variant for variant in variants}


def size_name(base: str, size: int) -> str:
    """The variant of `base` whose policy names `size` tools."""
    return base if size == {NATIVE: NATIVE_SIZE, OURS: FULL_SIZE}[base] else f"{base}-{size}"


def ours(name: str, modules: Modules, config: dict, mutual_tls: bool) -> Variant:
    config = config if mutual_tls else without_callers(config)
    return Variant(name, [wasm(modules.ours, config)], decides=True, filters_lists=True)


def native(name: str, size: int, mutual_tls: bool) -> Variant:
    """Envoy's own MCP filter, with RBAC on what it found and an error that an MCP client understands."""
    others = generated_names(size - 1)
    middle = len(others) // 2
    tools = [*others[:middle], CALLED_TOOL, *others[middle:]]
    caller = {"authenticated": {"principal_name": {"exact": CLIENT}}} if mutual_tls else {"any": True}
    permissions = {
        "methods": any_of("method", METHODS),
        "tools": {"and_rules": {"rules": [any_of("method", ["tools/call"]), any_of("params.name", tools)]}},
    }
    policies = {key: {"permissions": [value], "principals": [caller]} for key, value in permissions.items()}
    mcp = {"traffic_mode": "REJECT_NO_MCP", "max_request_body_size": 1 << 20, "reject_duplicate_keys": True}
    filters = [
        typed(MCP, "filters.http.mcp.v3.Mcp", mcp),
        typed(
            "envoy.filters.http.rbac",
            "filters.http.rbac.v3.RBAC",
            {"rules": {"action": "ALLOW", "policies": policies}},
        ),
    ]
    return Variant(name, filters, local_reply=native_reply(), decides=True)


def any_of(path: str, values: list[str]) -> dict:
    return {"or_rules": {"rules": [metadata_equals(path, value) for value in values]}}


def metadata_equals(path: str, value: str) -> dict:
    keys = [{"key": key} for key in path.split(".")]
    matcher = {"filter": MCP, "path": keys, "value": {"string_match": {"exact": value}}}
    return {"sourced_metadata": {"metadata_matcher": matcher}}


def native_reply() -> dict:
    """Turns RBAC's 403 into a JSON-RPC error that carries the request's id."""
    status = {"comparison": {"op": "EQ", "value": {"default_value": 403, "runtime_key": "bench.denied"}}}
    is_mcp = {"filter": MCP, "path": [{"key": "is_mcp_request"}], "value": {"bool_match": True}}
    filters = [{"status_code_filter": status}, {"metadata_filter": {"matcher": is_mcp}}]
    error = {"code": -32602, "message": f"Unknown tool: %DYNAMIC_METADATA({MCP}:params:name)%"}
    body = {"jsonrpc": "2.0", "id": f"%DYNAMIC_METADATA({MCP}:id)%", "error": error}
    mapper = {
        "filter": {"and_filter": {"filters": filters}},
        "status_code": 200,
        "body_format_override": {"json_format": body},
    }
    return {"mappers": [mapper]}


def wasm(module: Path, config: dict) -> dict:
    plugin = {
        "name": "mcp_guard",
        "root_id": "mcp_guard",
        "failure_policy": "FAIL_CLOSED",
        "vm_config": {"runtime": "envoy.wasm.runtime.v8", "code": {"local": {"filename": str(module)}}},
        "configuration": {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": json.dumps(config)},
    }
    return typed("mcp_guard", "filters.http.wasm.v3.Wasm", {"config": plugin})


def bootstrap(variant: Variant, upstream_port: int, tls: Tls | None) -> dict:
    """Envoy's whole configuration: one listener, the variant's filters, one upstream."""
    chain: dict = {"filters": [connection_manager(variant)]}
    if tls:
        chain["transport_socket"] = downstream_tls(tls)
    listener = {
        "name": "inbound",
        "traffic_direction": "INBOUND",
        "address": socket_address("127.0.0.1", 0),
        "filter_chains": [chain],
    }
    endpoint = {"endpoint": {"address": socket_address("127.0.0.1", upstream_port)}}
    cluster = {
        "name": "upstream",
        "type": "STATIC",
        "load_assignment": {"cluster_name": "upstream", "endpoints": [{"lb_endpoints": [endpoint]}]},
    }
    return {
        "node": {"id": "bench", "cluster": "bench"},
        "admin": {"address": socket_address("127.0.0.1", 0)},
        "static_resources": {"listeners": [listener], "clusters": [cluster]},
    }


def connection_manager(variant: Variant) -> dict:
    route = {"match": {"prefix": "/"}, "route": {"cluster": "upstream", "timeout": "0s"}}
    hosts = [{"name": "all", "domains": ["*"], "routes": [route]}]
    log = {"path": "/dev/null", "log_format": {"text_format_source": {"inline_string": LOG_LINE}}}
    manager = {
        "stat_prefix": "inbound",
        "stream_idle_timeout": "0s",
        "access_log": [typed("envoy.access_loggers.file", "access_loggers.file.v3.FileAccessLog", log)],
        "http_filters": [*variant.filters, typed("envoy.filters.http.router", "filters.http.router.v3.Router", {})],
        "route_config": {"name": "inbound", "virtual_hosts": hosts},
    }
    if variant.local_reply:
        manager["local_reply_config"] = variant.local_reply
    name = "envoy.filters.network.http_connection_manager"
    return typed(name, "filters.network.http_connection_manager.v3.HttpConnectionManager", manager)
