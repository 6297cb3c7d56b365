"""The results as Markdown."""

import statistics

from .load import Measured
from .results import Interval, Results, Spread
from .variants import APPROVING, BARE, COMPARED, NATIVE, NOOP, OURS, POLICY_SIZES, size_name

TITLES = {BARE: "bare Envoy", NATIVE: "native `mcp` + RBAC", NOOP: "no-op Wasm", OURS: "mcp-guard"}
MISSING = "–"
PER_KB = {
    "call-32k-text": "a request, in one long string",
    "call-32k-keys": "a request, in many small members",
    "list": "a list that is filtered",
    "large": "an answer that is not changed",
}


def markdown(results: Results) -> str:
    """The whole report."""
    sections = [conditions, added_cost, breakdown, free_calls, policy_sizes, footprint, latencies, crossings, compiling]
    return "\n\n".join(section(results) for section in sections) + "\n"


def conditions(results: Results) -> str:
    machine, settings, policy = results.as_json()["machine"], results.settings, results.policy
    pinning = "Envoy on one processor, load and upstream on another" if settings["pinned"] else "not pinned"
    transport = "mutual TLS" if settings["mutual_tls"] else "plain text, policy without callers"
    return (
        f"{machine['date']}; Envoy {settings['envoy_version']}; {machine['processor']}, "
        f"{machine['processors']} processors, Linux {machine['kernel']}; {pinning}; {transport}; "
        f"{settings['rounds']} rounds of {settings['seconds']:g} s per cell; load average before: "
        f"{settings['load_average_before']:.1f}. Policy: {policy.names:,} tool names, {policy.globs} globs, "
        f"{policy.uris} URI patterns."
    )


def added_cost(results: Results) -> str:
    rows = []
    for exchange in results.exchanges:
        ratio = results.ratio(exchange.name)
        added = [spread(results.added(name, exchange.name)) for name in (NATIVE, NOOP, OURS)]
        ratios = [f"{ratio:.2f}" if ratio is not None else MISSING, f"≤ {exchange.aim}" if exchange.aim else ""]
        rows.append([exchange.title, spread(results.cpu(BARE, exchange.name)), *added, *ratios])
    head = ["", TITLES[BARE], *(f"+ {TITLES[name]}" for name in (NATIVE, NOOP, OURS)), "ours / native", "aim"]
    title = "**CPU of Envoy, µs per request** (bare: all; others: added to it; median [lowest – highest round])"
    return f"{title}\n\n{table(head, rows)}{reconnections(results)}"


def reconnections(results: Results) -> str:
    """Names the cells that are no like for like."""
    titles = {exchange.name: exchange.title for exchange in results.exchanges}
    cells = [f"{TITLES.get(name, name)}: {titles[exchange]}" for name, exchange in results.reconnecting()]
    if not cells:
        return ""
    return f"\n\nEnvoy closes the connection after these answers, so they include a new handshake: {'; '.join(cells)}."


def breakdown(results: Results) -> str:
    """What the rows above say about calls, copies and parsing."""
    by_name = {exchange.name: exchange for exchange in results.exchanges}
    small = results.exchanges[0]
    rows = [["the smallest call", *(median(results.added(name, small.name)) for name in (NATIVE, NOOP, OURS))]]
    for name, what in PER_KB.items():
        exchange = by_name.get(name)
        if exchange is None:
            continue
        bytes_more = exchange.size - small.size
        row = [f"each further KB of {what}"]
        for variant in (NATIVE, NOOP, OURS):
            more, least = results.added(variant, name), results.added(variant, small.name)
            row.append(f"{(more.median - least.median) * 1024 / bytes_more:.2f}" if more and least else MISSING)
        rows.append(row)
    return "**Where it goes, µs added**\n\n" + table(["", *(TITLES[name] for name in (NATIVE, NOOP, OURS))], rows)


def free_calls(results: Results) -> str:
    """What approvals cost where none is asked for: the same module, whose policy knows issuers or not."""
    rows = []
    for exchange in results.exchanges:
        cpu = spread(results.cpu(OURS, exchange.name))
        more = interval(results.difference(APPROVING, OURS, exchange.name))
        counted = [results.crossings.get((name, exchange.name)) for name in (OURS, APPROVING)]
        calls = " / ".join(str(one.callbacks + one.host_calls) if one else MISSING for one in counted)
        rows.append([exchange.title, cpu, more, calls])
    rounds = results.settings["rounds"]
    title = (
        "**What approvals cost calls that need none** "
        f"(µs per request; the difference within a round, mean of {rounds} with its 95 % interval)"
    )
    head = ["", "without issuers", "more with issuers", "callbacks and host calls, without / with"]
    return f"{title}\n\n{table(head, rows)}"


def policy_sizes(results: Results) -> str:
    smallest = results.exchanges[0]
    rows = []
    for size in POLICY_SIZES:
        names = [size_name(base, size) for base in (NATIVE, OURS)]
        added = [spread(results.added(name, smallest.name)) for name in names]
        ready = [spread(results.ready(name), 0) for name in names]
        rows.append([f"{size:,}", *added, *ready])
    head = ["tool names", *(f"+ {TITLES[name]}, µs" for name in (NATIVE, OURS))]
    head += [f"{TITLES[name]}, ready ms" for name in (NATIVE, OURS)]
    return f"**Size of the policy** ({smallest.title})\n\n" + table(head, rows)


def footprint(results: Results) -> str:
    rows = []
    for name in COMPARED:
        size, starts = results.module_bytes.get(name), results.starts.get(name)
        idle = statistics.median(start.resident_mib for start in starts) if starts else None
        after = results.resident_after.get(name)
        module = f"{size / 1024:.0f}" if size else ""
        rows.append([TITLES[name], module, spread(results.ready(name), 0), number(idle), number(after)])
    head = ["", "module, KiB", "ready, ms", "memory at start, MiB", "memory after all load, MiB"]
    return "**Module, start and memory** (resident set; start without pinning)\n\n" + table(head, rows)


def latencies(results: Results) -> str:
    saturated = latency_table(results, results.samples)
    paced = latency_table(results, results.paced)
    rate = results.settings["paced_rate"]
    return (
        "**Latency, µs, p50 / p90 / p99** (median of the rounds)\n\n"
        f"At {rate:g} requests per second:\n\n{paced}\n\n"
        f"At full load, 8 connections, so mostly the time in the queue:\n\n{saturated}"
    )


def latency_table(results: Results, cells: dict[tuple[str, str], list[Measured]]) -> str:
    rows = []
    for exchange in results.exchanges:
        values = [percentiles(cells.get((name, exchange.name))) for name in COMPARED]
        if any(value != MISSING for value in values):
            rows.append([exchange.title, *values])
    return table(["", *(TITLES[name] for name in COMPARED)], rows)


def crossings(results: Results) -> str:
    rows = []
    for exchange in results.exchanges:
        row = [exchange.title]
        for name in (NOOP, OURS):
            counted = results.crossings.get((name, exchange.name))
            parts = (counted.callbacks, counted.host_calls, counted.allocations) if counted else ()
            row.append(f"{sum(parts)} = {' + '.join(map(str, parts))}" if parts else MISSING)
        rows.append(row)
    title = "**Calls across the module's border per request** (callbacks + host calls + allocations for their answers)"
    return f"{title}\n\n" + table(["", TITLES[NOOP], TITLES[OURS]], rows)


def compiling(results: Results) -> str:
    rows = [
        [f"{size:,}", f"{statistics.median(seconds) * 1000:.0f} [{min(seconds) * 1000:.0f} – {max(seconds) * 1000:.0f}]"]
        for size, seconds in results.compile_seconds.items()
    ]
    return f"**`mcp-guard compile`, ms**\n\n{table(['tools', 'wall time'], rows)}"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def spread(value: Spread | None, digits: int = 1) -> str:
    if value is None:
        return MISSING
    return f"{value.median:.{digits}f} [{value.low:.{digits}f} – {value.high:.{digits}f}]"


def interval(value: Interval | None) -> str:
    return MISSING if value is None else f"{value.mean:+.1f} [{value.low:+.1f} – {value.high:+.1f}]"


def median(value: Spread | None) -> str:
    return MISSING if value is None else f"{value.median:.1f}"


def percentiles(rounds: list[Measured] | None) -> str:
    if not rounds:
        return MISSING
    medians = (statistics.median(getattr(one, name) for one in rounds) for name in ("p50", "p90", "p99"))
    return " / ".join(f"{value:.0f}" for value in medians)


def number(value: float | None) -> str:
    return MISSING if value is None else f"{value:.0f}"
