#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Does a guest that changes its page tables see what it sees on stock, in each mode of
kvm.mmu_unsync, and without shadow paging?

usage: selftests/kvm/unsync_as_stock.py [option]...

  --steps N        changes and flushes, default 20000
  --seed N         of them, default that of the test
  --variant NAME   the kernel to compare with stock; default queue
  --kernel FILE    this bzImage instead
  --selftests DIR  default build/kselftest/queue
  --help

Runs the case "random" of KVM's selftest mmu_unsync_test, the same program with the
same seed, on the stock kernel and in each mode of the other one, with shadow paging
and with nested paging of the hardware. The guest checks each access against a walk of
its tables; what it has read, and each fault, goes into a digest, which must be the same
everywhere. KTAP comes out; a kernel that reports a problem fails.

exit status: 0 all is so; 1 something is not; 2 bad usage.
"""

import os
import re
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "..", "tools", "lib")]

import other_kernel  # noqa: E402
import parameters  # noqa: E402
from cli import Parser, need, run_main, whole_number  # noqa: E402
from other_kernel import STOCK  # noqa: E402
from paths import BUILD  # noqa: E402
from tap import Tap  # noqa: E402

PROGRAM = "x86/mmu_unsync_test"
MODES = parameters.values("mmu_unsync")
DIGEST = re.compile(r"# (\d+) steps: (\d+) reads, (\d+) writes, (\d+) faults, digest (\w+)")
# Of the accesses, at least one of so many each reads, writes and faults.
SHARE = 20


def run(options, which, npt, choices):
    """The exit status, and the digest line of each run of the test."""
    program = os.path.join(options.selftests, PROGRAM)
    seed = f"-s {options.seed} " if options.seed else ""
    script = " && ".join(f"/mmu_unsync_test --steps={options.steps} -c random -t 1000 "
                         f"{seed}{choice}" for choice in choices)
    lines, status = other_kernel.run(
        options, which, "--mem", "2G", "--timeout", "1500", "--append", f"kvm_amd.npt={npt}",
        "--file", f"{program}:/mmu_unsync_test", "--", "sh", "-c", script)
    return status, DIGEST.findall("\n".join(lines))


def main():
    parser = Parser(__doc__, "unsync_as_stock")
    parser.add_argument("--steps", type=whole_number(1), default=20000)
    parser.add_argument("--seed", type=whole_number(), default=0)
    other_kernel.add_options(parser)
    parser.add_argument("--selftests", default=os.path.join(BUILD, "kselftest", "queue"))
    options = parser.parse_args()

    other_kernel.need_both(options)
    need(os.path.join(options.selftests, PROGRAM), "run 'make kselftest-queue'")
    npts = parameters.values("npt")
    tap = Tap(len(npts) * (3 + len(MODES)))
    expected = None
    for npt in npts:
        how = f"npt={npt}"
        status, digests = run(options, STOCK, npt, [""])
        tap.equal(status, 0, f"stock, {how}: what the tables say")
        if expected is None:
            expected = digests[0] if digests else None
            reads, writes, faults = map(int, expected[1:4]) if expected else (0, 0, 0)
            least = options.steps // SHARE
            tap.check(min(reads, writes, faults) > least,
                      f"stock, {how}: {reads} reads, {writes} writes, {faults} faults",
                      f"more than {least} of each wanted")
        else:
            tap.equal(digests, [expected], f"stock, {how}: the same")
        status, digests = run(options, "other", npt, [f"-i {mode}" for mode in MODES])
        tap.equal(status, 0, f"the other kernel, {how}: no problem is reported")
        for mode, digest in zip(MODES, digests + [None] * len(MODES)):
            tap.equal(digest, expected, f"{mode}, {how}: the same as on stock")
    tap.finish()


if __name__ == "__main__":
    run_main(main)
