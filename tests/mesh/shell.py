"""Leaves a mesh up, with the GitHub server enforced, and a shell beside its API server."""

import os
import subprocess
import sys

from tests.env.paths import CLI, ROOT

from .mesh import GITHUB, Mesh
from .network import NAMESPACES
from .rollout import apply_stage
from .tools import TOOLS

WELCOME = """\
The mesh is up ({seconds} s). `exit` takes it down. Try:

  kubectl get wasmplugins,authorizationpolicies,sidecars,serviceentries -A
  in-pod gateway curl -s {url} -H 'content-type: application/json' -H 'accept: application/json, text/event-stream' \\
    -d '{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"system_exec","arguments":{{"command":"id"}}}}}}'
  in-pod stranger curl -s http://{address}:8080/mcp
  in-pod github curl -s http://127.0.0.1:15090/stats/prometheus | grep mcp_guard
  tail -f {directory}/github/sidecar.log

`in-pod` runs a program in one of: {hosts}
"""


def main() -> None:
    with Mesh() as mesh:
        apply_stage(mesh, mesh.policy("github-mcp-server"), "enforce", mesh.github)
        folder = mesh.directory / "commands"
        folder.mkdir()
        write(folder / "in-pod", f'name=$1; shift; exec ip netns exec {mesh.network.name}-"$name" "$@"')
        for name in ("kubectl", "helm", "istioctl", "crane"):
            write(folder / name, f'exec ip netns exec {mesh.control.host.namespace} {TOOLS}/go/bin/{name} "$@"')
        print(
            WELCOME.format(
                seconds=round(sum(mesh.timings.values())),
                url=f"http://{GITHUB}:8080/mcp",
                address=mesh.github.host.address,
                directory=mesh.directory,
                hosts=", ".join(sorted(path.name.removeprefix(f"{mesh.network.name}-") for path in NAMESPACES.glob(f"{mesh.network.name}-*"))),
            )
        )
        environment = {
            **os.environ,
            "KUBECONFIG": str(mesh.control.kubeconfig),
            "PATH": f"{folder}:{CLI.parent}:{os.environ['PATH']}",
            "PS1": "(mesh) \\w# ",
        }
        subprocess.run(["bash", "--norc", "-i"] if sys.stdin.isatty() else ["bash"], env=environment, cwd=ROOT, check=False)


def write(path, command: str) -> None:
    path.write_text(f"#!/bin/sh\n{command}\n")
    path.chmod(0o755)


if __name__ == "__main__":
    main()
