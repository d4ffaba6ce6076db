#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Does each fix of the queue mend what is wrong on the stock kernel?

usage: selftests/kvm/fixes.py [--variant NAME]

  --variant NAME   the kernel with the fixes: queue (default), or fixes, which has
                   topic fixes alone; its KVM selftests are used on both kernels

selftests/kvm/fixes.txt names a test of each patch of topic fixes. It must fail on
stock, in the way that the list says, and pass on NAME; a skip is a failure. What
passes on stock is tried up to three times more. All tests run in one VM of each
kernel, emulated, so that every machine runs them.
KTAP comes out.

exit status: 0 all is so; 1 something is not; 2 bad usage.
"""

import email
import email.policy
import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "..", "tools", "lib")]

import vm  # noqa: E402
from cli import Parser, need, need_kernel, run_main  # noqa: E402
from paths import BUILD, PATCHES, VM_KSELFTEST  # noqa: E402
from tap import Tap  # noqa: E402

LIST = os.path.join(HERE, "fixes.txt")
# A result of a test itself: those of its subtests are indented.
RESULT = re.compile(r"(ok|not ok) \d+ \S.*?(?: # (.*))?$")
# How often a test is tried on stock until it fails.
RACE_TRIES = 4
# What a failed assertion exits with: TEST_ASSERT(), and the kselftest harness.
ASSERTION_FAILED = ("exit=254", "exit=1")


class Case:
    """One line of the list."""

    def __init__(self, fix, test, pattern):
        self.fix = fix
        self.test = test
        self.pattern = re.compile(pattern)
        words = test.split()
        self.functions = words[1:] if words[0] == "code" else None


def read_list(path):
    cases = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip() or line.startswith("#"):
                continue
            fields = [field.strip() for field in line.split("|", 2)]
            if len(fields) != 3 or not all(fields):
                sys.exit(f"fixes: {path}:{number}: expected 'subject | test | expression'")
            cases.append(Case(*fields))
    return cases


def subjects(folder):
    """Those of the patches of topic fixes; selftests fix nothing."""
    found = set()
    for path in glob.glob(os.path.join(folder, "fixes", "*.patch")):
        with open(path, encoding="utf-8") as file:
            subject = email.message_from_file(file, policy=email.policy.default)["subject"]
        found.add(re.sub(r"^\[PATCH\] ", "", subject))
    return {subject for subject in found if not subject.startswith("KVM: selftests:")}


def list_problems(cases, fixes):
    """A line for each fix without a test, and for each test of no fix."""
    listed = {case.fix for case in cases}
    return [f"no test of: {fix}" for fix in sorted(fixes - listed)] + \
        [f"no such patch in topic fixes: {fix}" for fix in sorted(listed - fixes)]


def parse(lines):
    """[(result, output)] of the tests: "ok", or what follows the # of a result."""
    found, output = [], []
    for line in lines:
        result = RESULT.match(line)
        if result:
            found.append((result[2] or result[1], "".join(output)))
            output = []
        elif line.startswith("  "):
            output.append(line)
    return found


def run(variant, programs, tests):
    """[(result, output)] of the TESTS, as far as the VM got, and its exit status."""
    lines, status = vm.run([VM_KSELFTEST, "--variant", variant, "--programs", programs,
                            "--quiet", "--each", "120", *tests],
                           f"{variant}: ", {"ACCEL": "tcg"})
    return parse(lines), status


def repeat(tests, results, programs):
    """Those of RESULTS on stock that passed are tried again: a race may not show at once."""
    results = list(results)
    for number, (result, _) in enumerate(results):
        for _ in range(RACE_TRIES - 1):
            if result != "ok":
                break
            again, _ = run("stock", programs, tests[number:number + 1])
            if not again:
                break
            results[number] = again[0]
            result = again[0][0]
    return results


def code(variant, functions):
    """The instructions of these functions of kvm.ko, split off parts included."""
    found = glob.glob(os.path.join(BUILD, "kernel", variant, "modules", "lib", "modules",
                                   "*", "kernel", "arch", "x86", "kvm", "kvm.ko"))
    if not found:
        return ""
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", found[0]], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    bodies = re.split(r"^[0-9a-f]+ <(\S+)>:$", text, flags=re.MULTILINE)
    return "".join(body for name, body in zip(bodies[1::2], bodies[2::2])
                   if name.split(".")[0] in functions)


def judge_test(case, stock, fixed):
    """[(good, why not)] of stock and of the kernel with the fixes."""
    result, output = stock
    if result not in ASSERTION_FAILED:
        problem = f"the test does not show what is wrong: {result}"
    elif not case.pattern.search(output):
        problem = f"{result}, but nothing like /{case.pattern.pattern}/:\n{output}"
    else:
        problem = ""
    return [(not problem, problem), (fixed[0] == "ok", f"{fixed[0]}\n{fixed[1]}")]


def judge_code(case, stock, fixed):
    names = ", ".join(case.functions)
    return [(stock and not case.pattern.search(stock),
             f"stock has it already:\n{stock}" if stock else f"no {names} in stock's kvm.ko"),
            (fixed and case.pattern.search(fixed),
             f"it lacks /{case.pattern.pattern}/:\n{fixed}" if fixed else f"no {names} in kvm.ko")]


def main():
    parser = Parser(__doc__, "fixes")
    parser.add_argument("--variant", default="queue", choices=("queue", "fixes"))
    options = parser.parse_args()

    for variant in ("stock", options.variant):
        need_kernel(variant)
    need(os.path.join(BUILD, "kselftest", options.variant), f"run 'make kselftest-{options.variant}'")
    cases = read_list(LIST)
    tests = [case.test for case in cases if case.functions is None]
    tap = Tap(2 * len(cases) + 2)
    problems = list_problems(cases, subjects(PATCHES))
    tap.check(not problems, "each fix has a test", "\n".join(problems))
    ended = ("the VM ended", "")
    stock, _ = run("stock", options.variant, tests)
    stock = repeat(tests, stock, options.variant)
    fixed, status = run(options.variant, options.variant, tests)
    for case in cases:
        if case.functions is None:
            results = judge_test(case, stock.pop(0) if stock else ended,
                                 fixed.pop(0) if fixed else ended)
        else:
            results = judge_code(case, code("stock", case.functions),
                                 code(options.variant, case.functions))
        for (good, why), what in zip(results, ("stock lacks it", f"{options.variant} has it")):
            tap.check(good, f"{case.fix}: {what} ({case.test})", why)
    # With 0 all passed and the kernel reported nothing.
    tap.check(status == 0, f"{options.variant}: the VM's exit status",
              f"exit status {status} of tools/vm/kselftest")
    tap.finish()


if __name__ == "__main__":
    run_main(main)
