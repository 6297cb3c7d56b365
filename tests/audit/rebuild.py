"""What happened, told by the audit log alone. Written from docs/audit.md; nothing else is known here.

    python -m tests.audit.rebuild access.log
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

TARGETS = ["gen_ai.tool.name", "gen_ai.prompt.name", "mcp.resource.uri"]
# Envoy's response flags for a server that was not reached, hung up or was too slow.
NO_SERVER = {"UF", "UC", "UT", "UH", "UR", "UPE"}


class Call(NamedTuple):
    """One request and what became of it."""

    request_id: str
    session: str | None
    method: str | None
    target: str | None
    verdict: str
    ending: str


def rebuild(lines: Iterable[str]) -> Counter:
    """Every call of the log."""
    return Counter(call(json.loads(line)) for line in lines)


def call(line: dict) -> Call:
    """The call that a line tells of."""
    record = line["mcp_guard"]
    return Call(
        request_id=line["request_id"],
        session=record.get("mcp.session.id"),
        method=record.get("mcp.method.name"),
        target=next((record[key] for key in TARGETS if key in record), None),
        verdict=verdict(record),
        ending=ending(line, record.get("response", {})),
    )


def verdict(record: dict) -> str:
    """What was decided, and why if it was refused."""
    if record["decision"] == "deny":
        return f"deny: {record['reason']}"
    return record["decision"]


def ending(line: dict, response: dict) -> str:
    """How the answer ended, which is another matter than the decision."""
    if NO_SERVER & set((line.get("response_flags") or "").split(",")) and response.get("outcome") == "passed":
        return "no answer"
    match response:
        case {"outcome": "refused", "reason": reason}:
            return f"withheld: {reason}"
        case {"outcome": "filtered", "removed": removed}:
            return "removed: " + " ".join(name for kind in removed.values() for name in kind["names"])
        case {"outcome": "passed", "rpc.response.status_code": code}:
            return f"error {code}"
        case {"outcome": "passed", "is_error": True}:
            return "tool error"
        case {"outcome": "passed"}:
            return "answered"
        case {"outcome": "broken_off"}:
            return "broken off"
    return ""


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as log:
        for one, times in rebuild(log).items():
            print(times, *one)
