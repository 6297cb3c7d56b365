"""The requests that are sent, and what the upstream answers to each."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CALLED_TOOL = "github_get_file"
DENIED_TOOL = "github_erase_file"
ID = 1

SERVICES = ["github", "gitlab", "jira", "slack", "notion", "linear", "sentry", "grafana", "drive", "calendar"]
# How `full.yaml` judges the tools of the list: 30 by name, 6 by glob, 4 flagged for approval, 10 not permitted.
NAMED_TOOLS = [f"{service}_{action}" for service in SERVICES for action in ("get_user", "create_issue", "read_report")]
MATCHED_TOOLS = [f"{service}_describe_view" for service in SERVICES[:6]]
FLAGGED_TOOLS = ["github_delete_branch", "jira_update_workflow", "notion_delete_page", "grafana_update_alert"]
HIDDEN_TOOLS = [f"{service}_erase_file" for service in SERVICES[:6]] + [
    "transfer_repository", "github_org_members", "shell_run", "read_secret_value",
]

LINE = 'fn area(width: u32, height: u32) -> u32 { width * height } // returns "area", in mm²\n'


@dataclass(frozen=True)
class Exchange:
    """One request as it is sent again and again, and the answer of the upstream."""

    name: str
    title: str
    request: bytes
    answer: str
    kind: str = "call"
    aim: float | None = None
    """Highest aimed-at ratio of our added cost to the native filter's."""

    @property
    def size(self) -> int:
        """Bytes of both bodies."""
        return len(self.request) + len(answers()[self.answer])

    @property
    def path(self) -> str:
        """Where it is posted; the query tells the upstream what to answer."""
        return f"/mcp?answer={self.answer}"


def exchanges() -> list[Exchange]:
    """Everything that is measured. The first is the smallest."""
    return [
        Exchange("call-0.13k", "tools/call, 0.13 KB", call(CALLED_TOOL), "call", aim=0.75),
        Exchange("call-4k-text", "tools/call, 4 KB, one long string", padded_call(4096), "call", aim=0.35),
        Exchange("call-4k-keys", "tools/call, 4 KB, many small keys", keyed_call(4096), "call", aim=0.35),
        Exchange("call-32k-text", "tools/call, 32 KB, one long string", padded_call(32768), "call", aim=0.12),
        Exchange("call-32k-keys", "tools/call, 32 KB, many small keys", keyed_call(32768), "call", aim=0.12),
        Exchange("list", "tools/list, answer of 50 tools", request("tools/list", {}), "list", kind="list"),
        Exchange("large", "tools/call, answer of 1 MiB", call(CALLED_TOOL), "large"),
        Exchange("denied", "tools/call, denied", call(DENIED_TOOL), "call", kind="denied"),
    ]


def answers() -> dict[str, bytes]:
    """The upstream's answers by name."""
    return {
        "call": result({"content": [text_content("README.md, 2 lines:\n" + 2 * LINE)], "isError": False}),
        "list": result({"tools": [tool(name) for name in listed_tools()]}),
        "large": result({"content": [text_content(repeated(LINE, 1 << 20))], "isError": False}),
    }


def listed_tools() -> list[str]:
    """The upstream's 50 tools, permitted and hidden ones mixed."""
    return sorted(NAMED_TOOLS + MATCHED_TOOLS + FLAGGED_TOOLS + HIDDEN_TOOLS)


def permitted_tools() -> list[str]:
    """What the policy leaves of them."""
    return [name for name in listed_tools() if name not in HIDDEN_TOOLS]


def write_all(directory: Path) -> None:
    """Puts requests and answers where the load generator and the upstream read them."""
    for folder, bodies in {"answers": answers(), "requests": {one.name: one.request for one in exchanges()}}.items():
        (directory / folder).mkdir(parents=True, exist_ok=True)
        for name, body in bodies.items():
            (directory / folder / f"{name}.json").write_bytes(body)


def call(name: str, **arguments: Any) -> bytes:
    return request("tools/call", {"name": name, "arguments": {"owner": "acme", "ref": "main", **arguments}})


def padded_call(size: int) -> bytes:
    """A call of about `size` bytes, nearly all in one string."""
    return call(CALLED_TOOL, content=repeated(LINE, size - len(call(CALLED_TOOL, content=""))))


def keyed_call(size: int) -> bytes:
    """A call of about `size` bytes, nearly all in one object of small members of every type."""
    values = ["open", 17, True, None, -2.5, "näher"]
    members: dict[str, Any] = {}
    length = len(call(CALLED_TOOL, labels={}))
    while length < size:
        key = f"label_{len(members):04}"
        members[key] = values[len(members) % len(values)]
        length += len(dump({key: members[key]})) - 1
    return call(CALLED_TOOL, labels=members)


def repeated(unit: str, size: int) -> str:
    """Copies of a text that fill about `size` bytes once escaped."""
    return unit * max(1, round(size / (len(dump(unit)) - 2)))


def tool(name: str) -> dict:
    """A tool as servers describe it."""
    words = name.replace("_", " ")
    text = {"type": "string", "description": "Name of the owner or organisation, as it stands in the address."}
    return {
        "name": name,
        "title": words.capitalize(),
        "description": f"Use this to {words}. The answer holds at most 100 entries; ask again with a cursor for more.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "owner": text,
                "ref": {"type": "string", "description": "Branch, tag or commit.", "default": "main"},
                "limit": {"type": "integer", "minimum": 1, "maximum": 100},
            },
            "required": ["owner"],
        },
        "annotations": {"readOnlyHint": True, "openWorldHint": False},
    }


def text_content(text: str) -> dict:
    return {"type": "text", "text": text}


def request(method: str, params: dict) -> bytes:
    return dump({"jsonrpc": "2.0", "id": ID, "method": method, "params": params})


def result(value: dict) -> bytes:
    return dump({"jsonrpc": "2.0", "id": ID, "result": value})


def dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
