"""Leaves a mesh up, with the GitHub server enforced, and a shell beside its API server."""

import os
import subprocess
import sys
from pathlib import Path

from tests.env.paths import CLI, ROOT

from .mesh import GITHUB, Mesh
from .pod import Pod
from .rollout import apply_stage
from .tools import program

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


# There is no kubelet: `kubectl exec POD -c istio-proxy -- COMMAND` is done by the network namespace.
KUBECTL = """\
if [ "$1" = exec ]; then
  while [ "$1" != -- ]; do case "$1" in pod/*) pod=${{1#pod/}};; esac; shift; done
  shift
  case "$pod" in
{pods}  esac
  PATH={agent}:$PATH exec ip netns exec "$pod" "$@"
fi
exec ip netns exec {control} {kubectl} "$@"
"""


def main() -> None:
    with Mesh() as mesh:
        apply_stage(mesh, mesh.policy("github-mcp-server"), "enforce", mesh.github)
        folder = commands(mesh, mesh.directory / "commands")
        print(
            WELCOME.format(
                seconds=round(sum(mesh.timings.values())),
                url=f"http://{GITHUB}:8080/mcp",
                address=mesh.github.host.address,
                directory=mesh.directory,
                hosts=", ".join(mesh.network.hosts),
            )
        )
        environment = {
            **os.environ,
            "KUBECONFIG": str(mesh.control.kubeconfig),
            "PATH": f"{folder}:{CLI.parent}:{os.environ['PATH']}",
            "PS1": "(mesh) \\w# ",
        }
        subprocess.run(["bash", "--norc", "-i"] if sys.stdin.isatty() else ["bash"], env=environment, cwd=ROOT, check=False)


def commands(mesh: Mesh, folder: Path, *more: Pod) -> Path:
    """A folder for PATH, with what one types against the mesh, and against more pods than it began with."""
    folder.mkdir(exist_ok=True)
    control, name = mesh.control.host.namespace, mesh.network.name
    write(folder / "in-pod", f'name=$1; shift; exec ip netns exec {name}-"$name" "$@"')
    for tool in ("helm", "istioctl", "crane"):
        write(folder / tool, f'exec ip netns exec {control} {program(tool)} "$@"')
    pods = "".join(f"  {pod.spec.name}) pod={pod.host.namespace};;\n" for pod in (*mesh.pods.values(), *more))
    write(folder / "kubectl", KUBECTL.format(control=control, kubectl=program("kubectl"), agent=program("pilot-agent").parent, pods=pods))
    return folder


def write(path: Path, command: str) -> None:
    path.write_text(f"#!/bin/sh\n{command}\n")
    path.chmod(0o755)


if __name__ == "__main__":
    main()
