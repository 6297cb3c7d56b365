"""A client on mcp 1.x that is sent to a URL: `python approved_v1.py URL`.

Prints the question as the SDK gives it, reads an approval from standard input, and prints the result
of the call that carries it, a JSON line each.
"""

import asyncio
import json
import sys

from mcp import ClientSession, McpError
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import UrlElicitationRequiredError

CALL = ("delete_branch", {"name": "old"})


async def main(url: str) -> None:
    async with streamable_http_client(url) as (incoming, outgoing, _):
        async with ClientSession(incoming, outgoing) as session:
            await session.initialize()
            try:
                await session.call_tool(*CALL)
            except McpError as refused:
                asked = UrlElicitationRequiredError.from_error(refused.error).elicitations
                print(json.dumps({"mode": asked[0].mode, "url": asked[0].url}), flush=True)
            approval = await asyncio.to_thread(sys.stdin.readline)
            result = await session.call_tool(*CALL, meta={"dev.mcp-guard/approval": approval.strip()})
            print(json.dumps({"error": result.isError, "text": result.content[0].text}), flush=True)


asyncio.run(main(sys.argv[1]))
