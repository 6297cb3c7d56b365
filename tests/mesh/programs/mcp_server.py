"""An MCP server on the Python SDK (2.x), as a pod's container.

    python mcp_server.py --port 8080 --calls FILE [--other-port 9091] [--broken FILE]

Whatever runs adds a line to FILE: a tool's name, or `METHOD path` for what is not MCP. While the file
`--broken` exists, every request is answered 503, as by a server whose database is gone.
"""

import argparse
import asyncio
import socket
from pathlib import Path

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.applications import Starlette


class Container:
    """What the server runs, and where it says so."""

    def __init__(self, calls: Path, broken: Path | None):
        self._calls = calls
        self._broken = broken

    def ran(self, name: str) -> None:
        with self._calls.open("a") as log:
            log.write(name + "\n")

    def guarded_by_failure(self, app):
        """The same application, but for the time when it is broken."""

        async def serve(scope, receive, send) -> None:
            if scope["type"] == "http" and self._broken and self._broken.exists():
                self.ran("broken")
                await Response("the database is gone", 503)(scope, receive, send)
                return
            await app(scope, receive, send)

        return serve


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--other-port", type=int)
    parser.add_argument("--calls", type=Path, required=True)
    parser.add_argument("--broken", type=Path)
    options = parser.parse_args()
    container = Container(options.calls, options.broken)
    apps = {options.port: container.guarded_by_failure(mcp_application(container))}
    if options.other_port:
        apps[options.other_port] = other_application(container)
    asyncio.run(serve_all(apps))


def mcp_application(container: Container):
    """Streamable HTTP at /mcp without sessions; beside it a health page, and one that nobody listed."""
    server = MCPServer("github")
    register(server, container)
    for path in ("/healthz", "/admin", "/.well-known/oauth-protected-resource/mcp"):
        server.custom_route(path, methods=["GET", "POST"])(page(container))
    return server.streamable_http_app(host="0.0.0.0", stateless_http=True)


def other_application(container: Container):
    """What listens at another port of the pod: metrics, a debugger, a second server."""
    return Starlette(routes=[Route("/{path:path}", page(container), methods=["GET", "POST"])])


def page(container: Container):
    async def answer(request: Request) -> Response:
        container.ran(f"{request.method} {request.url.path}")
        return PlainTextResponse(f"page {request.url.path}")

    return answer


def register(server: MCPServer, container: Container) -> None:
    @server.tool(description="Search code")
    def search_code(query: str) -> str:
        container.ran("search_code")
        return f"found {query}"

    @server.tool(description="Read a pull request")
    def get_pull_request(number: int) -> str:
        container.ran("get_pull_request")
        return f"pull request {number}"

    @server.tool(description="Diagnose the server")
    def system_exec(command: str) -> str:
        container.ran("system_exec")
        return f"executed {command}"

    @server.tool(description="Delete a branch")
    def delete_branch(name: str) -> str:
        container.ran("delete_branch")
        return f"deleted {name}"

    @server.tool(description="Watch a build: one line of progress every fifth of a second")
    async def watch_build(seconds: float, context: Context) -> str:
        container.ran("watch_build")
        for step in range(int(seconds * 5)):
            await context.report_progress(step, message=f"step {step}")
            await asyncio.sleep(0.2)
        return "built"

    @server.resource("repo://acme/app/README.md", name="README.md")
    def readme() -> str:
        container.ran("repo://acme/app/README.md")
        return "# app"

    @server.resource("file:///etc/shadow", name="shadow")
    def shadow() -> str:
        container.ran("file:///etc/shadow")
        return "root:x"

    @server.prompt(description="Review code")
    def review() -> str:
        container.ran("review")
        return "Review this"


async def serve_all(apps: dict) -> None:
    servers = []
    for port, app in apps.items():
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("0.0.0.0", port))
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        servers.append(uvicorn.Server(config).serve(sockets=[listener]))
    await asyncio.gather(*servers)


if __name__ == "__main__":
    main()
