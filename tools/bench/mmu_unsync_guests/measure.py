# SPDX-License-Identifier: GPL-2.0-only
"""Counts what KVM does about the unsync shadow pages of real guests, which a VM boots
one by one."""

import os
import re
import statistics
import subprocess

from bench.lib import vm
from bench.lib.errors import Failure
from bench.lib.program import say
from paths import BUILD

HERE = os.path.dirname(os.path.abspath(__file__))
INIT = os.path.join(BUILD, "bench", "mmu-unsync-guests", "init")
SECONDS_PER_GUEST = 900
VM_MEMORY = "3G"
PROCESSES, NESTED = "processes", "nested"
TEST = "dirty_log_perf_test"
# The test faults in memory of the nested guest; then, each time, it write-protects all
# of it, and the nested guest writes to it again. -g leaves out a form of the dirty log.
NESTED_ARGUMENTS = "-g,-b,{megabytes}M,-i,{iterations}"
ITERATIONS = 3

# What is counted: name, and where the counts of inside.sh have it.
INSTRUCTIONS = "instructions"
HISTOGRAMS = {"made unsync": ("kvm_mmu_unsync_page", "hitcount"),
              "syncs": ("kvm_mmu_sync", "hitcount"),
              "visited": ("kvm_mmu_sync", "visited"),
              "synced": ("kvm_mmu_sync", "synced"),
              "write-protected": ("kvm_mmu_sync", "write_protected"),
              "flushes of syncs": ("kvm_mmu_sync", "remote_flushes"),
              "roots freed": ("kvm_mmu_sync", "roots_freed"),
              "instructions of syncs": ("kvm_mmu_sync", "cycles")}
STATISTICS = {"faults": "pf_taken", "emulated writes": "mmu_pte_write",
              "flush requests": "remote_tlb_flush_requests", "left unsync": "mmu_unsync"}
COUNTS = (*HISTOGRAMS, *STATISTICS, INSTRUCTIONS)


def kernels(_options):
    return ["queue"]


def workloads(options):
    """{name: (runs, kernel parameters of the VM, of its guests, more options of the VM)}"""
    found = {}
    if options.processes:
        found[PROCESSES] = (options.runs, "kvm_amd.npt=0",
                            f"guest.processes={options.processes}", [])
    if options.nested:
        arguments = NESTED_ARGUMENTS.format(megabytes=options.nested, iterations=ITERATIONS)
        test = vm.selftest(TEST, options.selftests)
        found[NESTED] = (1, "kvm_amd.npt=1 kvm_amd.nested=1", f"guest.nested={arguments}",
                         ["--file", f"{test}:/guest/test"])
    return found


def _histogram(line, sums):
    """Add what a bucket has to SUMS, {(event, value): sum}."""
    event, values = line.split(maxsplit=2)[1:]
    found = dict(re.findall(r"(\w+): +(\d+)", values.partition("}")[2]))
    for name, value in found.items():
        # All triggers on an event count its hits.
        if name != "hitcount" or event != "kvm_mmu_sync" or "synced" in found:
            sums[event, name] = sums.get((event, name), 0) + int(value)


def guests(lines):
    """[(mode, nr, {of COUNTS: how many})] of what inside.sh printed."""
    found = []
    for line in lines:
        words = line.split()
        if words[0] == "guest":
            sums, stats = {}, {}
            found.append((words[2], int(words[4]), sums, stats))
        elif words[0] == "dropped" and int(words[1]):
            raise Failure(f"a histogram of guest {found[-1][0]} has no room for {words[1]} events")
        elif words[0] == "hist":
            _histogram(line, sums)
        elif words[0] == "stat":
            stats[words[1]] = int(words[2])
        elif words[0] == INSTRUCTIONS:
            stats[INSTRUCTIONS] = int(words[1])
    return [(mode, nr, {**{name: sums.get(where, 0) for name, where in HISTOGRAMS.items()},
                        **{name: stats[where] for name, where in STATISTICS.items()},
                        INSTRUCTIONS: stats[INSTRUCTIONS]})
            for mode, nr, sums, stats in found]


def rows_of(workload, lines):
    """A row for each mode and what was counted, from what inside.sh printed; and the mode
    that the kernel uses, which is the first."""
    found = guests(lines)
    if not found:
        raise Failure("the VM printed no counts")
    default = found[0][0]
    rows = []
    for mode in dict.fromkeys(mode for mode, _, _ in found):
        for count in COUNTS:
            values, again = ([counts[count] for other, nr, counts in found
                              if (other, nr) == (mode, wanted)] for wanted in (0, 1))
            row = {"workload": workload, "mode": mode, "count": count,
                   "median": statistics.median(values), "min": min(values), "max": max(values)}
            if mode == default:
                row["again"] = statistics.median(again)
            rows.append(row)
    return rows, default


def build_init():
    done = subprocess.run(["make", "-s", "-C", HERE, f"BUILD={BUILD}"], stdin=subprocess.DEVNULL)
    if done.returncode:
        raise Failure("cannot build the guests' init: see above")


def measure(options):
    build_init()
    rows, default = [], None
    for workload, (runs, append, parameters, more) in workloads(options).items():
        say(f"{workload}: booting; a guest takes a minute, more on a busy machine")
        lines = vm.run_vm(
            ["--icount", "--mem", VM_MEMORY, *vm.timeout(runs, SECONDS_PER_GUEST),
             "--append", append, "--file", f"{INIT}:/guest/init",
             "--file", f"{HERE}/inside.sh:/guest/inside.sh", *more, "--",
             "sh", "/guest/inside.sh", str(runs), parameters],
            runner=vm.GUEST_VM, line=lambda text: text.startswith("guest ") and say(text))
        found, default = rows_of(workload, lines)
        rows += found
    if not rows:
        raise Failure("nothing to measure: no processes, no nested guest")
    return {"vm_memory": VM_MEMORY, "iterations": ITERATIONS, "default": default, "rows": rows}
