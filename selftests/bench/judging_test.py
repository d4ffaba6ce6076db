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
from bench.mmu_unsync import judge as unsync_judge, measure as unsync, page as unsync_page  # noqa: E402
from bench.mmu_unsync_guests import judge as forks_judge, measure as forks, page as forks_page  # noqa: E402
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


# Unsync shadow pages

def unsync_costs(bitmap, **others):
    return {"stock": bitmap, "bitmap": bitmap, "mask": bitmap, "list": bitmap,
            "list-all": bitmap, **others}


# What just meets the targets
UNSYNC = {
    **{("share", tables, 512 - tables, roots, 1): {
        "mark": unsync_costs(1010, stock=1000, mask=1111),
        "sync": unsync_costs(1010, stock=1000, **{"list": round(1010 + 1010 * (0.8 - tables / 512))}),
        "foreign": unsync_costs(100), "faults": unsync_costs(1000, mask=1010, **{"list-all": 2000}),
        "flushes": unsync_costs(10)} for tables in (25, 256, 512) for roots in (1, 32)},
    **{(layout, tables, foreign, 1, 1): {
        "mark": unsync_costs(1000), "sync": unsync_costs(1000, mask=2000),
        "faults": unsync_costs(5, **{"list-all": 50}), "flushes": unsync_costs(5)}
       for layout, tables, foreign in (("foreign", 1, 80000), ("orphans", 1, 80000), ("edges", 262144, 0))}}


def unsync_lines(variant, change):
    """Output of mmu_unsync_perf_test; CHANGE: {(where, op): {series: value}}, or of the A/A
    pair and the best round, {"again": ratio, "best": ratio}."""
    lines, vms = ["TAP version 13"], [("stock", 0), ("stock", 1)]
    if variant != "stock":
        vms = [("bitmap", 0), ("bitmap", 1), ("mask", 0), ("list", 0), ("list-all", 0)]
    for where, ops in UNSYNC.items():
        names = ("layout", "tables", "foreign", "roots", "entries")
        prefix = "# " + " ".join(f"{name} {value}" for name, value in zip(names, where))
        ops = {op: {**costs, **change.get((where, op), {})} for op, costs in ops.items()}
        for series, vm in vms:
            index = "default" if variant == "stock" else series
            values = {op: costs[series] * (costs.get("again", 1) if vm else 1)
                      for op, costs in ops.items()}
            for op in ("mark", "sync", "foreign"):
                if op in ops:
                    best = values[op] * ops[op].get("best", 1)
                    lines.append(f"{prefix} op {op} index {index} vm {vm} ticks {values[op]:.0f} min {best:.0f} "
                                 f"max {values[op] * 3:.0f} ratio 1.0000 ratio_min 1.0000 ratio_max 1.0000")
            lines.append(f"{prefix} index {index} vm {vm} rounds 5 faults {5 * values['faults']:.0f} "
                         f"flushes {5 * values['flushes']:.0f}")
    return lines


def unsync_data(change):
    data = {"options": {"runs": 5, "hostile_runs": 3}, "vm_memory": "4G", "hostile_vm_memory": "8G",
            "kernels": [], "rows": []}
    for variant in ("stock", "queue"):
        rows, default = unsync.parse(unsync_lines(variant, change), variant)
        data["kernels"].append({"variant": variant, "default": default})
        data["rows"] += rows
    return data


FEW = ("share", 25, 487, 32, 1)
UNSYNC_MISSES = (
    (FEW, "sync", {"mask": 1011}, "sync, 5% below the root, 32 roots, 1 entries a table: mask at most bitmap"),
    (FEW, "mark", {"mask": 1112}, "mark, 5% below the root, 32 roots, 1 entries a table: mask at most 1.1 times"),
    (FEW, "faults", {"mask": 1011}, "mask at most 1.01 times bitmap"),
    (("edges", 262144, 0, 1, 1), "flushes", {"mask": 6}, "flushes, edges, 262144: mask at most bitmap"),
    (("edges", 262144, 0, 1, 1), "sync", {"mask": 2001}, "sync, edges, 262144: mask at most 2 times bitmap"),
    (("orphans", 1, 80000, 1, 1), "sync", {"mask": 2001}, "sync, orphans, 80000: mask at most 2 times"),
    (FEW, "foreign", {"bitmap": 102}, "bitmap at most 1.01 times stock"),
    (FEW, "flushes", {"stock": 9}, "flushes, 5% below the root, 32 roots, 1 entries a table: bitmap at most stock"),
    (FEW, "faults", {"list-all": 1999}, "bitmap at most 0.5 times list-all"))


def test_unsync(tap):
    data = unsync_data({})
    tap.check(all_good(unsync_judge.checks(data)), "unsync: what is just within the limits passes",
              [check for check in unsync_judge.checks(data) if not check.good])
    for where, op, change, missed in UNSYNC_MISSES:
        data = unsync_data({(where, op): change})
        bad = [check.name for check in unsync_judge.checks(data) if not check.good]
        tap.check(len(bad) == 1 and missed in bad[0] and unsync_page.text(data).count("  - NO:") == 1,
                  f"unsync: a miss is seen, and on the page: {missed}", bad)
    for change, good, name in (
            ({"mask": 1015, "again": 1.005}, True, "0.5 % above a limit is within an A/A pair that differs by as much"),
            ({"again": 1.02}, False, "an A/A pair that differs by 2 % is not valid"),
            ({"best": 0.98}, False, "a best round 2 % below the median is not valid"),
            ({"mask": 900, "stock": 1200, "best": 0.98}, True, "unless value and limit differ by far more")):
        tap.equal(all_good(unsync_judge.checks(unsync_data({(FEW, "sync"): change}))), good, f"unsync: {name}")
    said = words(unsync_page.text(unsync_data({})))
    tap.check({"| 25 of 512 | 32 | 1 | 1000 | 1010 | 1010 | 1769 | 1010 | 1.000 | 1.751 | +0.00% +0.00% | 0.00% |",
               "| 25 of 512 | 32 | 1 | 1000 | 1000 | 1010 | 1000 | 2000 | 1.010 | 1.000 | +0.00% +0.00% | 0.00% |",
               "| edges | 262144 | sync | 1000 | 1000 | 2000 | 1000 | 1000 | 2.000 | 1.000 | +0.00% +0.00% | 0.00% |",
               "| 32 | 1 | 1.751 | 1.300 | 0.800 | 80% |"} <= said,
              "unsync: tables hold all figures, and where a list breaks even", said)


# Unsync shadow pages of guests

def forks_lines(change, runs=2):
    """Output of inside.sh; CHANGE: {(mode, nr): {of its values: how many}}."""
    lines = []
    for run in range(runs):
        for mode, nr in (("bitmap", 0), ("mask", 0), ("list-all", 0), ("bitmap", 1)):
            at = {"unsync": 1000, "synced": 500, "freed": 4, "flushes": 400, "pf_taken": 9000,
                  "requests": 2000, "dropped": 0, **change.get((mode, nr), {}), **change.get((mode, nr, run), {})}
            lines += [f"guest mode {mode} nr {nr} run {run}", "instructions 5000000", "stat mmu_unsync 3",
                      f"stat pf_taken {at['pf_taken']}", "stat mmu_pte_write 70",
                      f"stat remote_tlb_flush_requests {at['requests']}"]
            for cause, part in (("0", 1), ("2", 0)):
                head = f"hist kvm_mmu_sync {{ cause:          {cause} }} hitcount:       {100 * part}"
                lines += [f"{head}  synced: {at['synced'] * part}  visited:  {700 * part}",
                          f"{head}  write_protected:  {500 * part}  remote_flushes: {at['flushes'] * part}",
                          f"{head}  roots_freed:    {at['freed'] * part}  cycles: {12345 * part}"]
            lines += [f"dropped {at['dropped']}",
                      f"hist kvm_mmu_unsync_page {{ unsync:          0 }} hitcount:     {at['unsync']}"]
    return lines


def forks_data(change):
    rows, default = forks.rows_of("processes", forks_lines(change))
    return {"options": {"runs": 2, "processes": 1000, "nested": 8}, "vm_memory": "3G", "iterations": 3,
            "default": default, "rows": rows}


def test_forks(tap):
    for change, good, name in (
            ({("mask", 0): {"unsync": 1010, "pf_taken": 9090}}, True, "1 % more faults pass"),
            ({("mask", 0): {"unsync": 1011}}, False, "1.1 % more pages made unsync fail"),
            ({("mask", 0): {"pf_taken": 9091}}, False, "more than 1 % more faults fail"),
            ({("mask", 0): {"synced": 501}}, False, "a page more that is synced fails"),
            ({("mask", 0): {"freed": 5}}, False, "a root more that is freed fails"),
            ({("mask", 0): {"flushes": 401}}, False, "a flush more by syncs fails"),
            ({("mask", 0): {"requests": 2001}}, False, "a flush more fails"),
            ({("mask", 0): {"synced": 505}, ("bitmap", 1): {"synced": 506}}, True,
             "1 % more is within an A/A pair that differs by as much"),
            ({("list-all", 0, 1): {"synced": 530}}, False, "runs that differ by 6 % are not valid"),
            ({("mask", 0): {"synced": 300}, ("list-all", 0, 1): {"synced": 530}}, True,
             "unless value and limit differ by far more")):
        tap.equal(all_good(forks_judge.checks(forks_data(change))), good, f"unsync of guests: {name}")
    tap.check("has no room for 7 events" in fails(forks_data, {("mask", 0): {"dropped": 7}}),
              "unsync of guests: events that were not counted are no measurement")
    said = words(forks_page.text(forks_data({("mask", 0): {"synced": 450}})))
    tap.check({"| synced | 500 | 450 | 500 | 1.000 | 0.900 | 1.000 | +0.00% | 0.00% |",
               "| syncs | 100 | 100 | 100 | 1.000 | 1.000 | 1.000 | +0.00% | 0.00% |"} <= said,
              "unsync of guests: tables hold all counts, of all causes", said)


def main():
    tap = Tap(6 + 7 + 5 + 6 + 5 + 8 + len(IO_BUS_MISSES) + 6 + len(UNSYNC_MISSES) + 12)
    test_updates(tap)
    test_guests(tap)
    test_perf(tap)
    test_cost(tap)
    test_userspace(tap)
    test_io_bus(tap)
    test_unsync(tap)
    test_forks(tap)
    tap.finish()


if __name__ == "__main__":
    main()
