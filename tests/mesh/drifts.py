"""What somebody may do to a namespace, and what `mcp-guard doctor` has to find of it."""

from collections.abc import Callable
from dataclasses import dataclass

from .pod import CAPTURE, INIT_CONTAINER, INJECTED, PROXY_CONTAINER, named

SERVER = "github-mcp-server"
NAMESPACE = "ai-agents"
SELECTOR = {"matchLabels": {"app": SERVER}}
GATEWAY = "extensions.istio.io/trafficextension/ai-agents.github-mcp-server~istio-translated-wasmplugin"
Change = Callable[[dict], None]


@dataclass(frozen=True)
class Drift:
    """Something that somebody did: objects that were added, changed or deleted. What is found of it, by check and code."""

    finds: set[str]
    adds: tuple[dict, ...] = ()
    # The compiled object, by kind and the end of its name, and what was done to it.
    changes: tuple[tuple[str, str, Change], ...] = ()
    deletes: tuple[tuple[str, str], ...] = ()
    protocol: str = "http"
    annotates: str = ""


def thing(api: str, kind: str, name: str, spec: dict | None, namespace: str = NAMESPACE) -> dict:
    return {"apiVersion": api, "kind": kind, "metadata": named(name, namespace), **({"spec": spec} if spec is not None else {})}


def pod(name: str, **spec: object) -> dict:
    """A replica that somebody made past the injector."""
    made = thing("v1", "Pod", name, {"nodeName": "node", "containers": [{"name": "server", "image": "server"}], **spec})
    made["metadata"]["labels"] = {"app": SERVER}
    return made


def put(*path: str | int, value: object) -> Change:
    def change(target: dict) -> None:
        for key in path[:-1]:
            target = target[key] if isinstance(key, int) else target.setdefault(key, {})
        target[path[-1]] = value

    return change


def drop(*path: str) -> Change:
    def change(target: dict) -> None:
        for key in path[:-1]:
            target = target[key]
        del target[path[-1]]

    return change


def labelled(made: dict, key: str, value: str) -> dict:
    made["metadata"]["labels"][key] = value
    return made


def choosing(operator: str) -> dict:
    """A selector of the server's pods, or of all others."""
    return {"matchExpressions": [{"key": "app", "operator": operator, "values": [SERVER]}]}


SECURITY, NETWORKING, EXTENSIONS = "security.istio.io/v1", "networking.istio.io/v1", "extensions.istio.io/v1alpha1"
EXCLUDING = {**INIT_CONTAINER, "args": [*CAPTURE[:-1], "15090,8080"]}
VALIDATION = {"name": "istio-validation", "image": "proxyv2", "args": CAPTURE}
DEBUGGER = {"name": "debugger", "image": "debugger", "securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}}
REMOVER = {
    "configPatches": [
        {
            "applyTo": "HTTP_FILTER",
            "match": {
                "context": "SIDECAR_INBOUND",
                "listener": {
                    "filterChain": {
                        "filter": {"name": "envoy.filters.network.http_connection_manager", "subFilter": {"name": GATEWAY}}
                    }
                },
            },
            "patch": {"operation": "REMOVE"},
        }
    ]
}
HALVES = [{"ipBlock": {"cidr": cidr}} for cidr in ("52.0.0.0/9", "53.0.0.0/9")]
RBAC = "envoy.filters.http.rbac"
HTTP = "type.googleapis.com/envoy.extensions.filters.http"
DISCOVERY = {
    "config_source": {"ads": {}, "initial_fetch_timeout": "0s", "resource_api_version": "V3"},
    "type_urls": [f"{HTTP}.wasm.v3.Wasm", f"{HTTP}.rbac.v3.RBAC"],
}
# Of rules and a matcher, the matcher counts.
ANYONE = {
    "on_no_match": {
        "action": {
            "name": "action",
            "typed_config": {"@type": "type.googleapis.com/envoy.config.rbac.v3.Action", "name": "anyone", "action": "ALLOW"},
        }
    }
}


def envoy_filter(apply_to: str, match: dict, value: dict, operation: str = "MERGE") -> dict:
    """An EnvoyFilter that changes what comes in at the MCP port."""
    patch = {
        "applyTo": apply_to,
        "match": {"context": "SIDECAR_INBOUND", **match},
        "patch": {"operation": operation, "value": value},
    }
    return thing("networking.istio.io/v1alpha3", "EnvoyFilter", "changer", {"configPatches": [patch]})


def route_without(name: str) -> dict:
    """An EnvoyFilter whose route goes past a filter."""
    off = {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "disabled": True}
    match = {"routeConfiguration": {"vhost": {"name": "inbound|http|8080", "route": {"name": "default"}}}}
    return envoy_filter("HTTP_ROUTE", match, {"typed_per_filter_config": {name: off}})


def filter_changed(name: str, value: dict, operation: str = "MERGE") -> dict:
    """An EnvoyFilter that changes a filter."""
    manager = {"name": "envoy.filters.network.http_connection_manager", "subFilter": {"name": name}}
    match = {"listener": {"filterChain": {"filter": manager}}}
    return envoy_filter("HTTP_FILTER", match, {"name": name, **value}, operation)


DRIFTS = {
    "a pod without sidecar": Drift({"proxy MCP0502"}, adds=(pod("bare"),)),
    "a pod in the node's network": Drift({"others MCP0411", "proxy MCP0502"}, adds=(pod("host", hostNetwork=True),)),
    "a container with the proxy's user": Drift(
        {"others MCP0411"},
        adds=(pod("user", containers=[{"name": "server", "image": "server", "securityContext": {"runAsUser": 1337}}]),),
    ),
    "excludeInterfaces": Drift({"others MCP0411"}, annotates="traffic.sidecar.istio.io/excludeInterfaces=eth0"),
    "excludeInboundPorts": Drift({"others MCP0411"}, annotates="traffic.sidecar.istio.io/excludeInboundPorts=8080"),
    "a port that the mesh's default excludes": Drift(
        {"capture MCP0511"}, adds=(pod("excluded", initContainers=[EXCLUDING, PROXY_CONTAINER]),)
    ),
    "a pod that nothing captured": Drift({"capture MCP0515"}, adds=(pod("uncaptured", initContainers=[PROXY_CONTAINER]),)),
    "a pod whose validation does not look": Drift(
        {"capture MCP0515"}, adds=(pod("unvalidated", initContainers=[VALIDATION, PROXY_CONTAINER]),)
    ),
    "a container that may undo the capture": Drift(
        {"capture MCP0516"},
        adds=(pod("debugged", initContainers=INJECTED, containers=[{"name": "server", "image": "server"}, DEBUGGER]),),
    ),
    "a replica that does not answer": Drift({"proxy MCP0513"}, adds=(pod("silent", initContainers=INJECTED),)),
    "an update rejected while the old policy lives": Drift(
        {"objects MCP0411", "policy MCP0504"},
        changes=(("WasmPlugin", SERVER, put("spec", "pluginConfig", value={"format": 99, "policy": {}})),),
    ),
    "another policy": Drift(
        {"objects MCP0411", "policy MCP0504"},
        changes=(("WasmPlugin", SERVER, put("spec", "pluginConfig", "policy", "allow", "all", value={"tools": ["*"]})),),
    ),
    "a module fetch that failed": Drift(
        {"policy MCP0505"}, changes=(("WasmPlugin", SERVER, put("spec", "sha256", value="1" * 64)),)
    ),
    "an image without a digest": Drift({"image MCP0401"}, changes=(("WasmPlugin", SERVER, drop("spec", "sha256")),)),
    "no filter": Drift({"objects MCP0501", "filter MCP0503"}, deletes=(("WasmPlugin", SERVER),)),
    "a filter on every port": Drift(
        {"objects MCP0411", "filter MCP0503"}, changes=(("WasmPlugin", SERVER, drop("spec", "match")),)
    ),
    "a filter before RBAC": Drift(
        {"filter MCP0503"}, changes=(("WasmPlugin", SERVER, put("spec", "phase", value="AUTHN")),)
    ),
    "an EnvoyFilter that removes the filter": Drift(
        {"filter MCP0503"}, adds=(thing("networking.istio.io/v1alpha3", "EnvoyFilter", "remover", REMOVER),)
    ),
    "port-level PERMISSIVE": Drift(
        {"mutual-tls MCP0507", "objects MCP0411", "others MCP0411"},
        changes=(("PeerAuthentication", SERVER, put("spec", "portLevelMtls", value={"8080": {"mode": "PERMISSIVE"}})),),
    ),
    "no PeerAuthentication": Drift({"objects MCP0501", "mutual-tls MCP0507"}, deletes=(("PeerAuthentication", SERVER),)),
    "a wider ALLOW beside ours": Drift(
        {"others MCP0411"}, adds=(thing(SECURITY, "AuthorizationPolicy", "open", {"selector": SELECTOR, "rules": [{}]}),)
    ),
    "an ALLOW of the root namespace": Drift(
        {"others MCP0411"}, adds=(thing(SECURITY, "AuthorizationPolicy", "open", {"rules": [{}]}, "istio-system"),)
    ),
    "dry-run left on": Drift(
        {"callers MCP0506", "ports MCP0508", "others MCP0411"},
        changes=(("AuthorizationPolicy", f"{SERVER}-deny", put("metadata", "annotations", "istio.io/dry-run", value="true")),),
    ),
    "an ALLOW that is for anyone": Drift(
        {"callers MCP0506"},
        changes=(("AuthorizationPolicy", f"{SERVER}-allow", put("spec", "rules", 0, "from", value=[{"source": {"principals": ["*"]}}])),),
    ),
    "a DENY whose ports are others": Drift(
        {"callers MCP0506", "ports MCP0508"},
        changes=(
            (
                "AuthorizationPolicy",
                f"{SERVER}-deny",
                put("spec", "rules", -1, "to", value=[{"operation": {"notPorts": ["8080", "9091", "9092"]}}]),
            ),
        ),
    ),
    "a route that goes past RBAC": Drift({"callers MCP0506"}, adds=(route_without(RBAC),)),
    "a route that goes past the filter": Drift({"filter MCP0503"}, adds=(route_without(GATEWAY),)),
    "a filter that is switched off": Drift(
        {"filter MCP0503"}, adds=(filter_changed(GATEWAY, {"disabled": True, "config_discovery": DISCOVERY}, "REPLACE"),)
    ),
    "RBAC that a matcher beats": Drift(
        {"callers MCP0506"},
        adds=(filter_changed(RBAC, {"typed_config": {"@type": f"{HTTP}.rbac.v3.RBAC", "matcher": ANYONE}}),),
    ),
    "no ALLOW": Drift({"objects MCP0501", "callers MCP0506"}, deletes=(("AuthorizationPolicy", f"{SERVER}-allow"),)),
    "an MCP port that is TCP": Drift({"others MCP0412", "filter MCP0503"}, protocol="tcp"),
    "an MCP port that is sniffed": Drift({"others MCP0412", "filter MCP0503"}, protocol="kgateway.dev/mcp"),
    "two Sidecars on one pod": Drift(
        {"others MCP0411"},
        adds=(thing(NETWORKING, "Sidecar", "another", {"workloadSelector": {"labels": SELECTOR["matchLabels"]}, "egress": [{"hosts": ["*/*"]}]}),),
    ),
    "no Sidecar": Drift({"objects MCP0501", "egress MCP0509"}, deletes=(("Sidecar", SERVER),)),
    "a Sidecar that lets everything out": Drift(
        {"objects MCP0411", "egress MCP0509"},
        changes=(("Sidecar", SERVER, put("spec", "outboundTrafficPolicy", "mode", value="ALLOW_ANY")),),
    ),
    "a second ServiceEntry for a host": Drift(
        {"others MCP0411"},
        adds=(
            thing(
                NETWORKING,
                "ServiceEntry",
                "again",
                {"hosts": ["api.github.com"], "ports": [{"number": 80, "name": "http", "protocol": "HTTP"}], "resolution": "DNS"},
            ),
        ),
    ),
    "a NetworkPolicy that lets everyone in": Drift(
        {"others MCP0411"},
        adds=(thing("networking.k8s.io/v1", "NetworkPolicy", "open", {"podSelector": SELECTOR, "ingress": [{}]}),),
    ),
    "a NetworkPolicy that lets everyone in by halves": Drift(
        {"others MCP0411"},
        adds=(thing("networking.k8s.io/v1", "NetworkPolicy", "halves", {"podSelector": SELECTOR, "egress": [{"to": HALVES}]}),),
    ),
    "a NetworkPolicy that chooses by an expression": Drift(
        {"others MCP0411"},
        adds=(thing("networking.k8s.io/v1", "NetworkPolicy", "chosen", {"podSelector": choosing("In"), "ingress": [{}]}),),
    ),
    "a DestinationRule that takes their identity from callers": Drift(
        {"others MCP0411"},
        adds=(
            thing(
                NETWORKING,
                "DestinationRule",
                "simple",
                {"host": f"{SERVER}.{NAMESPACE}.svc.cluster.local", "trafficPolicy": {"tls": {"mode": "SIMPLE"}}},
            ),
        ),
    ),
    "a pod of another revision": Drift(
        {"others MCP0411"}, adds=(labelled(pod("revised", initContainers=INJECTED), "istio.io/rev", "canary"),)
    ),
    "an object that only another istiod reads": Drift(
        {"objects MCP0411", "egress MCP0509"},
        changes=(("Sidecar", SERVER, put("metadata", "labels", "istio.io/rev", value="canary")),),
    ),
}
