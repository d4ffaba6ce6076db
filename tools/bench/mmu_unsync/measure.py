# SPDX-License-Identifier: GPL-2.0-only
"""Measures unsync shadow pages: KVM's selftest mmu_unsync_perf_test on two kernels."""

import os

from bench.lib import index_perf, vm
from bench.lib.errors import Failure
from bench.lib.program import say
from bench.mmu_unsync.figures import COUNTS, STOCK

PROGRAM = "mmu_unsync_perf_test"
SECONDS = 3600
VM_MEMORY, HOSTILE_VM_MEMORY = "4G", "8G"
LAYOUT = {"layout": str, "tables": int, "foreign": int, "roots": int, "entries": int}
FIELDS = {**LAYOUT, "op": str}
# With huge pages a fault's cost depends on where the host put the guest's memory.
INSIDE = ("echo never >/sys/kernel/mm/transparent_hugepage/enabled || exit; "
          "for arguments; do /bench/{program} $arguments || exit; done")


def kernels(options):
    return list(dict.fromkeys((STOCK, options.variant)))


def is_cost(line):
    return " ticks " in line


def parse_counts(lines):
    """{(values of LAYOUT…, index, vm): {of COUNTS: of a round}}"""
    found = {}
    for line in lines:
        words = line.split()
        if words[:2] != ["#", "layout"] or is_cost(line):
            continue
        fields = dict(zip(words[1::2], words[2::2]))
        key = (*(kind(fields[name]) for name, kind in LAYOUT.items()),
               fields["index"], int(fields["vm"]))
        found[key] = {count: int(fields[count]) / int(fields["rounds"]) for count in COUNTS}
    return found


def difference(again, first):
    return again / first - 1 if first else float(again != first)


def parse(lines, variant):
    """Rows of a kernel, from what the selftest printed there, and the series of the
    mode that it uses."""
    costs = index_perf.parse(filter(is_cost, lines), FIELDS)
    counts = parse_counts(lines)
    default = next(key[-2] for key in costs if key[-1] == index_perf.AGAIN)

    def row(what, op, index, statistics, aa):
        # A kernel without the parameter has but one mode, without a name.
        return {"series": variant if index == "default" else index,
                **dict(zip(LAYOUT, what)), "op": op, **statistics, "aa": aa}

    rows = []
    for (*what, op, index, nr), quantities in costs.items():
        if nr != index_perf.AGAIN:
            again = costs[(*what, op, default, index_perf.AGAIN)]["ticks"]
            first = costs[(*what, op, default, 0)]["ticks"]
            rows.append(row(what, op, index, quantities["ticks"],
                            difference(again["median"], first["median"])))
    for (*what, index, nr), found in counts.items():
        if nr == index_perf.AGAIN:
            continue
        for count, value in found.items():
            rows.append(row(what, count, index, {"median": value, "min": value, "max": value},
                            difference(counts[(*what, default, index_perf.AGAIN)][count],
                                       counts[(*what, default, 0)][count])))
    return rows, variant if default == "default" else default


def hostile(options):
    """Arguments of the selftest, for each hostile layout."""
    sizes = {"foreign": options.hostile, "orphans": options.hostile, "edges": options.edges}
    return [f"-m {layout} -n {size} -r {options.hostile_runs}"
            for layout, size in sizes.items() if size]


def measure(options):
    program = vm.selftest(os.path.join("x86", PROGRAM), options.selftests)

    def boot(variant, memory, *arguments):
        lines = vm.run_vm(
            ["--icount", "--variant", variant, "--mem", memory, "--timeout", str(SECONDS),
             "--append", "kvm_amd.npt=0", "--file", f"{program}:/bench/{PROGRAM}", "--",
             "sh", "-c", INSIDE.format(program=PROGRAM), "sh", *arguments],
            line=lambda text: text.startswith("# measured") and say(text.lstrip("# ")))
        if any("# SKIP" in line for line in lines):
            raise Failure(f"{PROGRAM} was skipped on {variant}: KVM shadows no page tables")
        return lines

    used, rows = [], []
    for variant in kernels(options):
        say(f"counting instructions of {variant}")
        found, default = parse(boot(variant, VM_MEMORY, f"-n {options.tables} -r {options.runs}"),
                               variant)
        used.append({"variant": variant, "default": default})
        rows += found
    sizes = hostile(options)
    if sizes:
        say(f"counting instructions of {options.variant}, hostile sizes")
        rows += parse(boot(options.variant, HOSTILE_VM_MEMORY, *sizes), options.variant)[0]
    return {"vm_memory": VM_MEMORY, "hostile_vm_memory": HOSTILE_VM_MEMORY,
            "unit": "instructions of all tables; faults and flushes of a round",
            "kernels": used, "rows": rows}
