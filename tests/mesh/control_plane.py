"""A Kubernetes API server, istiod and an OCI registry on one host.

No kubelet, no scheduler, no controllers: whoever wants a pod writes the object (`pod.py`) and starts
its programs. Istio's own objects are stored, validated and pushed as in any cluster.
"""

import base64
import json
import secrets
import time
from pathlib import Path

import yaml
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.env.certificates import private_pem
from tests.env.process import Process
from tests.env.waiting import until
from tests.manifests.schemas import schema_file

from .network import Host
from .tools import program
from .web import exchange

ISTIO_MINOR = "1.31"
ISTIOD = "istiod.istio-system.svc"
REGISTRY = "registry.example.com"
SERVICE_ADDRESSES = "10.96.0.0/16"
START_SECONDS = 90
# Those that are pushed to sidecars.
ISTIO_KINDS = (
    "wasmplugins,trafficextensions,telemetries,peerauthentications,authorizationpolicies,requestauthentications,"
    "serviceentries,destinationrules,sidecars"
)

# Without these istiod pushes filters that only istio-proxy has, and a stock Envoy refuses the listener.
STOCK_ENVOY = {
    "PILOT_ENABLE_METADATA_EXCHANGE": "false",
    "PILOT_ENABLE_ALPN_FILTER": "false",
    "PILOT_DISABLE_MX_ALPN": "true",
    "PILOT_ENABLE_TELEMETRY_LABEL": "false",
    "PILOT_ENDPOINT_TELEMETRY_LABEL": "false",
    "PILOT_ENABLE_AMBIENT": "false",
    "AMBIENT_ENABLE_BAGGAGE": "false",
    "PILOT_ENABLE_GATEWAY_API": "false",
}


class ControlPlane:
    """Starts and answers for them; `kubectl` is how everything else speaks to it."""

    def __init__(self, host: Host, mesh_config: dict):
        self.host = host
        self._mesh_config = mesh_config
        self._token = secrets.token_urlsafe(24)
        self._processes: dict[str, Process] = {}
        self.directory = host.directory

    def start(self) -> None:
        """Returns when istiod serves sidecars."""
        self._start_registry()
        self._start_etcd()
        self._start_api_server()
        definitions = [schema_file(f"istio-{ISTIO_MINOR}.yaml"), schema_file("prometheus-rule.yaml")]
        self.kubectl("create", *(word for file in definitions for word in ("-f", file)))
        self.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
        self.kubectl("create", "namespace", "istio-system")
        self.start_istiod()

    # What tests stop and start.

    def stop(self, name: str) -> None:
        """Stops one of `registry`, `istiod`, `etcd`, `kube-apiserver`."""
        self._processes.pop(name).stop()

    def running(self) -> set[str]:
        """Which of them were not stopped."""
        return set(self._processes)

    def log(self, name: str) -> str:
        """What one of them said."""
        return (self.directory / f"{name}.log").read_text(errors="replace")

    def start_registry(self) -> None:
        """Starts the registry again, with what was in it."""
        self._start_registry()

    def start_istiod(self) -> None:
        """Starts istiod, and waits until it is ready."""
        config = self.directory / "mesh.yaml"
        config.write_text(yaml.safe_dump(self._mesh_config))
        # istiod of a cluster mounts this ConfigMap where here the file is.
        self.apply([mesh_config_map(config.read_text())])
        environment = {
            **STOCK_ENVOY,
            "POD_NAME": "istiod",
            "POD_NAMESPACE": "istio-system",
            "SERVICE_ACCOUNT": "istiod",
            "REVISION": "default",
            # Pushes at once: the default of 100 ms is for meshes of thousands of pods.
            "PILOT_DEBOUNCE_AFTER": "10ms",
            # Nobody vouches for the certificate of the identity provider of the tests.
            "JWKS_RESOLVER_INSECURE_SKIP_VERIFY": "true",
        }
        options = [
            "discovery",
            f"--kubeconfig={self.kubeconfig}",
            f"--meshConfig={config}",
            "--httpAddr=:8080",
            "--monitoringAddr=:15014",
            "--secureGRPCAddr=:15012",
            "--grpcAddr=:15010",
            "--domain=cluster.local",
            "--log_output_level=default:warn",
        ]
        istiod = self._run("istiod", program("pilot-discovery"), options, environment)
        istiod.wait_for("readiness", lambda: self._answers(8080, "/ready"), START_SECONDS)

    def reconfigure_istiod(self, **changes: object) -> None:
        """Starts istiod anew with another MeshConfig; None takes a key out."""
        self._mesh_config = {key: value for key, value in {**self._mesh_config, **changes}.items() if value is not None}
        self.stop("istiod")
        self.start_istiod()

    # kubectl and what is made of it.

    def kubectl(self, *options: object, stdin: str = "", check: bool = True) -> str:
        """Runs kubectl as an administrator; what it printed."""
        done = self.run("kubectl", *options, stdin=stdin)
        if check and done.returncode != 0:
            raise RuntimeError(f"kubectl {' '.join(map(str, options))}: {done.stderr}")
        return done.stdout + done.stderr

    def run(self, name: str, *options: object, stdin: str = ""):
        """Runs kubectl, helm, istioctl or crane beside the API server."""
        home = {"HOME": str(self.directory), "KUBECONFIG": str(self.kubeconfig)}
        return self.host.run([program(name), *options], stdin=stdin, env=home)

    def apply(self, objects: list[dict] | str) -> None:
        """Server-side apply, as the guides say."""
        text = objects if isinstance(objects, str) else stream(objects)
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=text)

    def apply_status(self, objects: list[dict]) -> None:
        """What controllers and kubelets report."""
        options = ("--server-side", "--force-conflicts", "--subresource=status", "-f", "-")
        self.kubectl("apply", *options, stdin=stream(objects))

    def delete(self, objects: list[dict] | str) -> None:
        """Deletes objects, those that are gone already included."""
        text = objects if isinstance(objects, str) else stream(objects)
        self.kubectl("delete", "--ignore-not-found", "--wait=true", "-f", "-", stdin=text)

    def get(self, *words: str) -> dict:
        """One object, or a list."""
        return json.loads(self.kubectl("get", *words, "-o", "json"))

    def token(self, namespace: str, account: str, audience: str = "istio-ca", lifetime: str = "1h") -> str:
        """A token of a service account, as the kubelet would mount it."""
        options = ("-n", namespace, "create", "token", account, "--audience", audience, "--duration", lifetime)
        return self.kubectl(*options).strip()

    def root_certificate(self) -> str:
        """That of istiod's own authority."""
        deadline = time.monotonic() + 30
        while True:
            found = self.kubectl("-n", "istio-system", "get", "secret", "istio-ca-secret", "-o", "json", check=False)
            if '"data"' in found:
                return base64.b64decode(json.loads(found)["data"]["ca-cert.pem"]).decode()
            assert time.monotonic() < deadline, found
            time.sleep(0.1)

    def debug(self, path: str) -> object:
        """A page of istiod's debug interface."""
        reply = exchange(self.host.connect("127.0.0.1", 8080), "GET", f"/debug/{path}")
        return json.loads(reply.body)

    def wait_until_pushed(self, seconds: float = 30) -> None:
        """Waits until istiod has what the API server has, and every connected sidecar what istiod made of it."""
        until(lambda: not self._unseen(), lambda: f"istiod has not seen: {self._unseen()}", seconds)
        # It pushes after the debounce time; Services are not among what it can be asked for.
        time.sleep(0.25)
        until(lambda: not self._outstanding(), lambda: f"not acknowledged: {self._outstanding()}", seconds)
        time.sleep(0.05)

    def _unseen(self) -> set[tuple[str, str, str]]:
        """Istio's objects that istiod does not have as they are stored, or still has."""
        stored = {version_of(one) for one in self.get(ISTIO_KINDS, "-A")["items"]}
        # Behind `~` are those that istiod makes of others.
        known = {version_of(one) for one in self.debug("configz") if "~" not in one["metadata"]["name"]}
        return stored ^ known

    def _outstanding(self) -> list[str]:
        """What sidecars have neither accepted nor refused."""
        return [
            f"{proxy['proxy']} {kind.rpartition('.')[2]}"
            for proxy in self.debug("syncz")
            for kind, state in proxy["resources"].items()
            if state.get("sent") != state.get("acked") and "lastError" not in state
        ]

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self.directory / "kubeconfig"

    def _start_registry(self) -> None:
        storage = self.directory / "registry"
        storage.mkdir(exist_ok=True)
        options = ["registry", "serve", "--address", f"{self.host.address}:5000", "--disk", storage]
        registry = self._run("registry", program("crane"), options, {"HOME": str(self.directory)})
        registry.wait_for("answer", lambda: self._answers(5000, "/v2/", self.host.address), START_SECONDS)

    def _start_etcd(self) -> None:
        options = [f"--data-dir={self.directory / 'etcd'}", "--unsafe-no-fsync", "--log-level=error"]
        etcd = self._run("etcd", program("etcd"), options)
        etcd.wait_for("health", lambda: self._answers(2379, "/health"), START_SECONDS)

    def _start_api_server(self) -> None:
        key = self.directory / "service-account.key"
        key.write_bytes(private_pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
        users = self.directory / "users.csv"
        users.write_text(f"{self._token},admin,admin,system:masters\n")
        certificates = self.directory / "certificates"
        options = [
            "--etcd-servers=http://127.0.0.1:2379",
            f"--advertise-address={self.host.address}",
            "--secure-port=6443",
            f"--cert-dir={certificates}",
            f"--token-auth-file={users}",
            "--anonymous-auth=false",
            "--authorization-mode=RBAC",
            f"--service-cluster-ip-range={SERVICE_ADDRESSES}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--api-audiences=https://kubernetes.default.svc,istio-ca",
            # Nothing creates the default accounts that it asks for.
            "--disable-admission-plugins=ServiceAccount",
            "--endpoint-reconciler-type=none",
        ]
        self._write_kubeconfig(certificates / "apiserver.crt")
        server = self._run("kube-apiserver", program("kube-apiserver"), options)
        server.wait_for("readiness", self._api_server_ready, START_SECONDS)

    def _api_server_ready(self) -> bool | None:
        return self.run("kubectl", "get", "--raw", "/readyz").returncode == 0 or None

    def _write_kubeconfig(self, authority: Path) -> None:
        server = {"server": f"https://{self.host.address}:6443", "certificate-authority": str(authority)}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "mesh", "cluster": server}],
            "users": [{"name": "admin", "user": {"token": self._token}}],
            "contexts": [{"name": "mesh", "context": {"cluster": "mesh", "user": "admin"}}],
            "current-context": "mesh",
        }
        self.kubeconfig.touch(mode=0o600)
        self.kubeconfig.write_text(yaml.safe_dump(config))

    def _run(self, name: str, path: Path, options: list, env: dict[str, str] | None = None) -> Process:
        process = self.host.start(name, [path, *options], env=env, cwd=self.directory)
        self._processes[name] = process
        return process

    def _answers(self, port: int, path: str, address: str = "127.0.0.1") -> bool | None:
        return exchange(self.host.connect(address, port, 1), "GET", path).status == 200 or None


def mesh_config_map(text: str) -> dict:
    """The ConfigMap with the mesh's configuration."""
    metadata = {"name": "istio", "namespace": "istio-system"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"mesh": text}}


def version_of(value: dict) -> tuple[str, str, str]:
    """Which object, and which of its versions."""
    metadata = value["metadata"]
    return value["kind"], f"{metadata['namespace']}/{metadata['name']}", metadata["resourceVersion"]


def stream(objects: list[dict]) -> str:
    """Objects as YAML that any reader reads alike."""
    return "".join(f"---\n{json.dumps(one)}\n" for one in objects)
