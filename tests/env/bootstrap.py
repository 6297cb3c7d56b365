"""Envoy's bootstrap configuration as plain data: one listener, the guard, one upstream.

It is what Istio gives an inbound listener, as far as it matters to the guard: no
`allow_on_headers_stop_iteration`, WebSocket upgrades on, no route or idle timeout.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

GUARD = "mcp_guard"
FILTER_STATE_KEY = "wasm.mcp_guard"
API = "type.googleapis.com/envoy.extensions"

ACCESS_LOG_FIELDS = {
    "method": "%REQ(:METHOD)%",
    "path": "%REQ(:PATH)%",
    "protocol": "%PROTOCOL%",
    "code": "%RESPONSE_CODE%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "flags": "%RESPONSE_FLAGS%",
    "request_id": "%REQ(X-REQUEST-ID)%",
    "bytes_received": "%BYTES_RECEIVED%",
    "bytes_sent": "%BYTES_SENT%",
    "upstream": "%UPSTREAM_HOST%",
    # As the compiler writes it (policy-compiler/src/artefact/access_log.rs).
    "guard": (
        f"%TYPED_CEL('{FILTER_STATE_KEY}' in filter_state ? filter_state['{FILTER_STATE_KEY}'] : "
        "xds.listener_direction == 2 ? null : {'schema': 2, "
        "'decision': has(upstream.address) ? 'unguarded' : 'refused_by_mesh', "
        "'reason': has(response.code_details) ? response.code_details : ''})%"
    ),
}


@dataclass(frozen=True)
class Tls:
    """Mutual TLS on the listener: its own certificate, and whose clients it believes."""

    certificate: Path
    private_key: Path
    client_authority: Path | None = None
    require_client: bool = True


@dataclass
class Settings:
    """Everything that a bootstrap depends on; see `Envoy` for the meaning of each."""

    upstream_port: int
    directory: Path
    plugin_config: dict | str | None = None
    wasm_path: Path | None = None
    failure_policy: str = "FAIL_CLOSED"
    tls: Tls | None = None
    http2_upstream: bool = False
    upstream_host: str = "127.0.0.1"
    extra_filters_before: list[dict] = field(default_factory=list)
    ecds_file: Path | None = None
    normalize_path: bool = False
    http1_trailers: bool = False
    buffer_limit: int | None = None
    listener_port: int = 0
    extra_clusters: list[dict] = field(default_factory=list)
    stat_tags: tuple[str, ...] = ()

    @property
    def guarded(self) -> bool:
        """Whether the guard is in the chain at all."""
        return self.plugin_config is not None


def bootstrap(settings: Settings) -> dict:
    """The whole configuration."""
    return {
        "node": {"id": "mcp-guard-test", "cluster": "mcp-guard-test"},
        "admin": {"address": socket_address("127.0.0.1", 0)},
        "stats_config": {"stats_tags": [stat_tag(name) for name in settings.stat_tags]},
        "static_resources": {
            "listeners": [listener(settings)],
            "clusters": [upstream_cluster(settings), *settings.extra_clusters],
        },
    }


def stat_tag(name: str) -> dict:
    """As Istio's bootstrap has it for each of `extraStatTags`."""
    return {"tag_name": name, "regex": rf"({name}=\.=(.*?);\.;)"}


def listener(settings: Settings) -> dict:
    chain: dict[str, Any] = {"filters": [connection_manager(settings)]}
    if settings.tls:
        chain["transport_socket"] = downstream_tls(settings.tls)
    result = {
        "name": "inbound",
        "traffic_direction": "INBOUND",
        "address": socket_address("127.0.0.1", settings.listener_port),
        "filter_chains": [chain],
    }
    if settings.buffer_limit is not None:
        result["per_connection_buffer_limit_bytes"] = settings.buffer_limit
    return result


def connection_manager(settings: Settings) -> dict:
    router = typed("envoy.filters.http.router", "filters.http.router.v3.Router", {})
    guard = [guard_filter(settings)] if settings.guarded else []
    route = {"match": {"prefix": "/"}, "route": {"cluster": "upstream", "timeout": "0s"}}
    return typed(
        "envoy.filters.network.http_connection_manager",
        "filters.network.http_connection_manager.v3.HttpConnectionManager",
        {
            "stat_prefix": "inbound",
            "codec_type": "AUTO",
            "stream_idle_timeout": "0s",
            "normalize_path": settings.normalize_path,
            "http_protocol_options": {"enable_trailers": settings.http1_trailers},
            "upgrade_configs": [{"upgrade_type": "websocket"}],
            "access_log": [access_log(settings.directory / "access.log")],
            "http_filters": [*settings.extra_filters_before, *guard, router],
            "route_config": {
                "name": "inbound",
                "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}],
            },
        },
    )


def guard_filter(settings: Settings) -> dict:
    if settings.ecds_file is None:
        return {"name": GUARD, "typed_config": wasm(settings)}
    return discovered(GUARD, settings.ecds_file)


def discovered(name: str, file: Path) -> dict:
    """A Wasm filter whose configuration a file holds."""
    return {
        "name": name,
        "config_discovery": {
            "config_source": {
                "path_config_source": {"path": str(file)},
                "resource_api_version": "V3",
                "initial_fetch_timeout": "0s",
            },
            "type_urls": [f"{API}.filters.http.wasm.v3.Wasm"],
        },
    }


def discovery_response(settings: Settings, version: int) -> dict:
    """What the file of `ecds_file` holds."""
    resource = {
        "@type": "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig",
        "name": GUARD,
        "typed_config": wasm(settings),
    }
    return {"version_info": str(version), "resources": [resource]}


def wasm(settings: Settings) -> dict:
    config = settings.plugin_config
    text = config if isinstance(config, str) else json.dumps(config)
    return {
        "@type": f"{API}.filters.http.wasm.v3.Wasm",
        "config": {
            "name": GUARD,
            "root_id": GUARD,
            "failure_policy": settings.failure_policy,
            "vm_config": {
                "runtime": "envoy.wasm.runtime.v8",
                "code": {"local": {"filename": str(settings.wasm_path)}},
            },
            "configuration": {
                "@type": "type.googleapis.com/google.protobuf.StringValue",
                "value": text,
            },
        },
    }


def access_log(path: Path) -> dict:
    return typed(
        "envoy.access_loggers.file",
        "access_loggers.file.v3.FileAccessLog",
        {"path": str(path), "log_format": {"json_format": ACCESS_LOG_FIELDS}},
    )


def downstream_tls(tls: Tls) -> dict:
    common: dict[str, Any] = {
        "alpn_protocols": ["h2", "http/1.1"],
        "tls_certificates": [
            {
                "certificate_chain": {"filename": str(tls.certificate)},
                "private_key": {"filename": str(tls.private_key)},
            }
        ],
    }
    if tls.client_authority:
        common["validation_context"] = {"trusted_ca": {"filename": str(tls.client_authority)}}
    context = {
        "common_tls_context": common,
        "require_client_certificate": bool(tls.client_authority and tls.require_client),
    }
    return typed("envoy.transport_sockets.tls", "transport_sockets.tls.v3.DownstreamTlsContext", context)


def upstream_cluster(settings: Settings) -> dict:
    address = {"address": socket_address(settings.upstream_host, settings.upstream_port)}
    cluster = {
        "name": "upstream",
        "type": "STATIC",
        "connect_timeout": "5s",
        "load_assignment": {
            "cluster_name": "upstream",
            "endpoints": [{"lb_endpoints": [{"endpoint": address}]}],
        },
    }
    if settings.http2_upstream:
        name = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
        options = {"explicit_http_config": {"http2_protocol_options": {}}}
        cluster["typed_extension_protocol_options"] = {name: {"@type": f"type.googleapis.com/{name}", **options}}
    return cluster


def socket_address(host: str, port: int) -> dict:
    return {"socket_address": {"address": host, "port_value": port}}


def typed(name: str, kind: str, config: dict) -> dict:
    return {"name": name, "typed_config": {"@type": f"{API}.{kind}", **config}}
