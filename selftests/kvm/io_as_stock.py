#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Does the I/O bus answer as stock's does, with each index?

usage: selftests/kvm/io_as_stock.py [option]...

  --ops N          random ioctls and accesses, default 100000
  --seed N         of them, default that of the test
  --variant NAME   the kernel to compare with stock; default queue
  --kernel FILE    this bzImage instead
  --selftests DIR  default build/kselftest/queue
  --help

Runs the case "random" of KVM's selftest io_bus_test, the same program with the
same seed, on the stock kernel and with each kvm.io_bus_index of the other one.
Each run writes what the kernel answered, and what the models of both kernels in
the test say, one line an ioctl or access. Answers may differ only where stock is
known to be wrong, or to depend on a third device; the test says where. KTAP
comes out; a kernel that reports a problem fails.

exit status: 0 all is so; 1 something is not; 2 bad usage.
"""

import collections
import itertools
import os
import re
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "..", "tools", "lib")]

import other_kernel  # noqa: E402
import parameters  # noqa: E402
from cli import Parser, need, run_main, whole_number  # noqa: E402
from other_kernel import STOCK  # noqa: E402
from paths import BUILD  # noqa: E402
from tap import Tap  # noqa: E402

PROGRAM = "x86/io_bus_test"
INDEXES = parameters.values("io_bus_index")
LINE = re.compile(r"(?P<what>.*): (?P<got>[^;]+); old (?P<old>[^;]+); new (?P<new>[^;]+)"
                  r"(?:; (?P<why>.+))?\n")
SAME = "same"
# Each must occur, or the comparison says little.
DIFFERENCES = ("lost by old kernels", "third device", "2 GiB")
SHOWN = 5


def run(options, which, script):
    """Run the test in a VM; its output comes out as diagnostics."""
    program = os.path.join(options.selftests, PROGRAM)
    _, status = other_kernel.run(options, which, "--mem", "3G", "--timeout", "1500",
                                 "--share", options.share, "--file", f"{program}:/io_bus_test",
                                 "--", "sh", "-c", script)
    return status


def test_of(options, name, more):
    seed = f"-s {options.seed} " if options.seed else ""
    return (f"/io_bus_test --ops={options.ops} --transcript=/mnt/share/{name} "
            f"-c random -t 1000 {seed}{more}")


def lines(options, name):
    path = os.path.join(options.share, name)
    if os.path.exists(path):
        with open(path, encoding="ascii") as file:
            yield from file


def compare(stock, other):
    """(how often each reason was given, problems) of two transcripts."""
    counts, problems = collections.Counter(), []
    for number, (line, line2) in enumerate(itertools.zip_longest(stock, other, fillvalue=""), 1):
        one, two = LINE.fullmatch(line), LINE.fullmatch(line2)
        if not one or not two:
            problems.append(f"{number}: one has '{line.strip()}', the other '{line2.strip()}'")
            break
        why = one["why"] or SAME
        counts[why] += 1
        # Only what was answered may differ, and not unless the models say so.
        if one["got"] != one["old"] or two["got"] != two["new"] or \
           line[one.end("got"):] != line2[two.end("got"):] or one["what"] != two["what"] or \
           (why == SAME and one["got"] != two["got"]):
            problems.append(f"{number}: stock: {line.strip()}\n{number}: other: {line2.strip()}")
    return counts, problems


def main():
    parser = Parser(__doc__, "io_as_stock")
    parser.add_argument("--ops", type=whole_number(1), default=100000)
    parser.add_argument("--seed", type=whole_number(), default=0)
    other_kernel.add_options(parser)
    parser.add_argument("--selftests", default=os.path.join(BUILD, "kselftest", "queue"))
    options = parser.parse_args()

    other_kernel.need_both(options)
    need(os.path.join(options.selftests, PROGRAM), "run 'make kselftest-queue'")
    tap = Tap(2 + 2 * len(INDEXES) + len(DIFFERENCES))
    with tempfile.TemporaryDirectory() as options.share:
        tap.equal(run(options, STOCK,
                      test_of(options, "stock", "--old-kernel")), 0,
                  "stock answers as the model of it says")
        tests = " && ".join(test_of(options, index, f"-i {index}") for index in INDEXES)
        tap.equal(run(options, "other", tests), 0,
                  "the other kernel answers as the model of it says, and reports no problem")
        for index in INDEXES:
            counts, problems = compare(lines(options, "stock"), lines(options, index))
            total = counts.total()
            tap.check(total and not problems, f"{index} answers as stock where stock is right",
                      "\n".join(problems[:SHOWN]) or "nothing to compare")
            tap.check(total >= 0.99 * options.ops, f"{index}: {total} answers compared",
                      f"{options.ops} wanted")
        for why in DIFFERENCES:
            tap.check(counts[why], f"answers that differ, {why}: {counts[why]}")
    tap.finish()


if __name__ == "__main__":
    run_main(main)
