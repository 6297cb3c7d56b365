"""The test server on the Python SDK; the same file for mcp 1.x and 2.x.

    python server.py --mode json|sse --calls FILE

Prints `PORT <number>` and then serves /mcp on 127.0.0.1. Every tool, resource and prompt that runs
adds its name to FILE, one a line: what the tests count is what really happened.
"""

import argparse
import asyncio
import inspect
import socket
from pathlib import Path

import uvicorn

try:
    from mcp.server.mcpserver import MCPServer
except ImportError:
    from mcp.server.fastmcp import FastMCP as MCPServer


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=["json", "sse"], required=True)
    parser.add_argument("--calls", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(serve(application(options.mode == "json", options.calls)))


def application(json_response: bool, calls: Path):
    """The ASGI application; only mcp 2.x takes the mode here, 1.x takes it in the constructor."""
    if "json_response" in inspect.signature(MCPServer.__init__).parameters:
        server = MCPServer("github", json_response=json_response)
        register(server, calls)
        return server.streamable_http_app()
    server = MCPServer("github")
    register(server, calls)
    return server.streamable_http_app(json_response=json_response)


def register(server: MCPServer, calls: Path) -> None:
    """The catalogue that all test servers share."""

    def ran(name: str) -> None:
        with calls.open("a") as log:
            log.write(name + "\n")

    @server.tool(description="Search code")
    def search_code(query: str) -> str:
        ran("search_code")
        return f"found {query}"

    @server.tool(description="Read a pull request")
    def get_pull_request(number: int) -> str:
        ran("get_pull_request")
        return f"pull request {number}"

    @server.tool(description="Diagnose the server")
    def system_exec(command: str) -> str:
        ran("system_exec")
        return f"executed {command}"

    @server.tool(description="Delete a branch")
    def delete_branch(name: str) -> str:
        ran("delete_branch")
        return f"deleted {name}"

    @server.tool(description="Change an issue")
    def update_issue(number: int) -> str:
        ran("update_issue")
        return f"updated {number}"

    @server.resource("repo://acme/app/README.md", name="README.md")
    def readme() -> str:
        ran("repo://acme/app/README.md")
        return "# app"

    @server.resource("file:///etc/shadow", name="shadow")
    def shadow() -> str:
        ran("file:///etc/shadow")
        return "root:x"

    @server.prompt(description="Review code")
    def review() -> str:
        ran("review")
        return "Review this"

    @server.prompt(description="Not for everyone")
    def secret_prompt() -> str:
        ran("secret_prompt")
        return "Secret"


async def serve(app) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        print("PORT", listener.getsockname()[1], flush=True)
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        await uvicorn.Server(config).serve(sockets=[listener])


if __name__ == "__main__":
    main()
