"""The steps of the demo as data, and what happens when a client takes them."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from env.envoy import Envoy
from env.paths import python
from env.server import Server
from env.waiting import awaited

HERE = Path(__file__).parent
GUIDE = "file:///srv/docs/guide.md"
TRAVERSAL = "file:///srv/docs/../../etc/shadow"
ENCODED_TRAVERSAL = "file:///srv/docs/%2e%2e/%2e%2e/etc/shadow"

# The key under which the guard tells clients a tool's approval level.
APPROVAL = "dev.mcp-guard/approval"

METHODS = ("tools/list", "tools/call", "resources/read")

FILES = {
    "srv/docs/guide.md": "How to use this server",
    "etc/shadow": "root:$6$not-a-real-hash:20000:0:99999:7:::",
}


@dataclass(frozen=True)
class Step:
    """One thing that the client does; `id` is its name in tests."""

    id: str
    title: str
    request: dict

    def recorded_by(self, record: dict) -> bool:
        """Whether the guard's record is about this step, and not about a request that the SDK adds."""
        target = record.get("gen_ai.tool.name") or record.get("mcp.resource.uri")
        return record.get("mcp.method.name") in METHODS and target == (self.request.get("call") or self.request.get("read"))


STEPS = [
    Step("list", "What tools are there?", {"list": "tools"}),
    Step("allowed", "search_code", {"call": "search_code", "arguments": {"query": "login"}}),
    Step("shadow", 'system_exec "id"', {"call": "system_exec", "arguments": {"command": "id"}}),
    Step("resource", f"read {GUIDE}", {"read": GUIDE}),
    Step("traversal", f"read {TRAVERSAL}", {"read": TRAVERSAL}),
    Step("encoded", f"read {ENCODED_TRAVERSAL}", {"read": ENCODED_TRAVERSAL}),
    Step(
        "destructive", "delete_branch main", {"call": "delete_branch", "arguments": {"repo": "app", "branch": "main"}}
    ),
    Step("again", "search_code, once more", {"call": "search_code", "arguments": {"query": "login"}}),
]


@dataclass
class Outcome:
    """What a step led to, seen from three sides."""

    step: Step
    client: dict
    server: list[str]
    guard: dict | None = None


def github(directory: Path) -> Server:
    """The demo's server, with its files in `directory`."""
    for name, text in FILES.items():
        file = directory / "root" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Server([python("py2"), HERE / "server.py", "--root", directory / "root"], directory, "github")


def walk(server: Server, envoy: Envoy | None = None) -> Iterator[Outcome]:
    """Takes every step on one connection, directly or through `envoy`."""
    with Conversation(f"http://127.0.0.1:{envoy.port if envoy else server.port}/mcp") as client:
        for step in STEPS:
            calls, entries = len(server.calls()), len(envoy.access_log()) if envoy else 0
            answer = client.ask(step.request)
            yield Outcome(step, answer, server.calls()[calls:], record_of(step, envoy, entries))


def record_of(step: Step, envoy: Envoy | None, entries: int) -> dict | None:
    """The guard's decision on a step, from Envoy's access log after its first `entries`."""
    if envoy is None or not envoy.settings.guarded:
        return None

    def recorded() -> dict | None:
        records = [entry["guard"] for entry in envoy.access_log()[entries:]]
        return next((record for record in records if record and step.recorded_by(record)), None)

    if record := awaited(recorded):
        return record
    raise RuntimeError(f"no decision about {step.id} in Envoy's access log")


class Conversation:
    """A running client.py, spoken to line by line."""

    def __init__(self, url: str):
        argv = [python("py2"), HERE / "client.py", url]
        self._child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> "Conversation":
        self.protocol = self._receive()["protocol"]
        return self

    def __exit__(self, *_: object) -> None:
        self._child.stdin.close()
        try:
            self._child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def ask(self, request: dict) -> dict:
        """The client's answer to one request."""
        self._child.stdin.write(json.dumps(request) + "\n")
        self._child.stdin.flush()
        return self._receive()

    def _receive(self) -> dict:
        line = self._child.stdout.readline()
        if not line:
            raise RuntimeError("the client ended; see its message above")
        return json.loads(line)
