"""A client on mcp 2.x that is asked to visit a URL: `python approved_v2.py URL`.

Prints the question as the SDK gives it, reads an approval from standard input, and prints the result
of the call that carries it, a JSON line each.
"""

import asyncio
import json
import sys

from mcp import Client
from mcp.types import ElicitResult

CALL = ("delete_branch", {"name": "old"})


async def asked(context, params) -> ElicitResult:
    """The SDK's own callback for questions of servers."""
    print(json.dumps({"mode": params.mode, "url": params.url}), flush=True)
    return ElicitResult(action="decline")


async def main(url: str) -> None:
    async with Client(url, mode="auto", elicitation_callback=asked) as client:
        declined = await client.call_tool(*CALL)
        assert declined.is_error, declined
        approval = await asyncio.to_thread(sys.stdin.readline)
        result = await client.call_tool(*CALL, meta={"dev.mcp-guard/approval": approval.strip()})
        print(json.dumps({"error": result.is_error, "text": result.content[0].text}), flush=True)


asyncio.run(main(sys.argv[1]))
