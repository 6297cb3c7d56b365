"""Layer 4: a server that was taken over reaches what its policy names, and nothing else."""

import socket
import ssl
from collections.abc import Callable, Iterator

import pytest

from tests.env.waiting import awaited

from .calls import ran, call
from .cni import NetworkPolicies
from .evidence import Evidence
from .inspection import cluster
from .mesh import GITHUB, OUTSIDE, RUNBOOKS, Mesh
from .pod import PROXY_USER
from .web import Reply, exchange

LAYER = "4 egress"
AS_PROXY_USER = ["setpriv", "--reuid", PROXY_USER, "--regid", PROXY_USER, "--clear-groups"]
# What the container asks for: the address that it connects to, the port, and the name that it says.
CUT = {
    "a host that is not listed": ("attacker.example.net", 443, "attacker.example.net"),
    "an LLM host": ("api.openai.com", 443, "api.openai.com"),
    "a bare address": (OUTSIDE["attacker.example.net"], 443, None),
    "the listed host's address without a name": (OUTSIDE["api.github.com"], 443, None),
    "the listed host's address with another name": (OUTSIDE["api.github.com"], 443, "attacker.example.net"),
    "another port of a listed host": ("api.github.com", 8443, "api.github.com"),
    "plain http to a listed host": ("api.github.com", 80, ""),
    "plain http to another host": ("attacker.example.net", 80, ""),
    "the cloud's metadata": ("169.254.169.254", 80, ""),
}
LISTED = ["api.github.com", "builds.example.com", "sts.eu-central-1.amazonaws.com"]
# Where a connection past the sidecar may go, and where it may not: other ports there, the same ports elsewhere.
NAMED = [("control", 15012), ("control", 5000), ("collector", 8080), ("api.github.com", 443)]
BESIDE = [
    ("control", 6443), ("collector", 8081), *((host, 80) for host in LISTED),
    *(("attacker.example.net", port) for port in (443, 5000, 8080, 15012)),
]
# Pods that reach another port of the server, and a stranger that reaches none.
BESIDE_THEIR_PORTS = [("stranger", 8080), ("stranger", 9091), ("collector", 8080), ("gateway", 15020), ("other", 15020)]


@pytest.mark.parametrize("host", LISTED)
def test_listed_host_is_reached(mesh: Mesh, host: str) -> None:
    reply = ask(mesh, host, 443, host)
    assert reply.status == 200, reply
    assert arrived(mesh) == [f"{OUTSIDE[host]}:443 {host} GET /"]


def test_collector_is_reached(mesh: Mesh) -> None:
    assert ask(mesh, "otel.observability", 8080, "", "/healthz").status == 200
    assert mesh.collector.calls() == ["GET /healthz"]


@pytest.mark.parametrize("what", CUT)
def test_everything_else_is_cut(mesh: Mesh, evidence: Evidence, what: str) -> None:
    reply = ask(mesh, *CUT[what])
    assert reply.status in {0, 502}, reply
    assert arrived(mesh) == []
    evidence.add(LAYER, what, "Sidecar REGISTRY_ONLY", reply.said)


def test_wrong_address_for_a_listed_name_leads_to_the_listed_host(mesh: Mesh, evidence: Evidence) -> None:
    ask(mesh, OUTSIDE["attacker.example.net"], 443, "api.github.com")
    assert arrived(mesh) == [f"{OUTSIDE['api.github.com']}:443 api.github.com GET /"]
    evidence.add(LAYER, "a listed name, sent to another address", "ServiceEntry by DNS", "arrived at the listed host")


@pytest.mark.parametrize("address", [RUNBOOKS, "pod"])
def test_other_mcp_server_is_not_reachable(mesh: Mesh, evidence: Evidence, address: str) -> None:
    host = mesh.runbooks.host.address if address == "pod" else address
    reply = ask(mesh, host, 9000, "", "/healthz")
    assert reply.status in {0, 502}, reply
    assert mesh.runbooks.calls() == []
    evidence.add(LAYER, f"the other MCP server, by {'its pod' if address == 'pod' else 'its Service'}", "Sidecar REGISTRY_ONLY", reply.said)


def test_listed_host_is_of_this_workload_alone(mesh: Mesh) -> None:
    """`exportTo: ["."]`: the entry changes nothing for other namespaces, which reach all hosts as before."""
    names = mesh.other.admin("/clusters")
    assert "api.github.com" not in names


@pytest.mark.parametrize("host", LISTED)
def test_failing_address_of_a_listed_host_is_left_out(mesh: Mesh, host: str) -> None:
    """Outlier detection, for a while, as the DestinationRule says."""
    found = cluster(mesh.github, f"outbound|443||{host}")["outlier_detection"]
    expected = {"consecutive_5xx": 5, "interval": "10s", "base_ejection_time": "30s", "max_ejection_percent": 100}
    assert {key: found.get(key) for key in expected} == expected


@pytest.fixture
def enforcing(mesh: Mesh) -> Iterator[None]:
    """A cluster whose network plugin enforces NetworkPolicies."""
    with NetworkPolicies(mesh):
        yield


def test_callers_and_listed_hosts_pass_the_network_policy(mesh: Mesh, enforcing: None) -> None:
    assert ran(call(mesh.gateway))
    assert mesh.other.ask("GET", GITHUB, 9091, "/metrics").status == 200
    for host in LISTED:
        assert ask(mesh, host, 443, host).status == 200
    assert ask(mesh, "otel.observability", 8080, "", "/healthz").status == 200


def test_sidecar_restarts_behind_the_network_policy(mesh: Mesh, enforcing: None) -> None:
    """istiod and the registry stay reachable: otherwise the next restart would be an outage."""
    mesh.github.restart_sidecar()
    assert awaited(lambda: ran(call(mesh.gateway)), 20)



@pytest.mark.parametrize("host", ["attacker.example.net", "169.254.169.254"])
def test_process_with_the_proxys_user_id(mesh: Mesh, evidence: Evidence, enforcing: None, host: str) -> None:
    """What the sidecar does not capture, it cannot cut."""
    seen = as_proxy_user(mesh, host)
    assert arrived(mesh) == [], seen
    evidence.add(LAYER, f"a process with the proxy's user id, to {host}", "NetworkPolicy", seen)


@pytest.mark.parametrize(("host", "port"), NAMED)
def test_what_the_network_policy_names_is_reached(mesh: Mesh, enforcing: None, host: str, port: int) -> None:
    assert connected(mesh, host, port) == "connected"


@pytest.mark.parametrize(("host", "port"), BESIDE)
def test_what_is_beside_it_is_not(mesh: Mesh, evidence: Evidence, enforcing: None, host: str, port: int) -> None:
    assert connected(mesh, host, port) == "dropped"
    evidence.add(LAYER, f"past the sidecar, to port {port} of {host}", "NetworkPolicy", "no answer")


def test_udp_goes_nowhere(mesh: Mesh, evidence: Evidence, enforcing: None) -> None:
    """The sidecar captures no UDP: DNS tunnels, QUIC."""
    assert udp(mesh, OUTSIDE["attacker.example.net"]) is None
    evidence.add(LAYER, "UDP to a host that is not listed", "NetworkPolicy", "no answer")


@pytest.mark.parametrize(("port", "path"), [(15020, "/stats/prometheus"), (15090, "/stats/prometheus"), (15021, "/healthz/ready")])
def test_ports_of_the_agent_are_closed_to_strangers(
    mesh: Mesh, evidence: Evidence, enforcing: None, port: int, path: str
) -> None:
    """Layer 2 does not cover them."""
    reply = attempt(lambda: exchange(mesh.stranger.connect(mesh.github.host.address, port, 1), "GET", path))
    assert reply.status == 0, reply
    evidence.add("2 callers", f"stranger at the agent's port {port}", "NetworkPolicy", reply.said)


def test_agents_metrics_are_for_the_scrapers_namespace(mesh: Mesh, enforcing: None) -> None:
    for port in (15020, 15090):
        scraped = attempt(lambda: exchange(mesh.collector.host.connect(mesh.github.host.address, port, 1), "GET", "/stats/prometheus"))
        assert scraped.status == 200, scraped


@pytest.mark.parametrize(("who", "port"), BESIDE_THEIR_PORTS)
def test_each_namespace_reaches_its_own_port_alone(
    mesh: Mesh, evidence: Evidence, enforcing: None, who: str, port: int
) -> None:
    host = mesh.stranger if who == "stranger" else mesh.pods[who].host
    reply = attempt(lambda: exchange(host.connect(mesh.github.host.address, port, 1), "GET", "/stats/prometheus"))
    assert reply.status == 0, reply
    # A sidecar of its own takes the connection before it fails.
    assert "timed out" in reply.said or who in {"gateway", "other"}, reply
    evidence.add("2 callers", f"{who} at port {port}", "NetworkPolicy", reply.said)


def ask(mesh: Mesh, host: str, port: int, name: str | None, path: str = "/") -> Reply:
    """A request of the container: by TLS with a name or without (None), or in plain text (empty)."""

    def run() -> Reply:
        opened = mesh.github.host.connect(host, port, 3)
        if name != "":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            opened = context.wrap_socket(opened, server_hostname=name)
        return exchange(opened, "GET", path, {"host": host})

    mesh.outside_calls.write_text("")
    return attempt(run)


def attempt(action: Callable[[], Reply]) -> Reply:
    """What became of it, a connection that failed included."""
    try:
        return action()
    except OSError as fault:
        return Reply(0, fault=f"{type(fault).__name__}: {fault}")


def arrived(mesh: Mesh) -> list[str]:
    """What came out of the mesh since the last request."""
    return mesh.outside_calls.read_text().splitlines()


def as_proxy_user(mesh: Mesh, host: str) -> str:
    """What a process of that user gets from a host, past the sidecar."""
    mesh.outside_calls.write_text("")
    argv = [*AS_PROXY_USER, "curl", "--silent", "--show-error", "--max-time", "2", f"http://{mesh.network.address_of(host)}/"]
    done = mesh.github.host.run(argv)
    return (done.stdout + done.stderr).strip()


def connected(mesh: Mesh, host: str, port: int) -> str:
    """What becomes of a connection of the proxy's user, which nothing captures."""
    known = {"control": mesh.control.host.address, "collector": mesh.collector.host.address}
    url = f"http://{known.get(host) or mesh.network.address_of(host)}:{port}/"
    argv = [*AS_PROXY_USER, "curl", "--silent", "--output", "/dev/null", "--connect-timeout", "1", "--max-time", "2"]
    done = mesh.github.host.run([*argv, "--write-out", "%{time_connect}", url])
    if float(done.stdout):
        return "connected"
    return "dropped" if done.returncode == 28 else "refused"


def udp(mesh: Mesh, address: str) -> bytes | None:
    """What a host outside gets of a datagram."""
    with mesh.outside.within(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as receiver:
        receiver.bind((address, 5353))
        receiver.settimeout(1)
        with mesh.github.host.within(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sender:
            try:
                sender.sendto(b"tunnel", (address, 5353))
                return receiver.recvfrom(100)[0]
            except OSError:
                return None


def test_control_of_the_two_above(mesh: Mesh) -> None:
    """Without a network plugin that enforces, both get out: the sidecar alone is no boundary."""
    assert "outside" in as_proxy_user(mesh, "attacker.example.net")
    assert udp(mesh, OUTSIDE["attacker.example.net"]) == b"tunnel"
