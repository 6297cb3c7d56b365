"""The test client on mcp 2.x: `python client_v2.py URL legacy|auto`; prints one JSON line, as script.py says."""

import asyncio
import sys

from mcp import Client as McpClient
from mcp import MCPError
from script import report


class Client:
    """The calls of the script, on this SDK."""

    def __init__(self, client: McpClient):
        self.client = client

    async def tools(self):
        return (await self.client.list_tools()).tools

    async def resources(self):
        return [str(one.uri) for one in (await self.client.list_resources()).resources]

    async def prompts(self):
        return [one.name for one in (await self.client.list_prompts()).prompts]

    async def call(self, name: str, arguments: dict) -> dict:
        result = await self.client.call_tool(name, arguments)
        return {"tool_error" if result.is_error else "ok": result.content[0].text}

    async def read(self, uri: str) -> dict:
        return {"ok": (await self.client.read_resource(uri)).contents[0].text}

    async def prompt(self, name: str) -> dict:
        return {"ok": (await self.client.get_prompt(name)).messages[0].content.text}


async def main(url: str, mode: str) -> None:
    async with McpClient(url, mode=mode) as client:
        await report(Client(client), client.protocol_version, MCPError)


asyncio.run(main(*sys.argv[1:]))
