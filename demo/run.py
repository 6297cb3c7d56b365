"""The demo: a real MCP client and server, first as they are, then with the guard in between.

make demo
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from env.envoy import Envoy  # noqa: E402
from env.paths import CLI, ROOT, WASM, envoy_version, must_exist  # noqa: E402
from steps import APPROVAL, Outcome, github, walk  # noqa: E402

BOLD, DIM, RED, GREEN, PLAIN = (
    ("\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[0m") if sys.stdout.isatty() else [""] * 5
)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="mcp-guard-demo-") as directory, github(Path(directory)) as server:
        headline("1. The server as it is: the client talks to it directly")
        for outcome in walk(server):
            show(outcome)
        headline("2. The same server behind the guard: Envoy, our Wasm filter, demo/policy.yaml")
        with Envoy(server.port, compiled_policy()) as envoy:
            for outcome in walk(server, envoy):
                show(outcome)
        closing()


def compiled_policy() -> dict:
    """What `mcp-guard compile` makes of the demo's policy."""
    command = [str(must_exist(CLI, "make build")), "compile", str(HERE / "policy.yaml")]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def headline(text: str) -> None:
    print(f"\n{BOLD}{text}{PLAIN}\n")


def show(outcome: Outcome) -> None:
    print(f"{BOLD}{outcome.step.title}{PLAIN}")
    print(f"   client saw    {client_line(outcome.client)}")
    print(f"   server's log  {', '.join(outcome.server) or f'{DIM}nothing{PLAIN}'}")
    if outcome.guard:
        print(f"   guard's log   {guard_line(outcome.guard)}")


def client_line(answer: dict) -> str:
    if "tools" in answer:
        return ", ".join(tool["name"] + flag(tool) for tool in answer["tools"])
    if "error" in answer:
        return f"{GREEN}error {answer['error']['code']}{PLAIN}: {answer['error']['message']}"
    if "tool_error" in answer:
        return f"{GREEN}tool error{PLAIN}: {answer['tool_error']}"
    return answer["text"]


def flag(tool: dict) -> str:
    level = tool["meta"].get(APPROVAL)
    return f" {GREEN}(destructive, approval {level}){PLAIN}" if tool["destructive"] and level else ""


def guard_line(record: dict) -> str:
    colour = GREEN if record["decision"] == "allow" else RED
    rule = f", rule {record['rule']}" if record.get("rule") else ""
    return f"{colour}{record['decision']}{PLAIN}: {record['reason']}{rule}"


def closing() -> None:
    headline("Try it on your own server, listening on 127.0.0.1:8000")
    print(f"""   cp demo/policy.yaml policy.yaml     # then name your tools in it
   target/release/mcp-guard compile policy.yaml > config.json
   make demo-proxy CONFIG=config.json UPSTREAM=8000
   # and point your client at the address that it prints, with your server's own path, say /mcp

{DIM}Envoy {envoy_version()}, filter {WASM.relative_to(ROOT)}{PLAIN}""")


if __name__ == "__main__":
    main()
