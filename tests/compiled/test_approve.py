"""The whole loop from the command line: refused, approved with `mcp-guard approve`, run once."""

import json
import subprocess
from pathlib import Path

from env.compiler import emit
from env.paths import CLI, must_exist
from envoy.approvals import with_approval
from envoy.guards import Guard
from envoy.mcp import answered, call
from envoy.stage import Stage
from envoy.upstream import Script

POLICY = """\
version: 1
server: github-mcp-server
endpoints: {{ port: 8080, mcp: [/mcp] }}
allow:
  delete: {{ tools: [delete_repository], approval: required }}
approvals:
  issuers:
    desk:
      keys: [{key}]
"""
DONE = Script(answered({"content": []}))


def guard(*arguments: object) -> str:
    """Standard output of the tool."""
    command = [str(must_exist(CLI, "make build")), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_refused_approved_run_once(version: str, tmp_path: Path) -> None:
    policy, key, answer = tmp_path / "policy.yaml", tmp_path / "desk.jwk", tmp_path / "answer.json"
    public = guard("approve", "--new-key", key, "--kid", "k1")
    assert key.stat().st_mode & 0o077 == 0
    policy.write_text(POLICY.format(key=" ".join(public.split())))
    guarded = Guard(emit("plugin-config", policy))
    delete, other = call("delete_repository", name="website"), call("delete_repository", name="docs")
    with Stage(version, {guarded}, tmp_path) as stage:

        def run(request) -> tuple[str, bool]:
            seen = stage.exchange(guarded, request, DONE)
            answer.write_bytes(seen.response.body)
            return seen.record["reason"], stage.forwarded(seen) is not None

        assert run(delete) == ("approval_required", False)
        signs = ["--key", key, "--approver", "kim@example.com"]
        token = guard("approve", policy, *signs, "--challenge", answer, "name=website").strip()
        assert run(with_approval(other, token)) == ("approval_wrong_arguments", False)
        assert run(with_approval(delete, token)) == ("allowed", True)
        assert run(with_approval(delete, token)) == ("approval_replayed", False)
        described = json.loads(guard("approve", policy, "--inspect", token, "--format", "json"))
        assert described["claims"]["tool"] == "delete_repository", described
