"""Pods: the object in the API server, the sidecar with its traffic capture, and the container.

What the sidecar injector, the kubelet and the controllers of a cluster would do is done here by hand:
the Pod with its status, the Service with an EndpointSlice, the mounted token and root certificate.
"""

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.env.access_log import AccessLog
from tests.env.paths import python
from tests.env.process import Process

from .control_plane import ISTIOD, REGISTRY, ControlPlane
from .network import Host, processes, send
from .tools import BOOTSTRAP, iptables_environment, program
from .web import Connection, Reply, exchange

PROXY_USER = 1337
# What a container is told in its environment, and nobody else is to see.
SECRET = "swordfish-of-the-server"
PROGRAMS = Path(__file__).with_name("programs")
# Where the sidecar's files are mounted; made on the machine only as the places to mount them at.
MOUNTS = {"secrets": "/var/run/secrets", "etc": "/etc/istio", "lib": "/var/lib/istio"}
CAPTURE = [
    *("istio-iptables", "-p", "15001", "-z", "15006", "-u", str(PROXY_USER), "-m", "REDIRECT"),
    *("-i", "*", "-b", "*", "-d", "15090,15021,15020"),
]
# What the injector adds; the programs are started by hand.
INIT_CONTAINER = {
    "name": "istio-init",
    "image": "proxyv2",
    "args": CAPTURE,
    "securityContext": {"runAsUser": 0, "capabilities": {"add": ["NET_ADMIN", "NET_RAW"], "drop": ["ALL"]}},
}
PROXY_CONTAINER = {"name": "istio-proxy", "image": "proxyv2", "restartPolicy": "Always"}
INJECTED = [INIT_CONTAINER, PROXY_CONTAINER]


@dataclass(frozen=True)
class Spec:
    """What a pod is, before it runs."""

    name: str
    namespace: str
    account: str
    app: str
    ports: dict[int, dict] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    # The Service of the pod; pods of one app share it.
    service: str | None = None
    service_address: str | None = None
    sidecar: bool = True
    environment: dict[str, str] = field(default_factory=dict)
    # Folders of the machine, by the place where the sidecar sees them.
    volumes: dict[str, Path] = field(default_factory=dict)
    trust_domain: str = "cluster.local"


class Pod:
    """One pod."""

    def __init__(self, host: Host, spec: Spec, control: ControlPlane):
        self.host = host
        self.spec = spec
        self.control = control
        self.directory = host.directory
        self._sidecar: Process | None = None
        self._container: Process | None = None
        self.calls_file = self.directory / "calls"
        self.calls_file.touch()
        self.broken_file = self.directory / "broken"

    # The objects.

    def objects(self) -> list[dict]:
        """ServiceAccount and Pod; the namespace and the Service are shared with others."""
        spec = self.spec
        labels = {"app": spec.app, **({"security.istio.io/tlsMode": "istio"} if spec.sidecar else {}), **spec.labels}
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": named(spec.account, spec.namespace)}
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {**named(spec.name, spec.namespace), "labels": labels},
            "spec": {
                "serviceAccountName": spec.account,
                "nodeName": "node",
                "initContainers": INJECTED if spec.sidecar else [],
                "containers": [container(spec)],
            },
        }
        return [account, pod]

    def status(self) -> dict:
        """The status that a kubelet would report."""
        address = self.host.address
        ready = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
        status = {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "conditions": [ready]}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": named(self.spec.name, self.spec.namespace), "status": status}

    # The container.

    def start_container(self, *options: object) -> None:
        """Starts the MCP server and waits until its first port answers."""
        port = next(iter(self.spec.ports))
        others = [word for other in list(self.spec.ports)[1:] for word in ("--other-port", other)]
        argv = [python("py2"), PROGRAMS / "mcp_server.py", "--port", port, *others]
        argv += ["--calls", self.calls_file, "--broken", self.broken_file, *options]
        self._container = self.host.start("container", argv)
        self._container.wait_for("port", lambda: bool(self.host.connect("127.0.0.1", port, 1).close()) or True)

    def calls(self) -> list[str]:
        """What the container ran."""
        return self.calls_file.read_text().splitlines()

    def forget_calls(self) -> None:
        """Starts the list anew."""
        self.calls_file.write_text("")

    # The sidecar.

    def start_sidecar(self, wait: bool = True) -> None:
        """Captures the pod's traffic and starts pilot-agent, which starts Envoy."""
        self._mount_points()
        self._capture()
        self._write_files()
        self._sidecar = self.host.start("agent", ["bash", self._script()])
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Waits for what a readiness probe would ask for."""
        try:
            self._sidecar.wait_for("readiness", self.ready, seconds)
        except Exception as fault:
            raise RuntimeError(f"{self.spec.name}: {fault}\n{self.log()[-4000:]}") from fault

    def ready(self) -> bool | None:
        """Whether the sidecar calls itself ready."""
        return exchange(self.host.connect("127.0.0.1", 15021, 2), "GET", "/healthz/ready").status == 200 or None

    def stop_sidecar(self, at_once: bool = True) -> None:
        """Ends agent and Envoy."""
        if not self._sidecar:
            return
        self._sidecar_children(at_once)
        self._sidecar.stop()
        self._sidecar = None

    def restart_sidecar(
        self, wait: bool = True, environment: dict[str, str] | None = None, volumes: dict[str, Path] | None = None
    ) -> None:
        """A new sidecar, with an empty cache of modules, as in a new pod; what is given replaces what it had."""
        self.stop_sidecar()
        changes = {"environment": environment, "volumes": volumes}
        self.spec = replace(self.spec, **{name: value for name, value in changes.items() if value is not None})
        self.start_sidecar(wait)

    def stop_container(self) -> None:
        """Ends the server."""
        if self._container:
            self._container.stop()

    def log(self) -> str:
        """What the sidecar said, its access log among it."""
        file = self.directory / "sidecar.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def access_log(self) -> list[dict]:
        """The entries of its access log."""
        return [entry for entry in AccessLog(self.directory / "sidecar.log").entries() if "response_code" in entry]

    def records(self) -> list[dict]:
        """The decision records among them."""
        found = [entry.get("mcp_guard") for entry in self.access_log()]
        return [json.loads(one) if isinstance(one, str) else one for one in found if one]

    def admin(self, path: str, method: str = "GET") -> str:
        """A page of Envoy's administration interface."""
        return exchange(self.host.connect("127.0.0.1", 15000), method, path).body

    def config_dump(self) -> dict:
        """All that Envoy runs."""
        return json.loads(self.admin("/config_dump"))

    def metrics(self) -> str:
        """Envoy's metrics as Prometheus sees them."""
        return exchange(self.host.connect("127.0.0.1", 15090), "GET", "/stats/prometheus").body

    def agent_metrics(self) -> str:
        """The agent's own."""
        return exchange(self.host.connect("127.0.0.1", 15020), "GET", "/metrics").body

    # Requests from it.

    def connection(self, host: str, port: int) -> Connection:
        """A connection to a service or pod, as its container would open it."""
        return Connection(self.host.connect(host, port), authority=f"{host}:{port}")

    def ask(self, method: str, host: str, port: int, path: str, headers: dict | None = None, body: str | None = None) -> Reply:
        """One request on a connection of its own."""
        try:
            connection = self.connection(host, port)
        except OSError as fault:
            return Reply(0, fault=f"{type(fault).__name__}: {fault}")
        try:
            return connection.ask(method, path, headers, body)
        finally:
            connection.close()

    def _mount_points(self) -> None:
        for place in [*MOUNTS.values(), *self.spec.volumes]:
            os.makedirs(place, exist_ok=True)

    def _capture(self) -> None:
        done = self.host.run([program("pilot-agent"), *CAPTURE], env=iptables_environment())
        if done.returncode != 0:
            raise RuntimeError(f"istio-iptables: {done.stdout}{done.stderr}")

    def _write_files(self) -> None:
        folders = {name: self.directory / name for name in MOUNTS}
        for folder in folders.values():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        self.write_token()
        (folders["secrets"] / "istio").mkdir()
        (folders["secrets"] / "istio/root-cert.pem").write_text(self.control.root_certificate())
        (folders["etc"] / "proxy").mkdir()
        (folders["etc"] / "pod").mkdir()
        labels = {"app": self.spec.app, "service.istio.io/canonical-name": self.spec.app, **self.spec.labels}
        (folders["etc"] / "pod/labels").write_text("".join(f'{key}="{value}"\n' for key, value in labels.items()))
        (folders["etc"] / "pod/annotations").write_text("")
        (folders["lib"] / "data").mkdir()
        (folders["lib"] / "envoy").mkdir()
        shutil.copy(BOOTSTRAP, folders["lib"] / "envoy" / BOOTSTRAP.name)
        (self.directory / "sidecar.log").touch()
        for folder in folders.values():
            subprocess.run(["chown", "-R", str(PROXY_USER), folder], check=True)
        os.chown(self.directory / "sidecar.log", PROXY_USER, PROXY_USER)

    def write_token(self, lifetime: str = "1h") -> None:
        """The token that the kubelet would mount, and renew."""
        folder = self.directory / "secrets" / "tokens"
        folder.mkdir(exist_ok=True)
        file = folder / "istio-token"
        file.write_text(self.control.token(self.spec.namespace, self.spec.account, lifetime=lifetime))
        os.chown(file, PROXY_USER, PROXY_USER)

    def _script(self) -> Path:
        mounts = {place: self.directory / name for name, place in MOUNTS.items()} | self.spec.volumes
        binds = "".join(f"mount --bind {source} {place}\n" for place, source in mounts.items())
        script = self.directory / "sidecar.sh"
        words = ["proxy", "sidecar", "--domain", f"{self.spec.namespace}.svc.cluster.local"]
        words += ["--proxyLogLevel=warning", "--proxyComponentLogLevel=misc:error", "--log_output_level=default:info"]
        variables = " ".join(f"{name}='{value}'" for name, value in self._environment().items())
        script.write_text(
            f"set -eu\n{binds}"
            # Opened for appending: the access log and the programs' own output share the file.
            f"exec >>{self.directory / 'sidecar.log'} 2>&1\ncd /\n"
            f"exec setpriv --reuid {PROXY_USER} --regid {PROXY_USER} --clear-groups "
            f"env -i {variables} {self._binary('pilot-agent')} {' '.join(words)}\n"
        )
        return script

    def _environment(self) -> dict[str, str]:
        spec = self.spec
        proxy_config = {
            "discoveryAddress": f"{ISTIOD}:15012",
            "binaryPath": str(self._binary("envoy")),
            "terminationDrainDuration": "1s",
            "concurrency": 2,
            "extraStatTags": ["method", "decision", "reason", "kind", "direction", "level", "outcome", "stage", "digest"],
        }
        return {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "PROXY_CONFIG": json.dumps(proxy_config),
            "POD_NAME": spec.name,
            "POD_NAMESPACE": spec.namespace,
            "INSTANCE_IP": self.host.address,
            "SERVICE_ACCOUNT": spec.account,
            "CA_ADDR": f"{ISTIOD}:15012",
            "TRUST_DOMAIN": spec.trust_domain,
            "ISTIO_META_CLUSTER_ID": "Kubernetes",
            "ISTIO_META_MESH_ID": spec.trust_domain,
            "ISTIO_META_INTERCEPTION_MODE": "REDIRECT",
            "ISTIO_META_WORKLOAD_NAME": spec.app,
            "WASM_INSECURE_REGISTRIES": f"{REGISTRY}:5000",
            **spec.environment,
        }

    def _binary(self, name: str) -> Path:
        return self.host.network.directory / "bin" / name

    def _sidecar_children(self, at_once: bool) -> None:
        """Ends the proxy's processes: those of its user in this namespace."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            found = [pid for pid in processes(self.host.namespace) if owner(pid) == PROXY_USER]
            if not found:
                return
            for pid in found:
                send(pid, 9 if at_once else 15)
            time.sleep(0.1)


def container(spec: Spec) -> dict:
    """What runs in the pod, as far as anyone asks for it."""
    secret = [{"name": "UPSTREAM_TOKEN", "value": SECRET}]
    return {"name": "server", "image": "server", "env": secret, "ports": [{"containerPort": port} for port in spec.ports]}


def copy_binaries(directory: Path) -> None:
    """Puts the proxy's programs where its user may run them, wherever they lie."""
    folder = directory / "bin"
    folder.mkdir()
    for name in ("envoy", "pilot-agent"):
        shutil.copy(program(name), folder / name)


def owner(pid: int) -> int | None:
    """The user of a process."""
    try:
        return Path(f"/proc/{pid}").stat().st_uid
    except FileNotFoundError:
        return None


def named(name: str, namespace: str | None = None) -> dict:
    """The metadata of an object."""
    return {"name": name, **({"namespace": namespace} if namespace else {})}
