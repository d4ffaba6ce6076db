# SPDX-License-Identifier: GPL-2.0-only
"""Measures updates of memslots: KVM's selftest memslot_index_perf, then a trace of
the functions of each index."""

import os

from bench.lib import index_perf, vm
from bench.lib.program import say

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = "memslot_index_perf"
SECONDS = 2400
FUNCTIONS = tuple(f"kvm_memslot_index_{name}"
                  for name in ("reserve", "insert", "erase", "replace"))
# The trace of more would not fit into the buffer.
MAX_TRACED = 509


def kernels(_options):
    return ["queue"]


def parse(lines):
    """Rows, from what the selftest printed: those of the default index first."""
    return [{"slots": slots, "op": op, "index": index, "vm": nr, **quantities}
            for (slots, op, index, nr), quantities
            in index_perf.parse(lines, {"slots": int, "op": str}).items()]


def parse_calls(lines):
    """Rows of the instructions of one call of each function, from what calls.sh printed."""
    found = {}
    for line in lines:
        slots, index, function, calls, total = line.split()
        found.setdefault((int(slots), index), {})[function] = int(total) / int(calls)
    return [{"slots": slots, "index": index, "functions": functions}
            for (slots, index), functions in found.items()]


def measure(options):
    program = vm.selftest(PROGRAM, options.selftests)
    arguments = ["-r", str(options.runs), "-u", str(options.updates)]
    for count in options.slots:
        arguments += ["-n", str(count)]
    for index in options.indexes.split(",") if options.indexes != "all" else ():
        arguments += ["-i", index]
    boot = ["--icount", "--mem", "3G", "--timeout", str(SECONDS),
            "--file", f"{program}:/bench/{PROGRAM}"]

    say("measuring; with 32764 memslots this takes some minutes")
    rows = parse(vm.run_vm([*boot, "--", f"/bench/{PROGRAM}", *arguments],
                           line=lambda text: text.startswith("ok") and say(text)))
    calls = []
    # Nothing judges them.
    if not options.ktap:
        say("tracing the index's functions")
        calls = parse_calls(vm.run_vm(
            [*boot, "--file", f"{HERE}/calls.sh:/bench/calls.sh",
             "--", "sh", "/bench/calls.sh", f"/bench/{PROGRAM}",
             ",".join(dict.fromkeys(row["index"] for row in rows)), ",".join(FUNCTIONS),
             *(str(count) for count in options.slots if count <= MAX_TRACED)]))
    return {"unit": "instructions", "default_index": rows[0]["index"], "rows": rows,
            "calls": calls}
