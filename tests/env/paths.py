"""Where the build and `make tools` put what the tests run."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
WASM = Path(os.environ.get("MCP_GUARD_WASM") or ROOT / "target/wasm32-wasip1/release/mcp_guard_filter.wasm")
CLI = Path(os.environ.get("MCP_GUARD_CLI") or ROOT / "target/release/mcp-guard")


def envoy_version() -> str:
    """The version that make chose; without make, the newest that is installed."""
    installed = must_exist(TOOLS / "envoy", "make tools-envoy").iterdir()
    newest = max((path.name for path in installed), key=lambda name: [int(part) for part in name.split(".")])
    return os.environ.get("ENVOY_VERSION") or newest


def envoy_binary(version: str | None = None) -> Path:
    """The installed Envoy of a version."""
    version = version or envoy_version()
    return must_exist(
        TOOLS / "envoy" / version / "envoy/_bin/envoy",
        f"make tools-envoy ENVOY_VERSION={version}",
    )


def python(venv: str) -> Path:
    """The interpreter of one of the virtual environments: `py1`, `py2` or `harness`."""
    return must_exist(TOOLS / "venv" / venv / "bin/python", "make tools")


def must_exist(path: Path, command: str) -> Path:
    """The path, or an error that names the command which makes it."""
    if path.exists():
        return path
    raise FileNotFoundError(f"{path} is missing; run `{command}` first")
