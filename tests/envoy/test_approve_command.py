"""The loop without any service: refused, approved with `mcp-guard approve`, run once."""

import json
import subprocess
from pathlib import Path

import pytest

from env.paths import CLI, must_exist

from .approvals import with_approval
from .guards import Guard
from .mcp import answered, call
from .stage import Stage
from .upstream import Script

DONE = Script(answered({"content": []}))
DELETE = call("delete_repository", name="website")
DESK = ["--key", "desk.jwk", "--issuer", "desk", "--approver", "kim@example.com"]


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
def test_a_challenge_is_approved_from_the_command_line(version: str, algorithm: str, tmp_path: Path) -> None:
    new_key = ["--new-key", "desk.jwk", "--kid", "k1", "--algorithm", algorithm]
    public = json.loads(approve(tmp_path, *new_key))
    guard = Guard(config(public))
    with Stage(version, {guard}, tmp_path) as stage:
        refused = stage.exchange(guard, DELETE, DONE)
        assert stage.forwarded(refused) is None
        (tmp_path / "answer.json").write_bytes(refused.response.body)
        (tmp_path / "arguments.json").write_text('{"name": "website"}')
        asked = ["--challenge", "answer.json", "--arguments", "arguments.json"]
        approved = with_approval(DELETE, approve(tmp_path, *asked, *DESK).strip())
        ran = stage.exchange(guard, approved, DONE)
        assert stage.forwarded(ran).body == DELETE.body
        assert ran.record["approver"] == "kim@example.com"
        again = stage.exchange(guard, approved, DONE)
        assert stage.forwarded(again) is None
        assert again.record["reason"] == "approval_replayed"


def config(public: dict) -> str:
    policy = {
        "server": "github-mcp-server",
        "allow": {"all": {"tools": ["delete_repository"]}},
        "approvals": {"issuers": {"desk": {"keys": [public]}}},
    }
    return json.dumps({"format": 2, "policy": policy})


def approve(folder: Path, *arguments: str) -> str:
    command = [must_exist(CLI, "make build"), "approve", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
