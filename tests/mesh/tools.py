"""The programs that a mesh is made of, and whether it can run here (`python -m tests.mesh.tools`)."""

import os
import shutil
import sys
from pathlib import Path

from tests.env.paths import TOOLS, envoy_binary, must_exist

# That of the Istio release: 1.31 was released with Envoy 1.39.
ENVOY = os.environ.get("MESH_ENVOY_VERSION") or "1.39.3"
IPTABLES = TOOLS / "mesh/iptables"
BOOTSTRAP = TOOLS / "mesh/envoy_bootstrap_tmpl.json"


def program(name: str) -> Path:
    """One of those that `make tools-mesh` built."""
    return envoy_binary(ENVOY) if name == "envoy" else must_exist(TOOLS / "go/bin" / name, "make tools-mesh")


def iptables_environment() -> dict[str, str]:
    """What makes istio-iptables find iptables: that of the machine, or the one beside the tools."""
    if shutil.which("iptables-restore"):
        return {}
    libraries = next(must_exist(IPTABLES, "make tools-mesh").glob("usr/lib/*/xtables"))
    return {
        "PATH": f"{IPTABLES / 'usr/sbin'}:{os.environ['PATH']}",
        "LD_LIBRARY_PATH": str(libraries.parent),
        "XTABLES_LIBDIR": str(libraries),
    }


def obstacle() -> str | None:
    """Why no mesh can run here, in one line."""
    if os.geteuid() != 0:
        return "the mesh needs root, for its network namespaces: run it as root"
    if missing := [name for name in ("ip", "setpriv", "mount") if not shutil.which(name)]:
        return f"the mesh needs `{missing[0]}`: install iproute2 and util-linux"
    return None


if __name__ == "__main__":
    sys.exit(obstacle())
