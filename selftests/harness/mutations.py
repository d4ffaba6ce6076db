#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The harness in the kernel tree's tools/testing/kvm finds mistakes: each mistake
of mutations.txt is made in a copy of the sources, and a test must fail.

Each mistake costs compiling one file, unless it is in a header, and running the
tests up to the first that fails.
"""

import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "..", "tools", "lib"), os.path.join(HERE, "..", "lib")]

import mistake  # noqa: E402
from paths import BUILD  # noqa: E402
from tap import Tap  # noqa: E402

TREE = os.environ.get("HARNESS_TREE") or os.path.join(BUILD, "linux")
SOURCES = os.path.join(TREE, "virt", "kvm")
WORK = os.path.join(BUILD, "harness-mutants")

# What a mistake may turn into an endless loop is stopped after that long.
SECONDS = 120


def read_list():
    mutations = []
    with open(os.path.join(HERE, "mutations.txt"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                mutations.append([part.strip() for part in line.split("|", 3)])
    return mutations


def build(test):
    """Return None, or what the compiler said."""
    made = subprocess.run(
        ["make", "-C", os.path.join(TREE, "tools", "testing", "kvm"), "-s",
         f"-j{os.cpu_count()}", f"O={WORK}/out", f"KVM={WORK}/kvm", "CFLAGS=-O1 -g",
         f"{WORK}/out/{test.split()[0]}"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    return made.stderr if made.returncode else None


def passes(test):
    """Return whether all tests passed, and what was printed last."""
    try:
        ran = subprocess.run(f"{WORK}/out/{test}".split(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return False, "hangs"
    output = ran.stdout.decode(errors="replace").splitlines()
    reasons = [line.strip() for line in output
               if "FAILED" in line or "ERROR" in line or "WARNING" in line or
               "runtime error" in line]
    return ran.returncode == 0, reasons[0] if reasons else "".join(output[-1:])


def try_mutation(tap, test, name, expression):
    """Return None if the mistake was found, else why not."""
    original = os.path.join(SOURCES, name)
    mutant = os.path.join(WORK, "kvm", name)
    with mistake.made(original, mutant, expression) as changed:
        if not changed:
            return "the expression changes nothing, adjust it"
        error = build(test)
        if error:
            return "does not build:\n" + error
        passed, reason = passes(test)
        tap.note(reason)
        return "no test fails" if passed else None


def main():
    mutations = [m for m in read_list() if len(sys.argv) < 2 or sys.argv[1] in m[0]]
    tests = sorted({m[1] for m in mutations})
    tap = Tap(len(tests) + len(mutations))
    shutil.rmtree(os.path.join(WORK, "kvm"), ignore_errors=True)
    # Newer than what an earlier run has compiled.
    shutil.copytree(SOURCES, os.path.join(WORK, "kvm"), copy_function=shutil.copyfile)

    for test in tests:
        error = build(test)
        why = None
        if error:
            why = "does not build:\n" + error
        else:
            passed, reason = passes(test)
            if not passed:
                why = reason or "failed without a word"
        tap.check(not why, f"without-a-mistake-{test}", why)
    for name, test, file, expression in mutations:
        why = try_mutation(tap, test, file, expression)
        tap.check(not why, name, why)
    tap.finish()


if __name__ == "__main__":
    main()
