"""Which policy a stream is judged by: the one in force, wherever it comes from."""

import copy
import json
from pathlib import Path

from env.bootstrap import listener
from env.envoy import Envoy
from env.waiting import until

from .client import connect
from .http2 import Http2Client
from .mcp import call
from .messages import EXCHANGE
from .opened import Source
from .scene import BOUND, Scene, ends, go_on, policy
from .upstream import Script

BOTH = policy("deploy", "search")
SEARCH = policy("search")
DEPLOY = policy("deploy")


def test_a_policy_that_comes_back_is_in_force_again(version: str, tmp_path: Path) -> None:
    """The stream of its first time keeps its root context alive, which Envoy uses again without a word."""
    with Scene(version, tmp_path, BOTH) as scene:
        first = scene.open(call("search"))
        scene.update(SEARCH)
        between = scene.open(call("search"))
        scene.update(BOTH)
        again = scene.open(call("deploy"))
        go_on(first, between, again)


def test_a_policy_that_comes_back_ends_what_it_forbids(version: str, tmp_path: Path) -> None:
    """Also where no request tells the worker that it is in force again."""
    with Scene(version, tmp_path, SEARCH) as scene:
        first = scene.open(call("search"))
        scene.update(BOTH)
        # So many that both workers have one.
        mistakes = [scene.open(call("deploy")) for _ in range(8)]
        since = scene.update(SEARCH)
        for opened in mistakes:
            ends(opened, since)
        go_on(first)


def test_streams_are_judged_by_each_policy_that_follows(version: str, tmp_path: Path) -> None:
    with Scene(version, tmp_path, policy("a", "b", "c", "d")) as scene:
        streams = {tool: scene.open(call(tool)) for tool in "abcd"}
        for tools in ("bcd", "cd", "d"):
            since = scene.update(policy(*tools))
            gone = [tool for tool in streams if tool not in tools]
            for tool in gone:
                ends(streams.pop(tool), since)
        go_on(*streams.values())


class Twice(Envoy):
    """With a second listener, whose guard has the same name and another policy, and which never changes."""

    def _command(self) -> list:
        command = super()._command()
        config = json.loads(Path(command[2]).read_text())
        settings = copy.copy(self.settings)
        settings.ecds_file, settings.plugin_config = None, DEPLOY
        second = listener(settings) | {"name": "second"}
        config["static_resources"]["listeners"].append(second)
        Path(command[2]).write_text(json.dumps(config))
        return command

    def second_port(self) -> int:
        statuses = json.loads(self.admin("/listeners?format=json"))["listener_statuses"]
        [port] = [one["local_address"]["socket_address"]["port_value"] for one in statuses if one["name"] == "second"]
        return port


def test_another_guard_of_the_proxy_is_left_alone(version: str, tmp_path: Path) -> None:
    with Scene(version, tmp_path, BOTH, kind=Twice) as scene:
        own, first = scene.open(call("deploy"), port=scene.envoy.second_port()), scene.open(call("deploy"))
        ends(first, scene.update(SEARCH))
        go_on(own, scene.open(call("deploy"), port=scene.envoy.second_port()))


def test_many_streams_of_one_connection_end_at_once(version: str, tmp_path: Path) -> None:
    with Scene(version, tmp_path, BOTH) as scene:
        sources = {str(number): Source() for number in range(50)}
        with Http2Client(connect(scene.port, None)) as client:
            for exchange, source in sources.items():
                tool = "deploy" if int(exchange) % 2 else "search"
                scene.upstream.program(exchange, Script(act=source.serve))
                source.open()
                client.send(call(tool).with_headers((EXCHANGE, exchange.encode())))
            until(lambda: len(scene.upstream.whole) == len(sources), lambda: "they did not all arrive")
            scene.update(SEARCH)

            def cut() -> set[str]:
                return {exchange for exchange, source in sources.items() if source.cut.is_set()}

            until(lambda: len(cut()) == 25, lambda: f"{len(cut())} ended", BOUND)
            assert all(int(exchange) % 2 for exchange in cut())
