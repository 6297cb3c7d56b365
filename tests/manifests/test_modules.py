"""The schemas are those that were pinned, of the versions that the other judges are built from."""

import io
import zipfile
from pathlib import Path

import pytest

from . import modules
from .modules import Module, ModuleError, extract, locked, module_hash, proxies

GO = Path(__file__).with_name("go")


def archive(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as result:
        for name, content in files.items():
            result.writestr(name, content)
    return buffer.getvalue()


def test_hash_is_that_of_go() -> None:
    # Of golang.org/x/mod/sumdb/dirhash: the listing of these two files, hashed.
    files = {"a/x": "1", "a/b": "2"}
    with zipfile.ZipFile(io.BytesIO(archive(files))) as opened:
        assert module_hash(opened) == "h1:O9d1bF+wMyXfRKBBH9qdw6VREdej6QskRTcHCy0DpFE="


def test_another_zip_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(modules.KEPT, "example.org/m", {"f": "f-{minor}"})
    good = archive({"example.org/m@v1.2.3/f": "content"})
    with zipfile.ZipFile(io.BytesIO(good)) as opened:
        module = Module("example.org/m", "v1.2.3", module_hash(opened))
    assert extract(module, good) == {"f-1.2": b"content"}
    with pytest.raises(ModuleError, match="pinned is"):
        extract(module, archive({"example.org/m@v1.2.3/f": "Content"}))


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (None, ["https://proxy.golang.org"]),
        ("", ["https://proxy.golang.org"]),
        ("https://a.example/,https://b.example|direct", ["https://a.example", "https://b.example"]),
        ("off", []),
    ],
)
def test_proxies(setting: str | None, expected: list[str]) -> None:
    assert proxies(setting) == expected


def test_other_judges_have_the_same_versions() -> None:
    sums = "".join(path.read_text() for path in GO.glob("*/go.sum")).splitlines()
    pins = {line.split()[0]: line.split()[1:] for line in sums if not line.split()[1].endswith("/go.mod")}
    newest = {module.path: [module.version, module.hash] for module in locked()}
    for path in ("istio.io/api", "k8s.io/kubernetes"):
        assert newest[path] == pins[path]
