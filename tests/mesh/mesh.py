"""The whole mesh, up and down.

    control     API server, istiod, registry
    gateway     the AI gateway: the only caller that the policies know
    github      an MCP server in `ai-agents`, enforced from the start
    runbooks    another one in `platform`, which the roll-out tests own
    other       a pod of the mesh that nobody granted anything
    stranger    a pod without sidecar
    collector   a collector of telemetry, which the MCP server may reach
    outside     the internet, as far as it is needed

    with Mesh() as mesh:
        mesh.gateway.ask("POST", mesh.github.name, 8080, "/mcp", …)
"""

import datetime
import os
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.env.certificates import pem, private_pem
from tests.env.paths import python

from .control_plane import ISTIOD, REGISTRY, ControlPlane
from .image import push
from .network import PREFIX, Network
from .pod import PROGRAMS, Pod, Spec, copy_binaries, named
from .policy import NO_DIGEST, Policy

GITHUB = "github-mcp-server.ai-agents"
RUNBOOKS = "runbooks.platform"
OUTSIDE = {
    "api.github.com": "203.0.113.10",
    "builds.example.com": "203.0.113.11",
    "sts.eu-central-1.amazonaws.com": "203.0.113.12",
    "api.openai.com": "203.0.113.13",
    "attacker.example.net": "203.0.113.14",
    "idp.example.com": "203.0.113.15",
    "metadata": "169.254.169.254",
}
SPECS = {
    "github": Spec(
        "github-0", "ai-agents", "github-mcp-sa", "github-mcp-server", {8080: {}, 9091: {"appProtocol": "http"}},
        service="github-mcp-server", service_address="10.96.1.1",
    ),
    "runbooks": Spec(
        "runbooks-0", "platform", "runbooks", "runbooks", {9000: {}}, service="runbooks", service_address="10.96.1.2"
    ),
    "gateway": Spec("gateway-0", "gateway", "ai-gateway", "ai-gateway"),
    "other": Spec("app-0", "other", "app", "app"),
    "collector": Spec(
        "otel-0", "observability", "otel", "otel", {8080: {}}, service="otel", service_address="10.96.1.3", sidecar=False
    ),
}
ADDRESSES = {
    "github": "10.10.1.10",
    "runbooks": "10.10.1.11",
    "gateway": "10.10.1.1",
    "other": "10.10.1.20",
    "collector": "10.10.1.40",
}


class Mesh:
    """A context manager; `timings` says how long each part took."""

    def __init__(self, trust_domain: str = "cluster.local", pods: Iterable[str] = SPECS):
        self._temporary = tempfile.TemporaryDirectory(prefix=f"{PREFIX}-{os.getpid()}-")
        self.directory = Path(self._temporary.name)
        # The proxy's user has to get to its files.
        self.directory.chmod(0o755)
        self.network = Network(self.directory)
        self.pods: dict[str, Pod] = {}
        self.timings: dict[str, float] = {}
        self._trust_domain = trust_domain
        self._specs = {name: replace(SPECS[name], trust_domain=trust_domain) for name in pods}
        self._began = time.monotonic()
        self.image_digest = ""

    def __enter__(self) -> "Mesh":
        self.network.__enter__()
        try:
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.network.__exit__()
        self._temporary.cleanup()

    def __getattr__(self, name: str) -> Pod:
        try:
            return self.__dict__["pods"][name]
        except KeyError:
            raise AttributeError(name) from None

    def _start(self) -> None:
        self.stranger = self.network.add("stranger", "10.10.1.30")
        self._start_outside()
        self.control = ControlPlane(self.network.add("control", "10.10.0.2"), self._mesh_config())
        self.network.call_it("10.10.0.2", ISTIOD, REGISTRY)
        copy_binaries(self.directory)
        self._took("network")
        self.control.start()
        self._took("control plane")
        self.image_digest = push(self.control)
        for name, spec in self._specs.items():
            self._define(name, spec)
        self.control.apply(self._namespaces())
        self.control.apply([one for pod in self.pods.values() for one in pod.objects()] + self._services())
        istiod = Pod(self.control.host, Spec("istiod-0", "istio-system", "istiod", "istiod"), self.control)
        self.control.apply(istiod.objects())
        self.control.apply_status([pod.status() for pod in [istiod, *self.pods.values()]])
        self._took("objects")
        with ThreadPoolExecutor() as pool:
            for done in [pool.submit(self._start_pod, pod) for pod in self.pods.values()]:
                done.result()
        self._took("pods")

    def policy(self, server: str, *changes: tuple[str, str]) -> Policy:
        """A policy of the tests, with the image that was pushed."""
        return Policy(server, self.image_digest, *changes)

    def add_replica(self, of: str, name: str, address: str) -> Pod:
        """One more pod of a server, which its Service leads to."""
        spec = replace(SPECS[of], name=f"{of}-1")
        pod = Pod(self.network.add(name, address), spec, self.control)
        self.control.apply(pod.objects())
        self.control.apply_status([pod.status()])
        self._start_pod(pod)
        self.control.apply(service(spec, [self.pods[of].host.address, address])[1:])
        return pod

    def remove_replica(self, of: str, pod: Pod) -> None:
        """Takes it away again."""
        self.control.apply(service(SPECS[of], [self.pods[of].host.address])[1:])
        # No kubelet reports that it has ended.
        self.control.kubectl("delete", "pod", pod.spec.name, "-n", pod.spec.namespace, "--force", "--grace-period=0")
        pod.stop_sidecar()
        pod.stop_container()
        self.network.remove(pod.host)

    def _start_pod(self, pod: Pod) -> None:
        if pod.spec.ports:
            pod.start_container()
        if pod.spec.sidecar:
            pod.start_sidecar()

    def _define(self, name: str, spec: Spec) -> None:
        host = self.network.add(name, ADDRESSES[name])
        self.pods[name] = Pod(host, spec, self.control)
        if spec.service:
            names = [f"{spec.service}.{spec.namespace}{rest}" for rest in ("", ".svc", ".svc.cluster.local")]
            self.network.call_it(spec.service_address, *names)

    def _mesh_config(self) -> dict:
        # The image is not known yet, and does not matter here.
        folder = Policy("github-mcp-server", NO_DIGEST.replace("0", "1")).compile(self.directory / "mesh-config")
        compiled = yaml.safe_load((folder / "mesh-config.yaml").read_text())
        defaults = compiled.pop("defaultConfig", {})
        return {
            "trustDomain": self._trust_domain,
            "enablePrometheusMerge": False,
            "defaultProviders": {},
            "defaultConfig": {**defaults, "discoveryAddress": f"{ISTIOD}:15012"},
            **compiled,
        }

    def _start_outside(self) -> None:
        host = self.network.add("outside", *OUTSIDE.values())
        for name, address in OUTSIDE.items():
            self.network.call_it(address, name)
        self.outside_pages = host.directory / "pages"
        self.outside_pages.mkdir()
        certificate, key = self_signed([*OUTSIDE], host.directory)
        self.outside_certificate = certificate
        self.outside_calls = host.directory / "calls"
        self.outside_calls.touch()
        argv = [python("harness"), PROGRAMS / "outside.py", "--certificate", certificate, "--key", key]
        argv += ["--calls", self.outside_calls, "--pages", self.outside_pages]
        self.outside = host
        process = host.start("outside", argv)
        process.wait_for("port", lambda: bool(host.connect("127.0.0.1", 443, 1).close()) or True)

    def _namespaces(self) -> list[dict]:
        names = {spec.namespace for spec in SPECS.values()}
        labels = {"istio-injection": "enabled"}
        return [{"apiVersion": "v1", "kind": "Namespace", "metadata": {**named(name), "labels": labels}} for name in sorted(names)]

    def _services(self) -> list[dict]:
        found = []
        for pod in self.pods.values():
            if pod.spec.service:
                found += [*service(pod.spec, [pod.host.address]), deployment(pod.spec)]
        return found

    def _took(self, what: str) -> None:
        now = time.monotonic()
        self.timings[what] = round(now - self._began, 1)
        self._began = now


def service(spec: Spec, addresses: list[str]) -> list[dict]:
    """A Service and the EndpointSlice that a controller would keep; no port says what it speaks."""
    ports = [{"name": f"port-{port}", "port": port, "protocol": "TCP", **more} for port, more in spec.ports.items()]
    labels = {"kubernetes.io/service-name": spec.service}
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": named(spec.service, spec.namespace),
            "spec": {
                "clusterIP": spec.service_address,
                "selector": {"app": spec.app},
                "ports": [{**port, "targetPort": port["port"]} for port in ports],
            },
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {**named(spec.service, spec.namespace), "labels": labels},
            "addressType": "IPv4",
            "ports": ports,
            "endpoints": [
                {"addresses": [address], "conditions": {"ready": True}, "targetRef": {"kind": "Pod", "name": spec.name, "namespace": spec.namespace}}
                for address in addresses
            ],
        },
    ]


def deployment(spec: Spec) -> dict:
    """What the guides patch; no controller acts upon it."""
    labels = {"app": spec.app}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "server", "image": "server"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": named(spec.service, spec.namespace),
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }


def self_signed(names: list[str], directory: Path) -> tuple[Path, Path]:
    """A certificate for these names that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "outside")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=2))
    alternative = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    certificate = builder.add_extension(alternative, critical=False).sign(key, hashes.SHA256())
    files = directory / "outside.pem", directory / "outside.key"
    files[0].write_bytes(pem(certificate))
    files[1].write_bytes(private_pem(key))
    return files
