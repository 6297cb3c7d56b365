"""What somebody may do to a namespace, and what `mcp-guard doctor` has to find of it."""

from collections.abc import Callable
from dataclasses import dataclass

from .pod import PROXY_CONTAINER, named

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


def put(*path: str, value: object) -> Change:
    def change(target: dict) -> None:
        for key in path[:-1]:
            target = target.setdefault(key, {})
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
INIT = {"name": "istio-init", "image": "proxyv2", "args": ["istio-iptables", "-b", "*", "-d", "15090,8080"]}
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
        {"capture MCP0511"}, adds=(pod("excluded", initContainers=[INIT, PROXY_CONTAINER]),)
    ),
    "a replica that does not answer": Drift({"proxy MCP0513"}, adds=(pod("silent", initContainers=[PROXY_CONTAINER]),)),
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
        {"others MCP0411"}, adds=(labelled(pod("revised", initContainers=[PROXY_CONTAINER]), "istio.io/rev", "canary"),)
    ),
    "an object that only another istiod reads": Drift(
        {"objects MCP0411", "egress MCP0509"},
        changes=(("Sidecar", SERVER, put("metadata", "labels", "istio.io/rev", value="canary")),),
    ),
}
