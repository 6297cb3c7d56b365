"""A real MCP client (the Python SDK, mcp 2.x) with a certificate; prints what it saw as JSON.

python client.py URL AUTHORITY CERTIFICATE KEY TOOL…
"""

import asyncio
import json
import ssl
import sys

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client


async def main(url: str, authority: str, certificate: str, key: str, *tools: str) -> None:
    context = ssl.create_default_context(cafile=authority)
    context.load_cert_chain(certificate, key)
    async with httpx2.AsyncClient(verify=context) as http:
        async with Client(streamable_http_client(url, http_client=http)) as client:
            seen = [tool.name for tool in (await client.list_tools()).tools]
            print(json.dumps({"tools": seen, "calls": [await call(client, tool) for tool in tools]}))


async def call(client: Client, tool: str) -> dict:
    arguments = {"query": "login", "repo": "app", "number": 7, "branch": "main", "command": "id"}
    try:
        result = await client.call_tool(tool, arguments)
    except MCPError as refusal:
        return {"error": refusal.error.code, "message": refusal.error.message}
    return {"tool_error" if result.is_error else "text": result.content[0].text}


asyncio.run(main(*sys.argv[1:]))
