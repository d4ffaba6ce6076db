#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The benchmarks' judgement, on made-up measurements: what is above a limit, or
differs by more than 1 %, fails; what is not, passes; pages hold all figures.
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tools/lib")]

from bench.guest_lookups import judge as guests_judge, measure as guests  # noqa: E402
from bench.io_bus import judge as io_judge, measure as io, page as io_page  # noqa: E402
from bench.lib.checks import all_good  # noqa: E402
from bench.lib.errors import Failure  # noqa: E402
from bench.lookup_cost import judge as cost_judge, measure as cost, page as cost_page  # noqa: E402
from bench.memslot_perf import judge as perf_judge, measure as perf, page as perf_page  # noqa: E402
from bench.memslot_updates import judge as updates_judge, measure as updates, page as updates_page  # noqa: E402
from bench.memslot_userspace import judge as userspace_judge, page as userspace_page  # noqa: E402
from tap import Tap  # noqa: E402


def fails(function, *arguments):
    """The text of the Failure that FUNCTION ends with."""
    try:
        function(*arguments)
    except Failure as failure:
        return str(failure)
    return ""


def words(text):
    """Lines of TEXT, any white space as one blank."""
    return {" ".join(line.split()) for line in text.splitlines()}


# Updates of memslots

def update_data(again, new):
    """Of memslot_index_perf; ratios of the A/A pair and of a new index."""
    lines = ["# seed 1", "ok 1 10 memslots"]
    for op in updates_judge.OPS:
        for index, vm, ratio in (("rbtree", 0, 1), ("rbtree", 1, again),
                                 ("linear", 0, 9), ("new", 0, new)):
            for quantity in ("ticks", "cpu_ns"):
                lines.append(f"# slots 10 op {op} index {index} vm {vm} {quantity} "
                             f"{1000 * ratio:.0f} min 1 max 2 ratio {ratio:.4f} "
                             f"ratio_min {ratio:.4f} ratio_max {ratio:.4f}")
    calls = [f"10 {index} {name} 10 {cost}" for index, cost in (("rbtree", 100), ("new", 350))
             for name in updates.FUNCTIONS]
    return {"options": {"limit": 1.02, "runs": 5, "updates": 9}, "default_index": "rbtree",
            "rows": updates.parse(lines), "calls": updates.parse_calls(calls)}


def test_updates(tap):
    for again, new, good, name in (
            (1.001, 1.019, True, "1.019 is within 1.02"),
            (1.001, 1.024, False, "1.024 is above 1.02"),
            (1.008, 1.024, True, "1.024 is within 1.02 and an A/A pair that differs by 0.8 %"),
            (1.011, 1.000, False, "an A/A pair that differs by 1.1 % is not valid")):
        tap.equal(all_good(updates_judge.checks(update_data(again, new))), good, f"updates: {name}")
    tap.check({"| 10 | new | 25 | 25 | 25 | 25 |", "| 10 | rbtree | 0 | 0 | 0 | 0 |"}
              <= words(updates_page.text(update_data(1, 1))),
              "updates: the page has the index's instructions, without those of the tracer")
    tap.check("NOT HELD" in updates_page.text(update_data(1, 1.03)),
              "updates: the page says that a limit is not held")


# Lookups of guests

def guest_line(index, nr, phase, mean):
    what = {"dimms": 111, "index": index, "run": 1, "nr": nr, "phase": phase}
    rows = [{"index": index, "outcome": outcome, "count": 10000, "disturbed": 0,
             "sum": round(mean * 10000), "mean": mean, "max": round(2 * mean)}
            for outcome in guests.OUTCOMES]
    hist = {"rows": rows, "lost": {"missed": 0}, "vms": [{"slots": 117}],
            "baseline": {"median": 4}}
    return f"{json.dumps(what)}\t{json.dumps(hist)}"


def guest_lines(means=(100, 100), again=100, bsearch=120):
    """With a run for each of the MEANS of rbtree's guests."""
    return [guest_line(index, nr, phase, mean)
            for phase in guests.PHASES for own in means
            for index, nr, mean in (("rbtree", 0, own), ("linear", 0, 900),
                                    ("bsearch", 0, bsearch), ("rbtree", 1, again))]


def guest_data(lines):
    return guests.data_of(lines, SimpleNamespace(rounds=1, slots=[117]))


def test_guests(tap):
    for what, good, name in (
            ({}, True, "bsearch below linear passes"),
            ({"bsearch": 1000}, False, "bsearch above linear fails"),
            ({"again": 102}, False, "an A/A pair that differs by 2 % fails"),
            ({"means": (100, 98)}, False, "runs that differ by 2 % fail"),
            ({"means": (100, 100, 100, 100, 98)}, False, "one of five runs off by 2 % fails")):
        tap.equal(all_good(guests_judge.checks(guest_data(guest_lines(**what)))), good,
                  f"guest lookups: {name}")
    lost = guest_lines()
    lost[0] = lost[0].replace('"missed": 0', '"missed": 7')
    tap.check("lost samples" in fails(guest_data, lost),
              "guest lookups: lost samples are no measurement")
    few = [line.replace('"count": 10000', '"count": 10') for line in guest_lines()]
    tap.check("not attached in time" in fails(guest_data, few),
              "guest lookups: fewer lookups than the guest made are no measurement")


# memslot_perf_test

def perf_lines():
    lines = []
    for test in range(5):
        for index, nr in (("rbtree", 0), ("linear", 0), ("rbtree", 1)):
            lines += [f"@ 10 {test} {index} {nr}",
                      "Test took 0.250000000s for slot setup + 1.000000000s all iterations",
                      "Done 4 iterations, avg 0.125000000s each"]
    return lines


def test_perf(tap):
    data = {"options": {"slots": [10], "runs": 1}, "default_index": "rbtree",
            "rows": perf.parse(perf_lines())}
    tap.equal(len(data["rows"]), 3 * 6, "memslot_perf: six rows for each VM")
    tap.equal({row["seconds"] for row in data["rows"]}, {0.125, 0.25},
              "memslot_perf: seconds of an iteration, and of slot setup")
    tap.check(all_good(perf_judge.checks(data)), "memslot_perf: it is valid")
    tap.check("| Map | 125 (125–125) | 125 (125–125) | 125 (125–125) | 19.2 | 18.6 |"
              in words(perf_page.text(data)), "memslot_perf: the table has the seed's figures beside ours")
    data["rows"].pop()
    tap.equal([check.name for check in perf_judge.checks(data) if not check.good],
              ["10 memslots: Move inactive measured with each index"],
              "memslot_perf: a figure that is missing is seen")


# Cost of a lookup

def cost_boot(costs):
    """A boot's output; COSTS: {index: instructions of each of two runs}, the default first."""
    return cost.Boot([json.dumps({"index": index, "default": index == next(iter(costs)),
                                  "function": "vm", "pattern": "two", "slots": 13,
                                  "instructions": instructions})
                      for index, runs in costs.items() for instructions in runs], 2)


def cost_data(stock=(50, 50), again=(50, 50), queue=(53, 53)):
    return {"options": {"limit": 3.0, "baseline": "stock", "variant": "queue", "runs": 2},
            "default_index": "rbtree",
            "rows": cost.rows_of(cost_boot({"default": stock}), cost_boot({"default": again}),
                                 cost_boot({"rbtree": queue, "btree": (60, 60)}))}


def test_cost(tap):
    for what, good, name in (
            ({}, True, "three instructions more are within the limit"),
            ({"queue": (53.5, 53.5)}, False, "three and a half are not"),
            ({"queue": (50, 51)}, False, "runs that differ by 2 % are not valid"),
            ({"again": (51, 51)}, False, "nor are boots that do")):
        tap.equal(all_good(cost_judge.checks(cost_data(**what))), good, f"lookup cost: {name}")
    tap.check({"| vm | two | 13 | 50.0 | +0.0 | 53.0 | +3.0 | 0.00% |",
               "| vm | two | 13 | 53.0 | 60.0 |"} <= words(cost_page.text(cost_data())),
              "lookup cost: tables hold all figures")
    tap.check("are missing" in fails(cost_boot, {"rbtree": (50,)}),
              "lookup cost: a run without figures is no measurement")


# Indexes in user space

def userspace_data(change):
    """CHANGE: {number of memslots: {cell: speedup of btree}}; all targets are just met else."""
    rows = []
    for slots, hit in ((1, 0.95), (117, 2.5), (509, 4), (32764, 5)):
        cells = {**{cell: 1 if cell in ("above", "holes") else 0.95
                    for cell in userspace_judge.CELLS}, "hit": hit, **change.get(slots, {})}
        rows += [{"layout": "L2", "slots": slots, "index": index, "bytes_per_slot": 24,
                  **{cell: {"best": 10, "median": 11, "speedup": speedup if index == "btree" else 1,
                            "median_speedup": 1} for cell, speedup in cells.items()}}
                 for index in ("rbtree", "btree", "rbtree again")]
    return {"rows": rows, "streams": []}


def test_userspace(tap):
    tap.check(all_good(userspace_judge.checks(userspace_data({}))),
              "user space: what just meets the targets passes")
    for slots, cell, speedup, missed in (
            (1, "hit", 0.94, "hit, 1–32764 memslots"),
            (117, "hit", 2.49, "hit, 117 memslots"),
            (32764, "holes", 0.99, "holes, 1–32764 memslots"),
            (1, "above_cold", 0.94, "above cold, 1–32764 memslots")):
        data = userspace_data({slots: {cell: speedup}})
        bad = [check.name for check in userspace_judge.checks(data) if not check.good]
        tap.check(len(bad) == 1 and bad[0].startswith(missed) and
                  userspace_page.text(data).count("MISSED") == 1,
                  f"user space: a miss is seen, and on the page: {missed}", bad)


# The I/O bus

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


def io_lines(variant, change):
    """Output of io_bus_perf_test; CHANGE: {(layout, order, devices, op): {series: ticks}},
    or of the A/A pair and the spread, {"again": ratio, "spread": ratio}."""
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


def io_data(change):
    data = {"options": {"runs": 5}, "vm_memory": "4G", "kernels": [], "rows": [],
            "wall_runs": 3, "wall": []}
    for variant in ("stock", "fixes", "queue"):
        lines = io_lines(variant, change)
        rows, default = io.parse(lines, variant, "ticks")
        data["kernels"].append({"variant": variant, "default": default})
        data["rows"] += rows
        data["wall"] += io.parse(lines, variant, "ns")[0]
    return data


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


def test_io_bus(tap):
    tap.check(all_good(io_judge.checks(io_data({}))),
              "io bus: what is just within the limits passes")
    for what, change, missed in IO_BUS_MISSES:
        bad = [check.name for check in io_judge.checks(io_data({what: change})) if not check.good]
        tap.check(len(bad) == 1 and missed in bad[0], f"io bus: a miss is seen: {missed}", bad)

    data = io_data({})
    said = io_page.text(data)
    tap.check(len(data["rows"]) == len(data["wall"]) == 5 * len(IO_BUS) and "–" not in said
              and all(f"| {series} exits/s |" in said for series in ("fixes", "bsearch", "hash"))
              and words(said) >= {
                  "| what | devices | order | stock | fixes | bsearch | linear | hash "
                  "| A/A stock, fixes, queue | spread |",
                  "| register | 10000 | random | 900000000 | 1 | 900000000 | 900000000 | 900000000 "
                  "| +0.00% +0.00% +0.00% | 0.00% |",
                  "| remove | 10000 | random | 900.0 | 0.0 | 900.0 | 900.0 | 900.0 |"},
              "io bus: tables and JSON hold all figures", said)

    few = {**data, "wall": [], "rows": [row for row in data["rows"] if row["devices"] <= 4]}
    tap.check("| 4 | 1050 | 1 | 1050 | 1010 | 1050 |" in " ".join(io_page.text(few).split()),
              "io bus: a page of few devices has what there is")

    what = ("ports", "random", 4, "hit")
    for change, good, name in (
            ({"hash": 1055, "again": 1.005}, True, "0.5 % above a limit is within an A/A pair that differs by as much"),
            ({"hash": 1056, "again": 0.995}, False, "0.6 % is not"),
            ({"again": 1.011}, False, "an A/A pair that differs by 1.1 % is not valid"),
            ({"spread": 1.011}, False, "rounds that differ by 1.1 % are not valid"),
            ({"hash": 1000, "bsearch": 1000, "spread": 1.011}, True,
             "unless value and limit differ by far more")):
        tap.equal(all_good(io_judge.checks(io_data({what: change}))), good, f"io bus: {name}")


def main():
    tap = Tap(6 + 7 + 5 + 6 + 5 + 8 + len(IO_BUS_MISSES))
    test_updates(tap)
    test_guests(tap)
    test_perf(tap)
    test_cost(tap)
    test_userspace(tap)
    test_io_bus(tap)
    tap.finish()


if __name__ == "__main__":
    main()
