#!/usr/bin/env python3
"""Does every KVM selftest that passes on the stock kernel pass on the queue's?

usage: selftests/kvm/as_stock.py [option]... [TEST]...

  --each SECONDS   timeout of one test, default 90; what takes longer is not compared
  --append TEXT    parameters of the queue's kernel, e.g. kvm.io_bus_index=hash
  --help

TEST: a program of build/kselftest/stock; default: all but *perf_test, which
measure. Each runs with the kernel it was built for. One that passes on stock and
not on the queue gets two more tries, on both: under emulation some fail now and
then. KTAP comes out, with a result for each test; what does not pass on
stock is skipped. A VM that a test ends counts as that test's failure.

exit status: 0 no regression; 1 some; 2 bad usage; 3 nothing passes on stock.
"""

import argparse
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("KVMSCOPE_BUILD", os.path.join(ROOT, "build"))
RUNNER = os.path.join(ROOT, "tools", "vm", "kselftest")
PASS, FAIL, SKIP = "pass", "fail", "skip"
TRIES = 3
# A result of a test itself: those of its subtests are indented.
RESULT = re.compile(r"(not )?ok \d+ (\S+)(.*# SKIP)?")


def programs(variant):
    top = os.path.join(BUILD, "kselftest", variant)
    return {os.path.relpath(os.path.join(folder, name), top)
            for folder, _, names in os.walk(top) for name in names
            if os.access(os.path.join(folder, name), os.X_OK)}


def run_once(variant, tests, options):
    """The results as far as the VM got: {test: status}."""
    command = [RUNNER, "--variant", variant, "--quiet", "--mem", "3G",
               "--each", str(options.each)]
    if variant == "queue" and options.append:
        command += ["--append", options.append]
    done = {}
    with subprocess.Popen(command + tests, stdout=subprocess.PIPE, text=True,
                          errors="replace") as vm:
        for line in vm.stdout:
            found = RESULT.match(line)
            if found and found[2] in tests:
                done[found[2]] = SKIP if found[3] else FAIL if found[1] else PASS
                print(f"# {variant}: {found[2]}: {done[found[2]]}", flush=True)
    return done


def run(variant, tests, options):
    """{test: status} of all; the one that the VM ended with has failed."""
    found, left = {}, list(tests)
    while left:
        done = run_once(variant, left, options)
        found.update(done)
        left = [test for test in left if test not in done]
        if left:
            print(f"# {variant}: {left[0]}: the VM ended", flush=True)
            found[left.pop(0)] = FAIL
    return found


def compare(tests, options):
    """({test: status on stock}, {test: status on the queue})"""
    stock = run("stock", tests, options)
    good = [test for test in tests if stock[test] == PASS]
    queue = run("queue", good, options)
    for _ in range(TRIES - 1):
        again = [test for test in good if stock[test] == PASS != queue[test]]
        if not again:
            break
        stock.update(run("stock", again, options))
        queue.update(run("queue", again, options))
    return stock, queue


def main():
    parser = argparse.ArgumentParser(add_help=False, usage="as_stock.py [option]... [TEST]...")
    parser.add_argument("--each", type=int, default=90)
    parser.add_argument("--append", default="")
    parser.add_argument("tests", nargs="*", metavar="TEST")
    parser.add_argument("--help", action="store_true")
    options = parser.parse_args()
    if options.help:
        print(__doc__)
        return 0

    there = programs("stock") & programs("queue")
    tests = options.tests or sorted(test for test in there if not test.endswith("perf_test"))
    for test in tests:
        if test not in there:
            parser.error(f"no program {test} of both kernels: make kselftest-stock kselftest-queue")
    if not tests:
        parser.error("no KVM selftests are built: make kselftest-stock kselftest-queue")

    print(f"KTAP version 1\n1..{len(tests)}", flush=True)
    stock, queue = compare(tests, options)
    regressions = 0
    for number, test in enumerate(tests, 1):
        if stock[test] != PASS:
            print(f"ok {number} {test} # SKIP on stock: {stock[test]}")
        elif queue[test] == PASS:
            print(f"ok {number} {test}")
        else:
            regressions += 1
            print(f"not ok {number} {test} # on the queue: {queue[test]}")
    if PASS not in stock.values():
        return 3
    return 1 if regressions else 0


if __name__ == "__main__":
    sys.exit(main())
