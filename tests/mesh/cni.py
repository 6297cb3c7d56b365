"""What a cluster's network plugin does for NetworkPolicies, by iptables in the pods' own namespaces.

    with NetworkPolicies(mesh):     # those that the API server holds at that moment
        …

Read as https://kubernetes.io/docs/concepts/services-networking/network-policies/ says: a pod that a
policy selects is closed in that direction, but for what any policy names; answers pass. It is seen
where a plugin sees it, at the pod's interface: before the sidecar's capture on the way in, after it
on the way out, whatever user sent it.
"""

import ipaddress
from collections.abc import Iterator

from .mesh import Mesh
from .pod import Pod
from .tools import iptables_environment

EVERYWHERE = "0.0.0.0/0"
DIRECTIONS = {"Ingress": ("PREROUTING", "-i", "-s", "from"), "Egress": ("POSTROUTING", "-o", "-d", "to")}


class NetworkPolicies:
    """Enforced while the context is open."""

    def __init__(self, mesh: Mesh):
        self._mesh = mesh
        self._changed: list[Pod] = []

    def __enter__(self) -> "NetworkPolicies":
        policies = self._mesh.control.get("networkpolicies", "-A")["items"]
        peers = Peers(self._mesh)
        for pod in self._mesh.pods.values():
            selected = [one["spec"] for one in policies if selects(one, pod)]
            if selected:
                self._restore(pod, rules(selected, peers))
                self._changed.append(pod)
        return self

    def __exit__(self, *_: object) -> None:
        for pod in self._changed:
            self._restore(pod, [])

    def _restore(self, pod: Pod, lines: list[str]) -> None:
        text = "\n".join(["*mangle", *lines, "COMMIT", ""])
        done = pod.host.run(["iptables-restore"], stdin=text, env=iptables_environment())
        if done.returncode != 0:
            raise RuntimeError(f"{done.stderr}\n{text}")


class Peers:
    """The addresses of pods, by namespace and labels."""

    def __init__(self, mesh: Mesh):
        self._namespaces = {one["metadata"]["name"]: one["metadata"].get("labels", {}) for one in mesh.control.get("namespaces")["items"]}
        self._pods = mesh.control.get("pods", "-A")["items"]

    def addresses(self, peer: dict) -> list[str]:
        """What one entry of `from` or `to` names."""
        if block := peer.get("ipBlock"):
            return without(block["cidr"], block.get("except", []))
        assert "namespaceSelector" in peer, f"not needed so far: {peer}"
        return [
            f"{pod['status']['podIP']}/32"
            for pod in self._pods
            if matches(peer["namespaceSelector"], self._namespaces[pod["metadata"]["namespace"]])
            and matches(peer.get("podSelector", {}), pod["metadata"].get("labels", {}))
        ]


def rules(specs: list[dict], peers: Peers) -> list[str]:
    """What iptables-restore reads."""
    lines = []
    for kind, (chain, interface, address, key) in DIRECTIONS.items():
        applying = [spec for spec in specs if kind in spec["policyTypes"]]
        if not applying:
            continue
        lines.append(f"-A {chain} {interface} eth0 -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT")
        for spec in applying:
            for rule in spec.get(kind.lower(), []):
                lines += [f"-A {chain} {interface} eth0 {match} -j ACCEPT" for match in matched(rule, key, address, peers)]
        lines.append(f"-A {chain} {interface} eth0 -j DROP")
    return lines


def matched(rule: dict, key: str, address: str, peers: Peers) -> Iterator[str]:
    """Each peer with each port."""
    addresses = [one for peer in rule[key] for one in peers.addresses(peer)] if key in rule else [EVERYWHERE]
    for one in addresses:
        for port in rule.get("ports") or [None]:
            yield f"{address} {one}" + (f" -p {port['protocol'].lower()} --dport {port['port']}" if port else "")


def selects(policy: dict, pod: Pod) -> bool:
    labels = {"app": pod.spec.app, **pod.spec.labels}
    return policy["metadata"]["namespace"] == pod.spec.namespace and matches(policy["spec"]["podSelector"], labels)


def matches(selector: dict, labels: dict) -> bool:
    assert "matchExpressions" not in selector, "not needed so far"
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())


def without(cidr: str, excluded: list[str]) -> list[str]:
    """A block without parts of it."""
    blocks = [ipaddress.ip_network(cidr)]
    for part in map(ipaddress.ip_network, excluded):
        blocks = [rest for one in blocks for rest in (one.address_exclude(part) if part.subnet_of(one) else [one])]
    return list(map(str, blocks))
