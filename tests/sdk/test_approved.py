"""SDK clients of both eras get the guard's question through their own API, and run the call once approved."""

import base64
import json
import subprocess
from urllib.parse import parse_qs, urlsplit

import pytest
from env.envoy import Envoy
from env.paths import python
from env.server import Server
from envoy.approvals import Desk

from sdk.programs import HERE, server_argv

DESK = Desk()
POLICY = {
    "format": 2,
    "policy": {
        "server": "github",
        "allow": {"all": {"tools": ["delete_branch"]}},
        "approvals": {
            "issuers": {DESK.issuer: {"keys": [DESK.jwk()]}},
            "url": "https://approve.example.com/?request={request}",
        },
    },
}


@pytest.mark.parametrize(("venv", "program"), [("py1", "approved_v1.py"), ("py2", "approved_v2.py")])
def test_the_question_reaches_the_clients_own_api(tmp_path, venv: str, program: str) -> None:
    with Server(server_argv("py2", "sse"), tmp_path) as server, Envoy(server.port, POLICY) as envoy:
        command = [python(venv), HERE / "python" / program, f"http://127.0.0.1:{envoy.port}/mcp"]
        client = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            question = json.loads(client.stdout.readline())
            assert question["mode"] == "url" and server.calls() == []
            output, _ = client.communicate(DESK.approve(asked_for(question["url"])) + "\n", timeout=60)
        finally:
            client.kill()
            client.wait()
        assert json.loads(output) == {"error": False, "text": "deleted old"}
        assert server.calls() == ["delete_branch"]


def asked_for(url: str) -> dict:
    """What the URL says has to be approved; the user is whom the desk knows by its own login."""
    request = parse_qs(urlsplit(url).query)["request"][0]
    return {"user": "", **json.loads(base64.urlsafe_b64decode(request + "=" * (-len(request) % 4)))}
