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
    """As if a VM had printed LINES."""
    real, bench.run_vm = bench.run_vm, lambda *_, **__: lines
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


def guest_line(index, nr, phase, mean, run=1):
    what = {"dimms": 111, "index": index, "run": run, "nr": nr, "phase": phase}
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


def perf_lines():
    lines = []
    for test in range(5):
        for index, nr in (("rbtree", 0), ("linear", 0), ("rbtree", 1)):
            lines += [f"@ 10 {test} {index} {nr}",
                      "Test took 0.250000000s for slot setup + 1.000000000s all iterations",
                      "Done 4 iterations, avg 0.125000000s each"]
    return lines


def main():
    tap = Tap(15)
    updates, guests, perf = map(load, ("memslot_updates", "guest_lookups", "memslot_perf"))

    with tempfile.TemporaryDirectory() as folder:
        for again, new, status, what in (
                (1.001, 1.019, bench.VALID, "1.019 is within 1.02"),
                (1.001, 1.024, bench.INVALID, "1.024 is above 1.02"),
                (1.008, 1.024, bench.VALID, "1.024 is within 1.02 and an A/A pair that differs by 0.8 %"),
                (1.011, 1.000, bench.INVALID, "an A/A pair that differs by 1.1 % is not valid")):
            tap.equal(updates_status(updates, folder, again, new), status, f"updates: {what}")

    for what, status, name in (
            ({}, bench.VALID, "bsearch below linear passes"),
            ({"bsearch": 1000}, bench.INVALID, "bsearch above linear fails"),
            ({"again": 102}, bench.INVALID, "an A/A pair that differs by 2 % fails"),
            ({"second_run": 98}, bench.INVALID, "runs that differ by 2 % fail")):
        tap.equal(guests_status(guests, **what), status, f"guest lookups: {name}")

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
