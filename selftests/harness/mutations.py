#!/usr/bin/env python3
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
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tools", "lib"))

from tap import Tap  # noqa: E402

BUILD = os.environ.get("KVMSCOPE_BUILD") or os.path.join(ROOT, "build")
TREE = os.environ.get("HARNESS_TREE") or os.path.join(BUILD, "linux")
SOURCES = os.path.join(TREE, "virt", "kvm")
WORK = os.path.join(BUILD, "harness-mutants")

# Of a run without mistakes: what a mistake may turn into an endless loop.
SECONDS = 120
TESTS = {
    "small": ["--iterations=3000", "--max_slots=1000"],
    "tsan": ["reader"],
}


def read_list():
    mutations = []
    with open(os.path.join(HERE, "mutations.txt"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                mutations.append([part.strip() for part in line.split("|", 3)])
    return mutations


def build(variant):
    """Return None, or what the compiler said."""
    made = subprocess.run(
        ["make", "-C", os.path.join(TREE, "tools", "testing", "kvm"), "-s",
         f"-j{os.cpu_count()}", f"O={WORK}/out", f"KVM={WORK}/kvm", "CFLAGS=-O1 -g",
         f"{WORK}/out/{variant}/memslot_index_test"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    return made.stderr if made.returncode else None


def passes(variant):
    """Return whether all tests passed, and what was printed last."""
    command = [f"{WORK}/out/{variant}/memslot_index_test", *TESTS[variant]]
    try:
        ran = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return False, "hangs"
    output = ran.stdout.decode(errors="replace").splitlines()
    reasons = [line.strip() for line in output
               if "FAILED" in line or "ERROR" in line or "WARNING" in line or
               "runtime error" in line or "leaked" in line or "Allocation" in line]
    return ran.returncode == 0, reasons[0] if reasons else "".join(output[-1:])


def try_mutation(tap, variant, name, expression):
    """Return None if the mistake was found, else why not."""
    original = os.path.join(SOURCES, name)
    mutant = os.path.join(WORK, "kvm", name)
    try:
        subprocess.run(["sed", "-i", expression, mutant], check=True)
        with open(original, "rb") as one, open(mutant, "rb") as other:
            if one.read() == other.read():
                return "the expression changes nothing, adjust it"
        error = build(variant)
        if error:
            return "does not build:\n" + error
        passed, reason = passes(variant)
        tap.note(reason)
        return "no test fails" if passed else None
    finally:
        shutil.copyfile(original, mutant)


def main():
    mutations = [m for m in read_list() if len(sys.argv) < 2 or sys.argv[1] in m[0]]
    variants = sorted({m[1] for m in mutations})
    tap = Tap(len(variants) + len(mutations))
    shutil.rmtree(os.path.join(WORK, "kvm"), ignore_errors=True)
    # Newer than what an earlier run has compiled.
    shutil.copytree(SOURCES, os.path.join(WORK, "kvm"), copy_function=shutil.copyfile)

    for variant in variants:
        error = build(variant)
        why = None
        if error:
            why = "does not build:\n" + error
        else:
            passed, reason = passes(variant)
            if not passed:
                why = reason or "failed without a word"
        tap.check(not why, f"without-a-mistake-{variant}", why)
    for name, variant, file, expression in mutations:
        why = try_mutation(tap, variant, file, expression)
        tap.check(not why, name, why)
    tap.finish()


if __name__ == "__main__":
    main()
