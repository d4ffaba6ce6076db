#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests find mistakes: each mistake of planted.txt is made in a copy of KVM's sources,
and the test named there must fail, or the kernel complain, and say what planted.txt
expects.

usage: selftests/race/planted.py [NAME]...

NAME chooses mistakes: a part of it, or with * ? [ a whole one. kvm.ko alone is built,
out of tree, and takes the place of the kernel's own. First without a mistake: everything
must pass then. Needs what make kernel VARIANT=kcsan, make kselftest VARIANT=kcsan and
make qemu make, and the same of VARIANT=debug and VARIANT=queue.

Prints KTAP. Exit status: 0 each was found, 1 some was not, 2 bad usage, or something
is not built.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
from typing import NamedTuple

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
TOOLS = os.path.join(HERE, "..", "..", "tools")
sys.path[:0] = [os.path.join(TOOLS, "lib"), os.path.join(TOOLS, "vm"),
                os.path.join(HERE, "..", "lib")]

import cli  # noqa: E402
import mistake  # noqa: E402
from paths import BUILD  # noqa: E402
from tap import Tap  # noqa: E402
from vmlib.verdict import EXIT_SPLAT  # noqa: E402

TREE = os.path.join(BUILD, "linux")
WORK = os.path.join(BUILD, "planted")
# Kbuild names objects of virt/kvm by way of the directory of arch/x86/kvm.
ARCH = os.path.join("arch", "x86", "kvm")
VIRT = os.path.join("virt", "kvm")
EXIT_FAILED = 1
# A mistake is one access of many, and must be held up while the other CPU is there.
MORE_OFTEN = {"kcsan": "kcsan.skip_watch=100 kcsan.udelay_task=1000"}


class Mistake(NamedTuple):
    name: str
    variant: str
    # of the kernel
    parameters: str
    # a KVM selftest and its arguments
    test: str
    # in the kernel's tree
    file: str
    # a regular expression
    expected: str
    # of sed, makes the mistake
    expression: str

    def how(self):
        """All but the mistake: what has to pass without it."""
        return self.variant, self.parameters, self.test


def read_list():
    with open(os.path.join(HERE, "planted.txt"), encoding="utf-8") as file:
        lines = [line for line in file if line.strip() and not line.startswith("#")]
    return [Mistake(*(part.strip() for part in line.split(" | ", 6))) for line in lines]


def copy_sources():
    """Newer than what an earlier run has compiled."""
    for part in (ARCH, VIRT):
        copy = os.path.join(WORK, "source", part)
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(os.path.join(TREE, part), copy, copy_function=shutil.copyfile)


def build(variant):
    """Make a kernel that has kvm.ko of the copy. Return None, or what make said."""
    output = os.path.join(WORK, variant, ARCH)
    made = subprocess.run(
        [os.path.join(TOOLS, "kernel", "module"), os.path.join(WORK, "source", ARCH), variant,
         output, "CONFIG_KVM_AMD=n", "CONFIG_KVM_INTEL=n",
         "CONFIG_KVM_MEMSLOT_INDEX_KUNIT_TEST=n"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    if made.returncode:
        return made.stderr
    kernel = os.path.join(WORK, variant, "kernel")
    if not os.path.exists(kernel):
        shutil.copytree(os.path.join(BUILD, "kernel", variant), kernel,
                        ignore=shutil.ignore_patterns(".*", "*.log"))
    own, = glob.glob(os.path.join(kernel, "modules", "lib", "modules", "*", "kernel", ARCH,
                                  "kvm.ko"))
    subprocess.run(["strip", "--strip-debug", "-o", own, os.path.join(output, "kvm.ko")],
                   check=True)
    return None


def run(variant, parameters, test):
    """The exit status of the test, and what it said."""
    ran = subprocess.run(
        [os.path.join(TOOLS, "vm", "kselftest"), "--variant", variant,
         "--kernel", os.path.join(WORK, variant, "kernel", "bzImage"), "--quiet",
         "--mem", "3G", "--each", "1800",
         "--append", " ".join([MORE_OFTEN.get(variant, ""), parameters]).strip(), test],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace")
    return ran.returncode, ran.stdout


def reason(said):
    """The lines that tell why a test failed, or the last ones."""
    lines = [line.strip() for line in said.splitlines()
             if any(text in line for text in ("kernel splat:", "BUG: ", "Oops: ", "wanted ",
                                              "Assert", "took more than", "killed by",
                                              "not ok "))]
    return "\n".join(lines[:4]) or said[-300:]


def plant(tap, planted):
    """Return None if the mistake was found as expected, else why not."""
    original = os.path.join(TREE, planted.file)
    mutant = os.path.join(WORK, "source", planted.file)
    with mistake.made(original, mutant, planted.expression) as changed:
        if not changed:
            return "the expression changes nothing, adjust it"
        error = build(planted.variant)
        if error:
            return "does not build:\n" + error
        status, said = run(*planted.how())
        tap.note(reason(said))
        if status not in (EXIT_FAILED, EXIT_SPLAT):
            return f"it was not found, exit status {status}"
        if not re.search(planted.expected, said, re.MULTILINE):
            return f"the test failed without saying '{planted.expected}'"
        return None


def correct(variant, parameters, test):
    """Return None if all passes without a mistake, else why not."""
    error = build(variant)
    if error:
        return "does not build:\n" + error
    status, said = run(variant, parameters, test)
    return reason(said) if status else None


def main():
    parser = cli.Parser(__doc__)
    parser.add_names("names")
    options = parser.parse_names(sys.argv[1:], "names")
    mistakes = read_list()
    chosen = cli.choose([each.name for each in mistakes], options.names, "mistake")
    mistakes = [each for each in mistakes if each.name in chosen]
    variants = {each.variant for each in mistakes}
    cli.need(TREE, "run 'make tree'")
    for variant in variants:
        cli.need_kernel(variant)
    hows = sorted({each.how() for each in mistakes})
    tap = Tap(len(hows) + len(mistakes))
    for variant in variants:
        shutil.rmtree(os.path.join(WORK, variant, "kernel"), ignore_errors=True)
    copy_sources()
    for how in hows:
        why = correct(*how)
        tap.check(not why, "without a mistake: " + ", ".join(filter(None, how)), why)
    for each in mistakes:
        why = plant(tap, each)
        tap.check(not why, each.name, why)
    tap.finish()


if __name__ == "__main__":
    main()
