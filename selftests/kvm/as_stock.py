#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Does every KVM selftest that passes on the stock kernel pass on another, too?

usage: selftests/kvm/as_stock.py [option]... [TEST]...

  --variant NAME   the other kernel; default queue
  --each SECONDS   timeout of one test, default 90; what takes longer is not compared
  --append TEXT    parameters of the other kernel, e.g. kvm.io_bus_index=hash
  --both TEXT      parameters of both kernels, e.g. kvm_amd.npt=0
  --help

TEST: a program of build/kselftest/stock; default: all but *perf_test, which
measure. Each runs with the kernel it was built for. One that passes on stock and
not on the other gets two more tries, on both: under emulation some fail now and
then. KTAP comes out, with a result for each test, what does not pass on stock is
skipped, and one that tells whether the other kernel reported a problem. A VM
that a test ends counts as that test's failure.

exit status: 0 no regression; 1 some; 2 bad usage; 3 the VM does not run, or
nothing passes on stock.
"""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools", "lib"))

import child  # noqa: E402
from ktap import FAIL, PASS, SKIP  # noqa: E402
from cli import Parser, run_main, whole_number  # noqa: E402
from paths import VM_KSELFTEST  # noqa: E402
from tap import Tap  # noqa: E402

TRIES = 3
# A VM that hangs costs its tests, one after the other, all of their time.
TESTS_OF_A_VM = 12
# Of tools/vm/run: the kernel reported a problem.
SPLAT = 126
# A result of a test itself: those of its subtests are indented.
RESULT = re.compile(r"(not )?ok \d+ (\S+)(.*# SKIP)?")


def programs(variant):
    return set(subprocess.run([VM_KSELFTEST, "--variant", variant, "--list"], check=False,
                              stdout=subprocess.PIPE, text=True).stdout.split())


class NoVM(Exception):
    pass


def run_once(variant, tests, options):
    """The results as far as the VM got, {test: status}, and its exit status."""
    command = [VM_KSELFTEST, "--variant", variant, "--quiet", "--mem", "3G",
               "--each", str(options.each)]
    parameters = [options.both, options.append if variant != "stock" else ""]
    if any(parameters):
        command += ["--append", " ".join(parameters).strip()]
    done = {}

    def line(text):
        found = RESULT.match(text)
        if found and found[2] in tests:
            done[found[2]] = SKIP if found[3] else FAIL if found[1] else PASS
            print(f"as_stock: {variant}: {found[2]}: {done[found[2]]}", file=sys.stderr)

    return done, child.run(command + tests, line)


def run(variant, tests, options, splats=None):
    """{test: status} of all; the one that the VM ended with has failed. Adds to
    the list SPLATS the tests of each VM whose kernel reported a problem."""
    found, left = {}, list(tests)
    while left:
        some = left[:TESTS_OF_A_VM]
        done, status = run_once(variant, some, options)
        if not found and not done and status in (2, 125):
            raise NoVM(f"the VM of {variant} does not run: see above")
        if status == SPLAT and splats is not None:
            splats.append(" ".join(some))
        missing = [test for test in some if test not in done]
        if missing:
            print(f"as_stock: {variant}: {missing[0]}: the VM ended", file=sys.stderr)
            done[missing[0]] = FAIL
        found.update(done)
        left = [test for test in left if test not in found]
    return found


def compare(tests, options):
    """({test: status on stock}, {test: status on the other}, splats of the other)"""
    splats = []
    stock = run("stock", tests, options)
    good = [test for test in tests if stock[test] == PASS]
    other = run(options.variant, good, options, splats)
    for _ in range(TRIES - 1):
        again = [test for test in good if stock[test] == PASS != other[test]]
        if not again:
            break
        stock.update(run("stock", again, options))
        other.update(run(options.variant, again, options, splats))
    return stock, other, splats


def main():
    parser = Parser(__doc__, "as_stock")
    parser.add_argument("--variant", default="queue")
    parser.add_argument("--each", type=whole_number(1), default=90)
    parser.add_argument("--append", default="")
    parser.add_argument("--both", default="")
    parser.add_argument("tests", nargs="*", metavar="TEST")
    options = parser.parse_intermixed_args()

    there = programs("stock") & programs(options.variant)
    build = f"make kselftest-stock kselftest-{options.variant}"
    tests = options.tests or sorted(test for test in there if not test.endswith("perf_test"))
    for test in tests:
        if test not in there:
            parser.error(f"no program {test} of both kernels: {build}")
    if not tests:
        parser.error(f"no KVM selftests are built: {build}")

    tap = Tap(len(tests) + 1)
    try:
        stock, other, splats = compare(tests, options)
    except NoVM as error:
        print(f"as_stock: {error}", file=sys.stderr)
        return 3
    for test in tests:
        if stock[test] == PASS:
            tap.check(other[test] == PASS, test, f"on {options.variant}: {other[test]}")
        else:
            tap.skip(test, f"on stock: {stock[test]}")
    tap.check(not splats, f"the kernel of {options.variant} reported no problem",
              "\n".join(f"with one of: {some}" for some in splats))
    if PASS not in stock.values():
        return 3
    tap.finish()


if __name__ == "__main__":
    run_main(main)
