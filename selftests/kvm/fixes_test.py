#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The judgement of fixes.py, on made-up results: only a test that fails on stock as
it is said to, and passes with the fix, is good.
"""

import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "tools", "lib"))

import fixes  # noqa: E402
from tap import Tap  # noqa: E402

CASE = fixes.Case("KVM: Fix it", "some_test -c it", "was lost")
CODE = fixes.Case("KVM: Mask it", "code masked", r"\bsbb +%(\w+),%\1")

LOST = ("exit=254", "  the write was lost\n")
PASSED = ("ok", "")
# name, results on stock and with the fix, whether each is as it must be
TESTS = (("stock fails, the fix helps", LOST, PASSED, (True, True)),
         ("a failure in a harness", ("exit=1", LOST[1]), PASSED, (True, True)),
         ("stock passes", PASSED, PASSED, (False, True)),
         ("stock fails otherwise", ("exit=254", "  no such option"), PASSED, (False, True)),
         ("stock skips", ("SKIP", LOST[1]), PASSED, (False, True)),
         ("stock takes too long", ("TIMEOUT 120 seconds", LOST[1]), PASSED, (False, True)),
         ("stock dies of a signal", ("exit=139", LOST[1]), PASSED, (False, True)),
         ("the fix does not help", LOST, LOST, (True, False)),
         ("skipped with the fix", LOST, ("SKIP", ""), (True, False)),
         ("the VM ended", ("the VM ended", ""), ("the VM ended", ""), (False, False)))

MASKED = "cmp %rax,%rbx\n sbb    %rax,%rax\n"
BARE = "cmp %rax,%rbx\n sbb    %rax,%rbx\n"
CODES = (("only the fix masks", BARE, MASKED, (True, True)),
         ("neither masks", BARE, BARE, (True, False)),
         ("both mask", MASKED, MASKED, (False, True)),
         ("no such function", "", "", (False, False)))

OUTPUT = """KTAP version 1
1..3
# selftests: kvm: some_test -c it (timeout 120 s)
  the write was lost
not ok 1 some_test -c it # exit=254
# selftests: kvm: x86/other_test (timeout 120 s)
  TAP version 13
  ok 1 inner
ok 2 x86/other_test
ok 3 third_test # SKIP
"""


def judged(judge, case, stock, fixed):
    return tuple(bool(good) for good, _ in judge(case, stock, fixed))


def repeated(first, later):
    """What repeat() makes of the results FIRST if LATER runs give these; the tests it ran."""
    later, ran = list(later), []

    def run(_variant, _programs, tests):
        ran.extend(tests)
        result = later.pop(0)
        return ([result] if result else []), 0

    original, fixes.run = fixes.run, run
    try:
        return fixes.repeat(["a", "b", "c"], first, "queue"), ran
    finally:
        fixes.run = original


def subjects_of(*subjects):
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "fixes"))
        for number, subject in enumerate(subjects):
            path = os.path.join(folder, "fixes", f"{number:04}-x.patch")
            with open(path, "w", encoding="utf-8") as file:
                file.write(f"From: x <x@invalid>\nSubject: [PATCH] {subject}\n\nText\n")
        return fixes.subjects(folder)


tap = Tap(len(TESTS) + len(CODES) + 7)
for name, stock, fixed, wanted in TESTS:
    tap.equal(judged(fixes.judge_test, CASE, stock, fixed), wanted, name)
for name, stock, fixed, wanted in CODES:
    tap.equal(judged(fixes.judge_code, CODE, stock, fixed), wanted, f"code: {name}")
tap.equal(fixes.parse(OUTPUT.splitlines(keepends=True)),
          [LOST, ("ok", "  TAP version 13\n  ok 1 inner\n"), ("SKIP", "")],
          "what tools/vm/kselftest prints")
tap.equal(subjects_of("KVM: Fix it", "KVM: A subject that is folded in\n the mail",
                      "KVM: selftests: Share something"),
          {"KVM: Fix it", "KVM: A subject that is folded in the mail"}, "subjects of the patches")
tap.equal(fixes.list_problems([CASE, CODE], {"KVM: Fix it", "KVM: New"}),
          ["no test of: KVM: New", "no such patch in topic fixes: KVM: Mask it"],
          "a fix without a test, a test without its fix")
tap.equal(repeated([PASSED, LOST, ("SKIP", "")], [PASSED, LOST]), ([LOST, LOST, ("SKIP", "")], ["a", "a"]),
          "what passes on stock is tried again, until it fails")
tap.equal(repeated([PASSED], [PASSED] * 9), ([PASSED], ["a"] * (fixes.RACE_TRIES - 1)), "but not for ever")
tap.equal(repeated([PASSED], [None]), ([PASSED], ["a"]), "nor if the VM ended")
tap.equal([case.test for case in fixes.read_list(fixes.LIST)] != [], True, "the list can be read")
tap.finish()
