"""The desk of docs/approvals.md signs what the guard accepts."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from env.paths import CLI, ROOT, must_exist

from .blocks import blocks

POLICY = """\
version: 1
server: files
endpoints: {{ port: 8080, mcp: [/mcp] }}
callers:
  gateway: {{ service_accounts: [gateway/ai-gateway] }}
allow:
  clean: {{ tools: [delete_file] }}
approvals:
  issuers:
    desk: {{ keys: [ {key} ] }}
"""

ARGUMENTS = {"path": "/tmp/é \"\\ \n\x01 \u2028", "recursive": True, "depth": [1, -2, 0, None], "": {"B": 1, "a": {}}}


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (block,) = [block for block in blocks(ROOT / "docs/approvals.md") if block.info == "python"]
    (tmp_path / "desk.py").write_text(block.text)
    public = guard(tmp_path, "approve", "--new-key", "desk.jwk", "--kid", "k1")
    (tmp_path / "policy.yaml").write_text(POLICY.format(key=public.strip()))
    (tmp_path / "arguments.json").write_text(json.dumps(ARGUMENTS))
    return tmp_path


def test_the_desk_signs_what_the_guard_accepts(desk: Path) -> None:
    token = sign(desk)
    explained = inspect(desk, token, "--tool", "delete_file", "--arguments", "arguments.json")
    assert explained["reason"] is None
    assert explained["holds"] is True
    assert explained["claims"]["approver"] == "kim@example.com"


def test_the_desk_reads_the_error_as_well(desk: Path) -> None:
    details = question(desk)["result"]["_meta"]
    signed = run_desk(desk, {"error": {"code": -32042, "message": "", "data": details}})
    assert signed.returncode == 0, signed.stderr
    assert inspect(desk, signed.stdout.strip())["holds"] is True


def test_the_desk_signs_nothing_but_what_was_read(desk: Path) -> None:
    challenge = question(desk)
    (desk / "arguments.json").write_text(json.dumps({**ARGUMENTS, "path": "/"}))
    refused = run_desk(desk, challenge)
    assert refused.returncode != 0
    assert "other arguments" in refused.stderr


def test_what_the_desk_signed_holds_for_nothing_else(desk: Path) -> None:
    explained = inspect(desk, sign(desk), "path=/", code=1)
    assert explained["reason"] == "approval_wrong_arguments"


def sign(desk: Path) -> str:
    signed = run_desk(desk, question(desk))
    assert signed.returncode == 0, signed.stderr
    return signed.stdout.strip()


def question(desk: Path) -> dict[str, Any]:
    """What the guard would ask, as far as the desk reads it."""
    call = ["--as", "gateway", "--tool", "delete_file", "--arguments", "arguments.json"]
    token = guard(desk, "approve", "policy.yaml", "--key", "desk.jwk", "--approver", "kim", *call)
    claims = inspect(desk, token.strip())["claims"]
    asked = {name: claims[name] for name in ("caller", "user", "tool", "arguments", "policy")}
    details = {**asked, "server": claims["aud"], "max_lifetime": 60}
    return {"result": {"_meta": {"dev.mcp-guard/approval": details}}}


def run_desk(desk: Path, challenge: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    (desk / "answer.json").write_text(json.dumps(challenge))
    command = [sys.executable, "desk.py", "desk.jwk", "answer.json", "arguments.json"]
    return subprocess.run(command, cwd=desk, capture_output=True, text=True)


def inspect(desk: Path, token: str, *call: str, code: int = 0) -> dict[str, Any]:
    command = ["approve", "policy.yaml", *call, "--inspect", token, "--format", "json"]
    explained: dict[str, Any] = json.loads(guard(desk, *command, code=code))
    return explained


def guard(folder: Path, *arguments: str, code: int = 0) -> str:
    cli = must_exist(CLI, "make build")
    run = subprocess.run([cli, *arguments], cwd=folder, capture_output=True, text=True)
    assert run.returncode == code, run.stderr
    return run.stdout
