"""Fetches the schemas out of Go modules, without Go: `python -m tests.manifests.modules DIRECTORY`.

`modules.sum` pins them as Go's own go.sum does, so that each line can be compared with
https://sum.golang.org. Its lines:

    line    = module " " version " " "h1:" base64(sha256(listing))
    listing = one line for each file of the zip, sorted by name: hex(sha256(content)) "  " name

A proxy is asked as https://go.dev/ref/mod#goproxy-protocol says; GOPROXY is honoured.
"""

import base64
import hashlib
import io
import os
import sys
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path

LOCK = Path(__file__).with_name("modules.sum")
DEFAULT_PROXY = "https://proxy.golang.org"
TIMEOUT_SECONDS = 120

OPENAPI = "api/openapi-spec/v3"
# What is kept of a module, and its name afterwards.
KEPT = {
    "istio.io/api": {"kubernetes/customresourcedefinitions.gen.yaml": "istio-{minor}.yaml"},
    "k8s.io/kubernetes": {
        f"{OPENAPI}/api__v1_openapi.json": "kubernetes-core.json",
        f"{OPENAPI}/apis__apps__v1_openapi.json": "kubernetes-apps.json",
        f"{OPENAPI}/apis__networking.k8s.io__v1_openapi.json": "kubernetes-networking.json",
    },
    "github.com/prometheus-operator/prometheus-operator": {
        "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml": "prometheus-rule.yaml"
    },
}


class ModuleError(RuntimeError):
    """A module could not be had, or is not what was pinned."""


@dataclass(frozen=True)
class Module:
    """One line of `modules.sum`."""

    path: str
    version: str
    hash: str

    @property
    def minor(self) -> str:
        """`1.31` of `v1.31.1`."""
        return ".".join(self.version.removeprefix("v").split(".")[:2])


def locked(text: str | None = None) -> list[Module]:
    """The pinned modules, in the order of `modules.sum`."""
    lines = (LOCK.read_text() if text is None else text).splitlines()
    return [Module(*line.split()) for line in lines]


def install(directory: Path) -> None:
    """Writes what is kept of every module into the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for module in locked():
        for name, content in extract(module, fetch(module)).items():
            (directory / name).write_bytes(content)


def fetch(module: Module) -> bytes:
    """The module's zip from the first proxy that has it."""
    failures = []
    for proxy in proxies(os.environ.get("GOPROXY")):
        url = f"{proxy}/{module.path}/@v/{module.version}.zip"
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as response:
                return response.read()
        except OSError as fault:
            failures.append(f"{url}: {fault}")
    raise ModuleError("\n".join(failures) or "GOPROXY names no proxy")


def proxies(setting: str | None) -> list[str]:
    """The addresses in GOPROXY. Without Go there is no way to a repository itself: `direct` is left out."""
    entries = (setting or DEFAULT_PROXY).replace("|", ",").split(",")
    return [entry.strip().rstrip("/") for entry in entries if "://" in entry]


def extract(module: Module, archive: bytes) -> dict[str, bytes]:
    """What is kept of a zip, by its new name; `ModuleError` unless the zip is the pinned one."""
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        found = module_hash(files)
        if found != module.hash:
            raise ModuleError(f"{module.path} {module.version} is {found}; pinned is {module.hash}")
        root = f"{module.path}@{module.version}"
        return {
            target.format(minor=module.minor): files.read(f"{root}/{source}")
            for source, target in KEPT[module.path].items()
        }


def module_hash(files: zipfile.ZipFile) -> str:
    """What Go calls `h1`."""
    listing = hashlib.sha256()
    for name in sorted(files.namelist()):
        listing.update(f"{hashlib.sha256(files.read(name)).hexdigest()}  {name}\n".encode())
    return "h1:" + base64.b64encode(listing.digest()).decode()


if __name__ == "__main__":
    install(Path(sys.argv[1]))
