"""Compiles the policies of the tests with the command line, as an author would."""

import subprocess
import tempfile
from pathlib import Path

from tests.env.paths import CLI, must_exist
from tests.manifests.objects import parse

POLICIES = Path(__file__).with_name("policies")
NO_DIGEST = "sha256:" + "0" * 64
IMAGE = "oci://registry.example.com:5000/mcp-guard-filter:1"


class Policy:
    """One policy and its deployment, with changes of their text; what is compiled of them."""

    def __init__(self, server: str, image_digest: str, *changes: tuple[str, str]):
        folder = POLICIES / server
        self.server = server
        self._image_digest = image_digest
        texts = {name: (folder / f"{name}.yaml").read_text() for name in ("policy", "deploy")}
        texts["deploy"] = texts["deploy"].replace(NO_DIGEST, image_digest)
        for old, new in changes:
            assert any(old in text for text in texts.values()), f"nothing to change: {old}"
            texts = {name: text.replace(old, new) for name, text in texts.items()}
        self.texts = texts

    def changed(self, *changes: tuple[str, str]) -> "Policy":
        """The same policy with parts of its text replaced."""
        result = Policy(self.server, self._image_digest)
        result.texts = dict(self.texts)
        for old, new in changes:
            assert any(old in text for text in result.texts.values()), f"nothing to change: {old}"
            result.texts = {name: text.replace(old, new) for name, text in result.texts.items()}
        return result

    def objects(self, stage: str = "enforce", *options: str) -> list[dict]:
        """The Kubernetes and Istio objects."""
        return parse(self.emit("manifests", stage, *options))

    def emit(self, kind: str, stage: str = "enforce", *options: str) -> str:
        """What `mcp-guard compile --emit` prints."""
        with tempfile.TemporaryDirectory() as folder:
            self._write(Path(folder))
            return run("compile", "--emit", kind, "--stage", stage, *options, folder=Path(folder)).stdout

    def compile(self, folder: Path, stage: str = "enforce", *options: str) -> Path:
        """Writes everything that is compiled into a folder of this one, and returns that."""
        folder.mkdir(parents=True, exist_ok=True)
        self._write(folder)
        run("compile", "--stage", stage, "--out", str(folder / stage), *options, folder=folder)
        return folder / stage

    def _write(self, folder: Path) -> None:
        for name, text in self.texts.items():
            (folder / f"{name}.yaml").write_text(text)


def run(command: str, *options: str, folder: Path) -> subprocess.CompletedProcess:
    """Runs `mcp-guard` on the two files of a folder."""
    files = [str(folder / "policy.yaml"), "--deploy", str(folder / "deploy.yaml")]
    argv = [str(must_exist(CLI, "make build")), command, *files, *options]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}:\n{done.stderr}")
    return done
