# SPDX-License-Identifier: GPL-2.0-only
"""Measures the port I/O bus: KVM's selftest io_bus_perf_test on three kernels."""

import os

from bench.io_bus.figures import FIXES, STOCK
from bench.lib import index_perf, vm
from bench.lib.program import say

PROGRAM = "io_bus_perf_test"
SECONDS = 3600
WALL_RUNS = 3
# Registering with copies leaves up to 10000 arrays of up to 240 KB to RCU.
VM_MEMORY = "4G"
FIELDS = {"layout": str, "order": str, "devices": int, "op": str}


def kernels(options):
    return list(dict.fromkeys((STOCK, FIXES, options.variant)))


def parse(lines, variant, quantity):
    """Rows of QUANTITY on a kernel, from what the selftest printed there, and the
    series of the index that it uses."""
    parsed = index_perf.parse(lines, FIELDS)
    default = next(key[-2] for key in parsed if key[-1] == index_perf.AGAIN)

    def series(index):
        # A kernel without the parameter has but one index, without a name.
        return variant if index == "default" else index

    rows = []
    for (*what, index, nr), quantities in parsed.items():
        if nr == index_perf.AGAIN or quantity not in quantities:
            continue
        row = {"series": series(index), **dict(zip(FIELDS, what)), **quantities[quantity]}
        if quantity == "ticks":
            row["aa"] = parsed[(*what, default, index_perf.AGAIN)]["ticks"]["ratio"] - 1
        rows.append(row)
    return rows, series(default)


def measure(options):
    program = vm.selftest(os.path.join("x86", PROGRAM), options.selftests)

    def boot(variant, vm_options, arguments):
        return vm.run_vm(
            ["--variant", variant, *vm_options, "--mem", VM_MEMORY,
             "--timeout", str(SECONDS), "--file", f"{program}:/bench/{PROGRAM}",
             "--", f"/bench/{PROGRAM}", "-n", str(options.devices), *arguments],
            line=lambda text: text.startswith("ok") and say(text))

    used, counted, timed = [], [], []
    for variant in kernels(options):
        say(f"counting instructions of {variant}")
        rows, default = parse(boot(variant, ["--icount"], ["-r", str(options.runs)]),
                              variant, "ticks")
        used.append({"variant": variant, "default": default})
        counted += rows
    # Nothing judges wall time; the selftest takes it of registrations only.
    with_wall = not options.ktap and any(row["op"] == "register" for row in counted)
    for variant in kernels(options) if with_wall else ():
        say(f"wall time of {variant}")
        timed += parse(boot(variant, ["--smp", "2"], ["-m", "orders", "-r", str(WALL_RUNS)]),
                       variant, "ns")[0]
    return {"vm_memory": VM_MEMORY, "unit": "instructions", "kernels": used, "rows": counted,
            "wall_unit": "ns", "wall_runs": WALL_RUNS, "wall": timed}
