"""What every client does, whatever its SDK, and the line that it prints.

{"protocol": "2025-11-25", "tools": [names], "annotations": {name: {…}}, "resources": [URIs], "prompts": [names],
 "steps": {step: {"ok": text} | {"tool_error": text} | {"error": {"code": int, "message": text}}}}

The steps run in this order on one connection; the last one shows that the client survived the rest.
"""

import json


async def report(client, protocol: str, error: type[Exception]) -> None:
    """Runs the script on a connected client and prints the line."""
    tools = await client.tools()
    line = {
        "protocol": protocol,
        "tools": [tool.name for tool in tools],
        "annotations": {tool.name: annotations(tool) for tool in tools},
        "resources": await client.resources(),
        "prompts": await client.prompts(),
        "steps": {},
    }
    for step, run in steps(client).items():
        line["steps"][step] = await outcome(run, error)
    print(json.dumps(line))


def steps(client) -> dict:
    return {
        "allowed_tool": lambda: client.call("search_code", {"query": "guard"}),
        "denied_tool": lambda: client.call("system_exec", {"command": "id"}),
        "flagged_tool": lambda: client.call("delete_branch", {"name": "main"}),
        "allowed_resource": lambda: client.read("repo://acme/app/README.md"),
        "denied_resource": lambda: client.read("file:///etc/shadow"),
        "allowed_prompt": lambda: client.prompt("review"),
        "denied_prompt": lambda: client.prompt("secret_prompt"),
        "allowed_again": lambda: client.call("search_code", {"query": "again"}),
    }


async def outcome(run, error: type[Exception]) -> dict:
    try:
        return await run()
    except error as refusal:
        return {"error": {"code": refusal.error.code, "message": refusal.error.message}}


def annotations(tool) -> dict:
    return tool.annotations.model_dump(by_alias=True, exclude_none=True) if tool.annotations else {}
