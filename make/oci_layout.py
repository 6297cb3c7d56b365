"""Writes an image that holds one static binary, as an OCI image layout (image specification 1.1).

Nothing in it depends on when or where it is written: the same binary gives the same digests.

    oci_layout.py BINARY TARGET FOLDER
"""

import gzip
import hashlib
import io
import json
import shutil
import sys
import tarfile
from pathlib import Path

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
MEDIA = "application/vnd.oci.image."
# The first moment that every archive format can say.
EPOCH = "1970-01-01T00:00:00Z"


def main(binary: Path, target: str, folder: Path) -> None:
    architecture = ARCHITECTURES[target.split("-")[0]]
    shutil.rmtree(folder, ignore_errors=True)
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    archive = layer(binary.read_bytes())
    packed = gzip.compress(archive, mtime=0)
    config = {
        "created": EPOCH,
        "architecture": architecture,
        "os": "linux",
        # Nobody: the tool needs no rights but to read and write what is mounted.
        "config": {"User": "65532:65532", "Entrypoint": ["/mcp-guard"], "WorkingDir": "/work"},
        "rootfs": {"type": "layers", "diff_ids": [digest(archive)]},
        "history": [{"created": EPOCH, "created_by": "mcp-guard"}],
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": MEDIA + "manifest.v1+json",
        "config": blob(blobs, "config.v1+json", encoded(config)),
        "layers": [blob(blobs, "layer.v1.tar+gzip", packed)],
    }
    described = blob(blobs, "manifest.v1+json", encoded(manifest))
    index = {
        "schemaVersion": 2,
        "mediaType": MEDIA + "index.v1+json",
        "manifests": [described | {"platform": {"architecture": architecture, "os": "linux"}}],
    }
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (folder / "index.json").write_bytes(encoded(index))
    print(f"{folder}: {described['digest']}")


def layer(binary: bytes) -> bytes:
    """The binary and the folder to work in, without times and owners."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        member = tarfile.TarInfo("mcp-guard")
        member.mode, member.size = 0o755, len(binary)
        archive.addfile(member, io.BytesIO(binary))
        work = tarfile.TarInfo("work")
        work.type, work.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(work)
    return buffer.getvalue()


def blob(blobs: Path, kind: str, content: bytes) -> dict:
    name = digest(content)
    (blobs / name.removeprefix("sha256:")).write_bytes(content)
    return {"mediaType": MEDIA + kind, "digest": name, "size": len(content)}


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def encoded(value: dict) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
