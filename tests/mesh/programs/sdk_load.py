"""A client on the Python SDK (2.x) that calls without a pause until it is stopped.

    python sdk_load.py URL TOOL ARGUMENTS

Prints `TIME OUTCOME` for each call: the machine's monotonic clock, and `allowed`, `refused` (an
answer that a client lives with) or `lost` with what was raised.
"""

import asyncio
import json
import sys
import time

from mcp import Client, MCPError


async def main(url: str, tool: str, arguments: str) -> None:
    while True:
        try:
            async with Client(url, mode="legacy") as client:
                while True:
                    await one(client, tool, json.loads(arguments))
        except Exception as fault:  # noqa: BLE001: whatever ends a session is what is counted
            say("lost", repr(fault))
            await asyncio.sleep(0.05)


async def one(client: Client, tool: str, arguments: dict) -> None:
    try:
        result = await client.call_tool(tool, arguments)
        say("refused" if result.is_error else "allowed")
    except MCPError as refusal:
        say("refused" if refusal.error.code == -32602 else "lost", refusal.error.message)


def say(outcome: str, more: str = "") -> None:
    print(f"{time.monotonic():.3f} {outcome} {more}".strip(), flush=True)


asyncio.run(main(*sys.argv[1:]))
