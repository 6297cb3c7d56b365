"""A real Kubernetes API server with the resource definitions of one Istio minor.

    with ApiServer("1.31") as server:
        server.apply(text).checked()

etcd and kube-apiserver on free ports of 127.0.0.1, in a folder that is removed afterwards. Nothing
else of a cluster runs: what is applied is stored and judged, and no pod ever starts.
"""

import secrets
import socket
import ssl
import tempfile
import urllib.request
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa

from tests.env.certificates import private_pem
from tests.env.process import Process

from .commands import Outcome, program, run
from .objects import parse
from .schemas import schema_file

KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters:
  - name: test
    cluster: {{ server: "{url}", certificate-authority: "{authority}" }}
users:
  - name: test
    user: {{ token: "{token}" }}
contexts:
  - name: test
    context: {{ cluster: test, user: test }}
current-context: test
"""
START_SECONDS = 90


class ApiServer:
    """One API server and its etcd; a context manager that starts and stops them."""

    def __init__(self, minor: str):
        self._temporary = tempfile.TemporaryDirectory(prefix="mcp-guard-apiserver-")
        self.directory = Path(self._temporary.name)
        self.minor = minor
        self._token = secrets.token_urlsafe(24)
        self._processes: list[Process] = []
        self._url = ""

    def __enter__(self) -> "ApiServer":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> "ApiServer":
        """Starts it and waits until it serves Istio's kinds."""
        try:
            self._start_server(self._start_etcd())
            self._install_definitions()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stops it and removes its files."""
        for process in reversed(self._processes):
            process.stop()
        self._temporary.cleanup()

    def kubectl(self, *options: object, stdin: str = "") -> Outcome:
        """Runs kubectl against this server."""
        return run("kubectl", *options, home=self.directory, stdin=stdin)

    def helm(self, *options: object, stdin: str = "") -> Outcome:
        """Runs Helm against this server."""
        return run("helm", *options, home=self.directory, stdin=stdin)

    def dry_run(self, text: str) -> Outcome:
        """What the server would say to these objects. Only their namespaces are really created."""
        for namespace in sorted(namespaces(text)):
            self.create_namespace(namespace)
        options = ("--dry-run=server", "--validate=strict", "--warnings-as-errors")
        return self.kubectl("apply", *options, "-f", "-", stdin=text)

    def create_namespace(self, name: str) -> None:
        """Creates a namespace unless it is there."""
        if not self.kubectl("get", "namespace", name).accepted:
            self.kubectl("create", "namespace", name).checked()

    def _start_etcd(self) -> str:
        client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        options = [
            f"--data-dir={self.directory / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        ]
        etcd = self._run("etcd", options)
        etcd.wait_for("health", lambda: get(f"{client}/health"), START_SECONDS)
        return client

    def _start_server(self, etcd: str) -> None:
        port = free_port()
        key = self.directory / "service-account.key"
        key.write_bytes(private_pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
        users = self.directory / "users.csv"
        users.write_text(f"{self._token},test,test,system:masters\n")
        options = [
            f"--etcd-servers={etcd}",
            "--bind-address=127.0.0.1",
            f"--secure-port={port}",
            f"--cert-dir={self.directory / 'certificates'}",
            f"--token-auth-file={users}",
            "--anonymous-auth=false",
            "--authorization-mode=AlwaysAllow",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            # Nothing creates the default accounts that it asks for.
            "--disable-admission-plugins=ServiceAccount",
            "--endpoint-reconciler-type=none",
        ]
        server = self._run("kube-apiserver", options)
        self._url = f"https://127.0.0.1:{port}"
        server.wait_for("readiness", self._read_ready, START_SECONDS)
        self._write_kubeconfig()

    def _run(self, name: str, options: list[str]) -> Process:
        process = Process([program(name), *options], self.directory / f"{name}.log")
        self._processes.append(process)
        return process

    def _read_ready(self) -> str:
        return get(f"{self._url}/readyz", self._token, self._authority)

    @property
    def _authority(self) -> Path:
        # The server signs it itself; the authority is in the same file.
        return self.directory / "certificates" / "apiserver.crt"

    def _write_kubeconfig(self) -> None:
        text = KUBECONFIG.format(url=self._url, authority=self._authority, token=self._token)
        file = self.directory / "kubeconfig"
        file.touch(mode=0o600)
        file.write_text(text)

    def _install_definitions(self) -> None:
        for name in (f"istio-{self.minor}.yaml", "prometheus-rule.yaml"):
            self.kubectl("create", "-f", schema_file(name)).checked()
        established = "condition=Established"
        self.kubectl("wait", "--for", established, "--timeout=60s", "customresourcedefinitions", "--all").checked()


def namespaces(text: str) -> set[str]:
    """Where the objects of a stream go."""
    found = {value.get("metadata", {}).get("namespace") for value in parse(text)}
    return found - {None}


def free_port() -> int:
    """A port that was free a moment ago: neither program can choose one itself and tell."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def get(url: str, token: str = "", authority: Path | None = None) -> str:
    """A page; `OSError` unless the answer is a good one."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    context = ssl.create_default_context(cafile=str(authority)) if authority else None
    with urllib.request.urlopen(request, timeout=5, context=context) as response:
        return response.read().decode()
