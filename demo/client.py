"""A real MCP client (the Python SDK, mcp 2.x) that does what it is told, one JSON line at a time.

    python demo/client.py URL

    → {"list": "tools"} | {"call": NAME, "arguments": {…}} | {"read": URI}
    ← {"tools": [{"name": …, "destructive": …, "approval": …}]} | {"text": …}
      | {"tool_error": text} | {"error": {"code": …, "message": …}}

All lines use one connection, so an answer shows that the client survived what came before.
"""

import asyncio
import json
import sys

from mcp import Client, MCPError


async def main(url: str) -> None:
    async with Client(url) as client:
        print(json.dumps({"protocol": client.protocol_version}), flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await answer(client, json.loads(line))), flush=True)


async def answer(client: Client, request: dict) -> dict:
    try:
        return await perform(client, request)
    except MCPError as refusal:
        return {"error": {"code": refusal.error.code, "message": refusal.error.message}}


async def perform(client: Client, request: dict) -> dict:
    if "list" in request:
        return {"tools": [described(tool) for tool in (await client.list_tools()).tools]}
    if "read" in request:
        return {"text": (await client.read_resource(request["read"])).contents[0].text}
    result = await client.call_tool(request["call"], request["arguments"])
    return {"tool_error" if result.is_error else "text": result.content[0].text}


def described(tool) -> dict:
    hints = tool.annotations
    return {
        "name": tool.name,
        "destructive": bool(hints and hints.destructive_hint),
        "meta": tool.meta or {},
    }


asyncio.run(main(sys.argv[1]))
