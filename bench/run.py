"""Measures what the guard costs; `make bench` runs it. From the repository's root: `python3 -m bench.run --help`."""

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

from tests.env.paths import ROOT, WASM, envoy_binary, envoy_version, must_exist

from . import messages, report
from .compiling import compile_seconds
from .crossings import NoTrace
from .load import LoadFailed, Tools
from .policy import contents
from .probe import WrongAnswer
from .proxy import StartFailed
from .results import Results
from .session import PACED_RATE, Plan, Session, say
from .variants import APPROVING, BARE, COMPARED, NOOP, OURS, Modules, compared, sized

SMOKE_SECONDS = 0.5
BUSY = 0.7
"""Load average from which on the machine is not ours alone."""


def main() -> int:
    """Runs it; 0 if everything answered right."""
    options = arguments()
    begin = time.monotonic()
    try:
        results = run(options)
    except (WrongAnswer, LoadFailed, StartFailed, NoTrace, OSError) as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    if options.smoke:
        say(f"every variant answers right, {time.monotonic() - begin:.0f} s")
        return 0
    results.write(options.output)
    print(report.markdown(results), end="")
    say(f"{time.monotonic() - begin:.0f} s; every round is in {options.output}")
    return 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of every cell of every round")
    parser.add_argument("--variants", default=",".join([*COMPARED, APPROVING]), help="which are compared; default: all")
    parser.add_argument("--rows", help="names of the requests that are sent; default: all")
    parser.add_argument("--plaintext", action="store_true", help="no TLS, and a policy without callers")
    parser.add_argument("--smoke", action="store_true", help="only check that every variant answers right")
    parser.add_argument("--output", type=Path, default=ROOT / "target/bench/results.json")
    parser.add_argument("--tools", type=Path, default=ROOT / "bench/target", help="cargo's target directory")
    parser.add_argument("--wasm", type=Path, default=WASM, help="the guard's module")
    return parser.parse_args()


def run(options: argparse.Namespace) -> Results:
    """Prepares everything and measures it."""
    envoy_cpu, load_cpu = processors()
    binary = must_exist(options.tools / "release/bench-load", "make bench-tools")
    tools = Tools(binary, ROOT / "target/bench/work", load_cpu)
    messages.write_all(tools.directory)
    tools.prepare_certificates()
    config = tools.read_yaml(ROOT / "bench/full.yaml")
    names = options.variants.split(",")
    modules = Modules(
        noop=must_exist(options.tools / "wasm32-wasip1/release/noop_filter.wasm", "make bench-tools"),
        ours=must_exist(options.wasm, "make build") if OURS in names else options.wasm,
        config=config,
    )
    mutual_tls = not options.plaintext
    chosen = {name: variant for name, variant in compared(modules, mutual_tls).items() if name in names}
    others = {name: variant for name, variant in sized(modules, mutual_tls).items() if name.split("-")[0] in names}
    plan = Plan(
        envoy=envoy_binary(),
        compared=chosen,
        sized=others,
        exchanges=chosen_rows(options.rows),
        rounds=1 if options.smoke else options.rounds,
        seconds=SMOKE_SECONDS if options.smoke else options.seconds,
        mutual_tls=mutual_tls,
        envoy_cpu=envoy_cpu,
    )
    files = {NOOP: modules.noop, OURS: modules.ours}
    results = Results(
        settings=settings(plan),
        policy=contents(config),
        exchanges=plan.exchanges,
        module_bytes={name: path.stat().st_size for name, path in files.items() if name in names},
    )
    with Session(plan, tools, results) as session:
        smoke(session, plan) if options.smoke else measure(session, plan)
    results.compile_seconds = compile_seconds(tools.directory, plan.rounds)
    return results


def chosen_rows(names: str | None) -> list[messages.Exchange]:
    """The exchanges of these names, or all."""
    return [one for one in messages.exchanges() if names is None or one.name in names.split(",")]


def measure(session: Session, plan: Plan) -> None:
    """Everything."""
    if os.getloadavg()[0] > BUSY:
        say("other programs are running: the numbers will not repeat")
    session.time_starts()
    session.start_all()
    session.check()
    session.measure()
    session.measure_paced()
    session.note_memory()
    session.count_crossings(plan.exchanges)


def smoke(session: Session, plan: Plan) -> None:
    """A right answer to everything from everyone, a moment of load, and one traced request."""
    session.start_all()
    session.check()
    session.measure_paced()
    session.count_crossings(plan.exchanges[:1])


def settings(plan: Plan) -> dict:
    """How it was measured, for the report."""
    return {
        "envoy_version": envoy_version(),
        "rounds": plan.rounds,
        "seconds": plan.seconds,
        "paced_rate": PACED_RATE,
        "mutual_tls": plan.mutual_tls,
        "pinned": plan.envoy_cpu is not None,
        "load_average_before": os.getloadavg()[0],
    }


def processors() -> tuple[int | None, int | None]:
    """One processor for Envoy, another for load and upstream; none where the machine cannot pin."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2 or not shutil.which("taskset"):
        return None, None
    return usable[0], usable[1]


if __name__ == "__main__":
    sys.exit(main())
