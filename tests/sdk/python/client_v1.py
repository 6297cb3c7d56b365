"""The test client on mcp 1.x: `python client_v1.py URL`; prints one JSON line, as script.py says."""

import asyncio
import sys

from mcp import ClientSession, McpError
from mcp.client.streamable_http import streamable_http_client
from pydantic import AnyUrl
from script import report


class Client:
    """The calls of the script, on this SDK."""

    def __init__(self, session: ClientSession):
        self.session = session

    async def tools(self):
        return (await self.session.list_tools()).tools

    async def resources(self):
        return [str(one.uri) for one in (await self.session.list_resources()).resources]

    async def prompts(self):
        return [one.name for one in (await self.session.list_prompts()).prompts]

    async def call(self, name: str, arguments: dict) -> dict:
        result = await self.session.call_tool(name, arguments)
        return {"tool_error" if result.isError else "ok": result.content[0].text}

    async def read(self, uri: str) -> dict:
        return {"ok": (await self.session.read_resource(AnyUrl(uri))).contents[0].text}

    async def prompt(self, name: str) -> dict:
        return {"ok": (await self.session.get_prompt(name)).messages[0].content.text}


async def main(url: str) -> None:
    async with streamable_http_client(url) as (incoming, outgoing, _):
        async with ClientSession(incoming, outgoing) as session:
            version = (await session.initialize()).protocolVersion
            await report(Client(session), version, McpError)


asyncio.run(main(sys.argv[1]))
