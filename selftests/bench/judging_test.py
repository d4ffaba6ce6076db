#!/usr/bin/env python3
"""The benchmarks' judgement, on made-up measurements: what is above a limit, or
differs by more than 1 %, fails; what is not, passes; results hold all figures.
"""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tools/lib"))

import bench  # noqa: E402
import results  # noqa: E402
from tap import Tap  # noqa: E402


def load(name):
    path = str(ROOT / "tools/bench" / name / "run")
    loader = importlib.machinery.SourceFileLoader(name, path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


def options(**values):
    found = bench.Options()
    found.__dict__.update({"record": False, "ktap": False, **values})
    return found


def quietly(function, *arguments):
    """What FUNCTION returns, and what it printed."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        return function(*arguments), said.getvalue()


def with_lines(lines, function, *arguments):
    """As if a VM had printed LINES, or what LINES makes of the VM's arguments."""
    def run_vm(arguments, **_):
        return lines(arguments) if callable(lines) else lines

    real, bench.run_vm = bench.run_vm, run_vm
    try:
        return quietly(function, *arguments)
    finally:
        bench.run_vm = real


def update_lines(again, new):
    """Output of memslot_index_perf; ratios of the A/A pair and of a new index."""
    lines = ["# seed 1", "ok 1 10 memslots"]
    for op in ("create", "flags-on", "flags-off", "move", "delete"):
        for index, vm, ratio in (("rbtree", 0, 1), ("rbtree", 1, again),
                                 ("linear", 0, 9), ("new", 0, new)):
            for quantity in ("ticks", "cpu_ns"):
                lines.append(f"# slots 10 op {op} index {index} vm {vm} {quantity} "
                             f"{1000 * ratio:.0f} min 1 max 2 ratio {ratio:.4f} "
                             f"ratio_min {ratio:.4f} ratio_max {ratio:.4f}")
    return lines


def updates_status(updates, folder, again, new):
    program = Path(folder, "memslot_index_perf")
    program.touch()
    program.chmod(0o755)
    wanted = options(selftests=folder, runs=5, updates=9, slots="10", indexes="all",
                     limit=1.02, ktap=True)
    return with_lines(update_lines(again, new), updates.measure, wanted)[0]


def guest_line(index, nr, phase, mean, run=1, attempt=1):
    what = {"dimms": 111, "index": index, "run": run, "nr": nr, "phase": phase,
            "attempt": attempt}
    rows = [{"index": index, "outcome": outcome, "count": 10000, "disturbed": 0,
             "sum": round(mean * 10000), "mean": mean, "max": round(2 * mean)}
            for outcome in ("cached", "found", "absent")]
    hist = {"rows": rows, "lost": {"missed": 0}, "vms": [{"slots": 117}],
            "baseline": {"median": 4}}
    return f"{json.dumps(what)}\t{json.dumps(hist)}"


def guest_lines(again=100, bsearch=120, second_run=100):
    lines = []
    for phase in ("boot", "random"):
        for run, mean in ((1, 100), (2, second_run)):
            lines += [guest_line("rbtree", 0, phase, mean, run),
                      guest_line("linear", 0, phase, 900, run),
                      guest_line("bsearch", 0, phase, bsearch, run),
                      guest_line("rbtree", 1, phase, again, run)]
    return lines


def guests_status(guests, **what):
    wanted = options(runs=2, rounds=1, indexes="all", slots="117", ktap=True)
    return with_lines(guest_lines(**what), guests.measure, wanted)[0]


def guest_runs_status(guests, means):
    """With a run for each mean of rbtree's guests."""
    lines = [guest_line(index, nr, phase, cost or mean, run)
             for phase in ("boot", "random") for run, mean in enumerate(means, 1)
             for index, nr, cost in (("rbtree", 0, None), ("linear", 0, 900),
                                     ("bsearch", 0, 120), ("rbtree", 1, 100))]
    wanted = options(runs=len(means), rounds=1, indexes="all", slots="117", ktap=True)
    return with_lines(lines, guests.measure, wanted)[0]


def perf_lines():
    lines = []
    for test in range(5):
        for index, nr in (("rbtree", 0), ("linear", 0), ("rbtree", 1)):
            lines += [f"@ 10 {test} {index} {nr}",
                      "Test took 0.250000000s for slot setup + 1.000000000s all iterations",
                      "Done 4 iterations, avg 0.125000000s each"]
    return lines


IO_BUS = {
    ("byte", "ascending", 200, "exit"): {"stock": 1200, "linear": 1300, "bsearch": 1200, "hash": 1010},
    ("ports", "random", 0, "exit"): {"stock": 1000, "linear": 1010, "bsearch": 1000, "hash": 1000},
    ("ports", "random", 4, "hit"): {"stock": 1050, "linear": 1010, "bsearch": 1050, "hash": 1050},
    ("ports", "random", 10000, "exit"): {"stock": 1300, "linear": 99000, "bsearch": 1300, "hash": 1060},
    ("around", "random", 10000, "exit"): {"stock": 1000, "fixes": 1300, "linear": 99000, "bsearch": 1300, "hash": 1300},
    ("ports", "random", 10000, "bytes"): {"stock": 1000, "linear": 1000, "bsearch": 1000, "hash": 1000},
    **{("ports", order, 10000, op): {"stock": 9e8, "linear": 9e8, "bsearch": 9e8, "hash": 9e8}
       for order in ("ascending", "random") for op in ("register", "remove")},
    ("ports", "ascending", 1, "update"): {"stock": 1000, "linear": 1000, "bsearch": 1000, "hash": 1000},
    ("ports", "ascending", 1, "update-registered"):
        {"stock": 99000, "linear": 2000, "bsearch": 2000, "hash": 2000}}


def io_bus_lines(arguments, change):
    """Output of io_bus_perf_test; CHANGE: {(layout, order, devices, op): {series: ticks}},
    or of the A/A pair and the spread, {"again": ratio, "spread": ratio}."""
    variant = arguments[arguments.index("--variant") + 1]
    default = "bsearch" if variant == "queue" else variant
    lines = ["TAP version 13"]
    for what, costs in IO_BUS.items():
        costs = {"fixes": 1, **costs, **change.get(what, {})}
        vms = [(default, 0, 1), (default, 1, costs.get("again", 1))]
        vms += [(series, 0, 1) for series in ("linear", "hash") if variant == "queue"]
        for series, vm, ratio in vms:
            ticks = costs[series] * ratio
            layout, order, devices, op = what
            prefix = (f"# layout {layout} order {order} devices {devices} op {op} "
                      f"index {'default' if series == variant else series} vm {vm}")
            for quantity in ("ticks", "ns"):
                lines.append(f"{prefix} {quantity} {ticks:.0f} min {ticks:.0f} max "
                             f"{ticks * costs.get('spread', 1):.0f} ratio {ratio:.4f} "
                             f"ratio_min {ratio:.4f} ratio_max {ratio:.4f}")
    return lines


def io_bus_result(io_bus, folder, change):
    """The status, and which targets were missed."""
    wanted = options(selftests=folder, runs=5, devices=10000, variant="queue", ktap=True)
    status, said = with_lines(lambda arguments: io_bus_lines(arguments, change),
                              io_bus.measure, wanted)
    return status, [line.split(" ", 3)[3] for line in said.splitlines()
                    if line.startswith("not ok")]


IO_BUS_MISSES = (
    (("byte", "ascending", 200, "exit"), {"linear": 1269}, "5.8% more exits/s"),
    (("byte", "ascending", 200, "exit"), {"hash": 1201}, "exit, byte, 200 devices: hash at most stock"),
    (("ports", "random", 4, "hit"), {"bsearch": 1051}, "hit, ports, 4 devices: bsearch at most stock"),
    (("around", "random", 10000, "exit"), {"bsearch": 1301}, "exit, around, 10000 devices: bsearch at most fixes"),
    (("around", "random", 10000, "exit"), {"hash": 1301}, "exit, around, 10000 devices: hash at most fixes"),
    (("ports", "random", 10000, "exit"), {"hash": 1061}, "10000 devices at most stock with none + 60"),
    (("ports", "random", 10000, "bytes"), {"hash": 1001}, "bytes, ports, 10000 devices, random order: hash at most stock"),
    (("ports", "ascending", 10000, "register"), {"bsearch": 9.001e8}, "register, ports, 10000 devices, ascending order: bsearch"),
    (("ports", "random", 10000, "remove"), {"hash": 9.001e8}, "remove, ports, 10000 devices, random order: hash"),
    (("ports", "ascending", 1, "update-registered"), {"linear": 2001}, "linear: creating a memslot"),
    (("ports", "ascending", 1, "update-registered"), {"hash": 2001}, "hash: creating a memslot"))


def judge_io_bus(tap, io_bus, folder):
    Path(folder, "x86").mkdir()
    Path(folder, "x86", "io_bus_perf_test").touch(0o755)
    # make check does not build kernel fixes, whose description this would need.
    io_bus.circumstances = lambda command, _variants: {"command": command}
    tap.equal(io_bus_result(io_bus, folder, {}), (bench.VALID, []),
              "io bus: what is just within the limits passes")
    for what, change, missed in IO_BUS_MISSES:
        status, said = io_bus_result(io_bus, folder, {what: change})
        tap.check(status == bench.INVALID and len(said) == 1 and missed in said[0],
                  f"io bus: a miss is seen: {missed}", (status, said))

    results.UNRECORDED = folder
    wanted = options(selftests=folder, runs=5, devices=10000, variant="queue")
    said = with_lines(lambda arguments: io_bus_lines(arguments, {}), io_bus.measure, wanted)[1]
    data = json.loads(Path(folder, "io-bus.json").read_text(encoding="utf-8"))
    tap.check(len(data["rows"]) == 5 * len(IO_BUS) and "–" not in said
              and all(f"| {series} exits/s |" in said for series in ("fixes", "bsearch", "hash"))
              and {" ".join(line.split()) for line in said.splitlines()} >= {
                  "| what | devices | order | stock | fixes | bsearch | linear | hash "
                  "| A/A stock, fixes, queue | spread |",
                  "| register | 10000 | random | 900000000 | 1 | 900000000 | 900000000 | 900000000 "
                  "| +0.00% +0.00% +0.00% | 0.00% |"},
              "io bus: tables and JSON hold all figures", said)

    what = ("ports", "random", 4, "hit")
    for change, good, name in (
            ({"hash": 1055, "again": 1.005}, True, "0.5 % above a limit is within an A/A pair that differs by as much"),
            ({"hash": 1056, "again": 0.995}, False, "0.6 % is not"),
            ({"again": 1.011}, False, "an A/A pair that differs by 1.1 % is not valid"),
            ({"spread": 1.011}, False, "rounds that differ by 1.1 % are not valid"),
            ({"hash": 1000, "bsearch": 1000, "spread": 1.011}, True,
             "unless value and limit differ by far more")):
        tap.equal(io_bus_result(io_bus, folder, {what: change})[0],
                  bench.VALID if good else bench.INVALID, f"io bus: {name}")


def main():
    tap = Tap(18 + 7 + len(IO_BUS_MISSES))
    updates, guests, perf, io_bus = map(
        load, ("memslot_updates", "guest_lookups", "memslot_perf", "io_bus"))

    with tempfile.TemporaryDirectory() as folder:
        for again, new, status, what in (
                (1.001, 1.019, bench.VALID, "1.019 is within 1.02"),
                (1.001, 1.024, bench.INVALID, "1.024 is above 1.02"),
                (1.008, 1.024, bench.VALID, "1.024 is within 1.02 and an A/A pair that differs by 0.8 %"),
                (1.011, 1.000, bench.INVALID, "an A/A pair that differs by 1.1 % is not valid")):
            tap.equal(updates_status(updates, folder, again, new), status, f"updates: {what}")

    with tempfile.TemporaryDirectory() as folder:
        judge_io_bus(tap, io_bus, folder)

    for what, status, name in (
            ({}, bench.VALID, "bsearch below linear passes"),
            ({"bsearch": 1000}, bench.INVALID, "bsearch above linear fails"),
            ({"again": 102}, bench.INVALID, "an A/A pair that differs by 2 % fails"),
            ({"second_run": 98}, bench.INVALID, "runs that differ by 2 % fail")):
        tap.equal(guests_status(guests, **what), status, f"guest lookups: {name}")
    for means, status, name in (
            ((100, 100, 100, 100, 98), bench.VALID, "one of five runs off by 2 % passes"),
            ((100, 98, 100, 100, 98), bench.INVALID, "two of five runs off by 2 % fail"),
            ((100, 100, 98), bench.INVALID, "one of three runs off by 2 % fails")):
        tap.equal(guest_runs_status(guests, means), status, f"guest lookups: {name}")

    lost = guest_lines()
    lost[0] = lost[0].replace('"missed": 0', '"missed": 7')
    wanted = options(runs=2, rounds=1, indexes="all", slots="117", ktap=True)
    tap.equal(with_lines(lost, bench.guarded, "x", lambda: guests.measure(wanted))[0],
              bench.NOT_MEASURED, "guest lookups: lost samples are no measurement")

    with tempfile.TemporaryDirectory() as folder:
        results.UNRECORDED = folder
        program = Path(folder, "memslot_perf_test")
        program.touch()
        program.chmod(0o755)
        wanted = options(selftests=folder, runs=1, slots="10", indexes="all",
                         name="memslot-perf")
        status, said = with_lines(perf_lines(), perf.measure, wanted)
        tap.equal(status, bench.VALID, "memslot_perf: measured")
        data = json.loads(Path(folder, "memslot-perf.json").read_text(encoding="utf-8"))
        tap.equal(len(data["rows"]), 3 * 6, "memslot_perf: six rows for each VM")
        tap.equal({row["seconds"] for row in data["rows"]}, {0.125, 0.25},
                  "memslot_perf: seconds of an iteration, and of slot setup")
        tap.check(all(f"| {row} " in said for row in ("Map", "Unmap 2M", "Slot setup")),
                  "memslot_perf: the table has the seed's rows", said)
        tap.check({"date", "command", "machine", "kernel queue", "emulator"} <= set(data)
                  and "\n# " not in said and not list(Path(folder).glob("*.new")),
                  "results say when, where and on what they were measured", data)

    facts = {**results.circumstances("x", ["queue"])}
    facts["kernel queue"] += " (before)"
    try:
        with tempfile.TemporaryDirectory() as folder:
            results.UNRECORDED = folder
            results.publish("x", "x", facts, "x", {}, False)
        refused = False
    except bench.Failure as error:
        refused = "built anew" in str(error)
    tap.check(refused, "results of a kernel that was built anew meanwhile are not written")
    tap.finish()


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
