"""The filter as an OCI image in the mesh's registry."""

import io
import tarfile
from pathlib import Path

from tests.env.paths import WASM, must_exist

from .control_plane import REGISTRY, ControlPlane

REPOSITORY = f"{REGISTRY}:5000/mcp-guard-filter"


def push(control: ControlPlane, tag: str = "1", module: bytes | None = None) -> str:
    """Pushes an image of one layer with the module; the digest of its manifest."""
    layer = control.directory / f"layer-{tag}.tar.gz"
    write_layer(layer, module if module is not None else must_exist(WASM, "make build").read_bytes())
    reference = f"{REPOSITORY}:{tag}"
    checked(control, "append", "--insecure", "--new_layer", layer, "--new_tag", reference)
    checked(control, "pull", "--insecure", "--format=oci", reference, layout(control, tag))
    return checked(control, "digest", "--insecure", reference).strip()


def push_again(control: ControlPlane, tag: str = "1") -> None:
    """The same image, to a registry that was down: this one forgets manifests."""
    checked(control, "push", "--insecure", layout(control, tag), f"{REPOSITORY}:{tag}")


def layout(control: ControlPlane, tag: str) -> Path:
    return control.directory / f"image-{tag}"


def push_index(control: ControlPlane, tag: str, of: str = "1") -> str:
    """Pushes an index of an image, as `docker buildx` makes by default; the digest of the index."""
    reference = f"{REPOSITORY}:{tag}"
    checked(control, "index", "append", "--insecure", "--manifest", f"{REPOSITORY}:{of}", "--tag", reference)
    return checked(control, "digest", "--insecure", reference).strip()


def checked(control: ControlPlane, *words: object) -> str:
    done = control.run("crane", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def write_layer(file: Path, module: bytes) -> None:
    with tarfile.open(file, "w:gz") as archive:
        member = tarfile.TarInfo("plugin.wasm")
        member.size = len(module)
        archive.addfile(member, io.BytesIO(module))
