"""A client on the Python SDK (1.x) that has no token, and gets one as MCP's authorization says.

    python oauth_client.py URL

Prints one JSON line: where its user was sent, and what the call of a tool then gave.
"""

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlparse

from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider, TokenStorage
from mcp.client.streamable_http import streamablehttp_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken


class Storage(TokenStorage):
    """Nothing is kept."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class User:
    """Consents at once."""

    def __init__(self) -> None:
        self.sent_to = ""

    async def open(self, url: str) -> None:
        self.sent_to = url

    async def answer(self) -> tuple[str, str | None]:
        return "code", parse_qs(urlparse(self.sent_to).query)["state"][0]


async def main(url: str) -> None:
    user = User()
    metadata = OAuthClientMetadata(redirect_uris=["http://localhost:9999/callback"], client_name="test", token_endpoint_auth_method="none")
    provider = OAuthClientProvider(url, metadata, Storage(), user.open, user.answer)
    async with streamablehttp_client(url, auth=provider) as (incoming, outgoing, _):
        async with ClientSession(incoming, outgoing) as session:
            await session.initialize()
            result = await session.call_tool("search_code", {"query": "token"})
            print(json.dumps({"sent_to": user.sent_to, "result": result.content[0].text}))


asyncio.run(main(sys.argv[1]))
