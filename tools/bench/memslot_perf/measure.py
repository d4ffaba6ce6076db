# SPDX-License-Identifier: GPL-2.0-only
"""Measures the rows of seed 001's table: KVM's selftest memslot_perf_test."""

import os
import re
import statistics

from bench.lib import vm
from bench.lib.errors import Failure
from bench.lib.program import say

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = "memslot_perf_test"
SECONDS_PER_TEST = 180
# As the seed names them, in the order of their numbers in the program; the program's
# sixth test (RW) is not in the seed's table.
TESTS = ("Map", "Unmap", "Unmap 2M", "Move active", "Move inactive")
SETUP = "Slot setup"
# Setting up memslots is comparable only where the whole test memory is used.
WHOLE_MEMORY = ("Move active", "Move inactive")
# The test area of "map" has no more pages.
MAX_MAP_SLOTS = 8194

SECONDS = re.compile(r"(\d+\.\d+)s")


def kernels(_options):
    return ["queue"]


def parse(lines):
    """A row for each number of memslots, row of the seed, index and VM."""
    seconds, key = {}, None
    for line in lines:
        words = line.split()
        if words[:1] == ["@"]:
            key = (int(words[1]), TESTS[int(words[2])], words[3], int(words[4]))
            continue
        if line.startswith("Test took") and key[1] in WHOLE_MEMORY:
            seconds.setdefault((key[0], SETUP, *key[2:]), []).append(
                float(SECONDS.search(line)[1]))
        if line.startswith("Done"):
            seconds.setdefault(key, []).append(float(SECONDS.search(line)[1]))
    if not seconds:
        raise Failure(f"{PROGRAM} printed no result")
    return [{"slots": slots, "row": row, "index": index, "vm": nr,
             "seconds": statistics.median(some), "min": min(some), "max": max(some),
             "runs": len(some)}
            for (slots, row, index, nr), some in seconds.items()]


class Progress:
    """Says which test is running, of STEPS, as the VM begins them."""

    def __init__(self, steps):
        self.steps = steps
        self.done = 0
        self.now = None

    def __call__(self, line):
        if line.startswith("@ ") and line.split()[1:3] != self.now:
            self.done += 1
            self.now = line.split()[1:3]
            say(f"{TESTS[int(self.now[1])]}, {self.now[0]} memslots "
                f"({self.done} of {self.steps})")


def measure(options):
    program = vm.selftest(PROGRAM, options.selftests)
    steps = options.runs * len(options.slots) * len(TESTS)
    rows = parse(vm.run_vm(
        ["--smp", "1", "--mem", "3G", *vm.timeout(steps, SECONDS_PER_TEST),
         # A busy machine may keep the emulator waiting for long.
         "--append", "nosoftlockup",
         "--file", f"{program}:/bench/{PROGRAM}",
         "--file", f"{HERE}/inside.sh:/bench/inside.sh",
         "--",
         "sh", "/bench/inside.sh", f"/bench/{PROGRAM}", str(options.runs),
         options.indexes, str(len(TESTS)), str(MAX_MAP_SLOTS),
         *map(str, options.slots)], line=Progress(steps)))
    return {"unit": "seconds", "default_index": rows[0]["index"], "rows": rows}
