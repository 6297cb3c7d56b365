"""Which policy a stream is judged by: the one in force, wherever it comes from."""

import copy
import json
import time
from pathlib import Path

import pytest
from env.bootstrap import GUARD, discovered, discovery_response, listener
from env.envoy import Envoy, replace
from env.waiting import until

from .client import connect
from .http2 import Http2Client
from .mcp import call
from .messages import EXCHANGE
from .opened import LISTEN, Source
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


class Chained(Envoy):
    """With a second guard in the chain, which gets every configuration at the same moment."""

    second = "second_guard"

    def _command(self) -> list:
        self._delivered = self.settings.ecds_file.with_name("second.json")
        self.settings.extra_filters_before = [discovered("second", self._delivered)]
        return super()._command()

    def _write_ecds(self) -> None:
        response = discovery_response(self.settings, self._ecds_version + 1)
        [resource] = response["resources"]
        resource["name"] = "second"
        resource["typed_config"]["config"] |= {"name": self.second, "root_id": self.second}
        replace(self._delivered, json.dumps(response))
        super()._write_ecds()


class ChainedTwice(Chained):
    """The same guard twice, by mistake."""

    second = GUARD


@pytest.mark.parametrize("http2", [False, True], ids=["http1", "http2"])
@pytest.mark.parametrize("kind", [Chained, ChainedTwice])
def test_guards_of_one_chain_end_a_stream_together(version: str, tmp_path: Path, kind: type[Envoy], http2: bool) -> None:
    """To end one stream twice would crash Envoy."""
    with Scene(version, tmp_path, BOTH, http2, kind=kind) as scene:
        off = [scene.open(call("deploy")) for _ in range(4)]
        on = [scene.open(call("search")), scene.open(LISTEN)]
        since = scene.update(SEARCH)
        for opened in off:
            ends(opened, since)
        go_on(*on)
        assert scene.envoy.running


def test_the_same_policy_in_other_bytes_is_in_force(version: str, tmp_path: Path) -> None:
    """Envoy takes it for another configuration, whose end is not that of the first."""
    with Scene(version, tmp_path, BOTH) as scene:
        late = scene.open(call("deploy"), head=False)
        scene.update(SEARCH)
        time.sleep(BOUND)
        scene.update(json.dumps(SEARCH, indent=1))
        time.sleep(BOUND)
        late.source.open()
        ends(late, late.expect(0))


def test_an_answer_that_is_whole_is_not_ended(version: str, tmp_path: Path) -> None:
    """Its client may still have to read it."""
    with Scene(version, tmp_path, BOTH) as scene:
        source = Source()
        scene.upstream.program("slow", Script(act=source.serve))
        source.open()
        with Http2Client(connect(scene.port, None)) as client:
            client.send(call("deploy").with_headers((EXCHANGE, b"slow"), ("x-request-id", b"slow")))
            until(lambda: scene.upstream.request("slow"), lambda: "it did not arrive")
            for number in range(2000):
                source.say(number)
            source.end()
            time.sleep(1)
            scene.update(SEARCH)
            time.sleep(BOUND)
            while not client.ended:
                client.receive()
        until(lambda: bool(scene.envoy.log.entries()), lambda: "no record")
        [entry] = scene.envoy.log.entries()
        assert entry["guard"]["response"] == {"outcome": "passed"}


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
