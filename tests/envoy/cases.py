"""The cases as the Rust reader gives them, and its judgement of what came of them."""

import json
import os
import subprocess
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from env.paths import ROOT, must_exist

from .guards import Guard
from .messages import Answer, Received, ReceivedRequest, Request, Response

PROGRAMS = Path(os.environ.get("MCP_GUARD_CASE_TOOLS") or ROOT / "target/debug")


@dataclass(frozen=True)
class Case:
    """One case that is for Envoy."""

    name: str
    config: str
    spiffe: str | None
    claims: str | None
    request: Request
    answer: Answer
    forwarded: bool
    # The approval in the request, and whether it is used before the case is played.
    approval: str | None
    used: bool
    # The two bodies as the case writes them: `[[hexadecimal unit, count], …]`.
    request_runs: list
    answer_runs: list

    @property
    def guard(self) -> Guard:
        """The listener that it needs."""
        issuer = json.loads(self.claims).get("iss", "") if self.claims else None
        issuers = () if issuer is None else (issuer,)
        return Guard(self.config, self.spiffe is not None, issuers)

    def approved_with(self, token: str) -> Request:
        """The request with another approval in it: each is used once."""
        old, new = self.approval.encode(), token.encode()
        replaced = tuple((name, value.replace(old, new)) for name, value in self.request.headers)
        return replace(self.request, headers=replaced, body=self.request.body.replace(old, new))

    @property
    def http1_only(self) -> bool:
        """Whether HTTP/2 cannot say what the case says."""
        names = {name.lower() for name, _ in self.request.headers}
        return bool(names & {"upgrade", "connection", "transfer-encoding", "host"})


@cache
def cases() -> dict[str, Case]:
    """Every case that Envoy is to run, by name."""
    read = json.loads(program("cases_json", b""))
    return {one["name"]: case(one) for one in read if "envoy" in one["engines"]}


def approvals() -> dict[str, list[str]]:
    """Approvals that are valid from now on, by the name of the case that sends them."""
    return json.loads(program("approvals_json", b""))


def case(written: dict) -> Case:
    request, answer = written["request"], written["upstream"]
    caller = written["caller"]
    return Case(
        name=written["name"],
        config=written["config"],
        spiffe=caller.get("spiffe"),
        claims=json.dumps(caller["jwt"]) if caller.get("jwt") is not None else None,
        request=Request(
            request["method"],
            request["path"],
            request["authority"],
            headers(request["headers"]),
            body(request["body"]),
        ),
        answer=Answer(answer["status"], headers(answer["headers"]), body(answer["body"])),
        approval=(written["approve"] or {"tokens": [None]})["tokens"][0],
        used=bool(written["approve"] and written["approve"]["used"]),
        forwarded="forwarded" in written["expect"]["forwarded"],
        request_runs=request["body"],
        answer_runs=answer["body"],
    )


def headers(written: list) -> tuple:
    return tuple((name, value.encode("latin-1")) for name, value in written)


def body(runs: list) -> bytes:
    return b"".join(bytes.fromhex(unit) * count for unit, count in runs)


def judge(observed: list[tuple[str, dict]]) -> list[list[str]]:
    """What is not as expected in each pair of a case's name and an outcome."""
    request = [{"case": name, "outcome": outcome} for name, outcome in observed]
    return json.loads(program("judge", json.dumps(request).encode()))


def outcome(case: Case, response: Response, forwarded: ReceivedRequest | None, record: object) -> dict:
    """An outcome in the form that `judge` reads."""
    request, answer = case.request.body, case.answer.body
    return {
        "forwarded": forwarded and message(forwarded, request, case.request_runs),
        "status": response.status,
        **message(response, answer, case.answer_runs),
        "record": record,
    }


def message(received: Received, sent: bytes, runs: list) -> dict:
    """A message; a body that is the one sent is written as the case writes it, which may be short."""
    fields = [[name, value.decode("latin-1")] for name, value in received.headers]
    unchanged = received.body == sent
    return {"headers": fields, "body": runs if unchanged else [[received.body.hex(), 1]]}


def program(name: str, given: bytes) -> bytes:
    """Output of one of the Rust programs."""
    path = must_exist(PROGRAMS / name, "make case-tools")
    done = subprocess.run([path], input=given, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr.decode(errors='replace')}")
    return done.stdout
