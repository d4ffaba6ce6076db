#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Splat patterns against what kernels print (reports.txt): no VM is needed."""

import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
TOOLS = os.path.join(HERE, "..", "..", "tools")
sys.path[:0] = [os.path.join(TOOLS, "lib"), os.path.join(TOOLS, "vm")]

from tap import Tap  # noqa: E402
from vmlib import splats  # noqa: E402
from vmlib.errors import RunnerError  # noqa: E402

STAMPS = ("", "[    9.1] ", "<4>[   12.345678][   T81] ")
FRAME = 66 * "="
CUT_HERE = "------------[ cut here ]------------"
WARNED = 1 << 9
OUT_OF_TREE = 1 << 12


def patterns_of(text):
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(text)
        file.flush()
        return splats.load(file.name)


def found_in(lines, patterns=None):
    detector = splats.Detector(patterns or splats.load())
    for line in lines:
        detector.feed(line)
    return detector


def reports():
    """Each report with each time stamp: what it must be taken for, and its lines."""
    with open(os.path.join(HERE, "reports.txt"), encoding="utf-8") as file:
        for line in file:
            match = re.fullmatch(r"(stop |splat|none) *(.*?) ?\| (\.\.\. )?(.*)\n", line)
            if match:
                kind, name, cut_here, text = match.groups()
                lines = [CUT_HERE, text] if cut_here else [text]
                wanted = [] if kind == "none" else [(name, kind == "stop ")]
                for stamp in STAMPS:
                    yield wanted, [stamp + each for each in lines]


def named_as_expected():
    count = 0
    for wanted, lines in reports():
        count += 1
        found = found_in(["[    1.0] before", *lines, "[    9.9] after"]).found
        got = [(each.name, each.stops) for each in found]
        if got != wanted:
            yield f"{lines[-1]!r}: wanted {wanted}, got {got}"
    if count < 3 * 40:
        yield f"only {count} reports were read"


def allowed():
    patterns = patterns_of("allow known to be harmless | ^WARNING: mm/page_alloc\n"
                           "splat warning | ^WARNING: \n")
    one = found_in([CUT_HERE, "WARNING: mm/page_alloc.c:4 at f"], patterns)
    one.taint(WARNED)
    if one.found or len(one.allowed) != 1:
        yield "an allowed warning was reported"
    other = found_in([CUT_HERE, "WARNING: mm/other.c:4 at f"], patterns)
    if len(other.found) != 1:
        yield "a warning that is not allowed was passed over"


def after_an_allowed_race():
    patterns = patterns_of("allow marked nowhere | ^BUG: KCSAN: data-race in f / g$\n"
                           "splat data race | ^BUG: KCSAN: data-race in\n")
    report = [FRAME, "BUG: KCSAN: data-race in {}", "", "read to 0x1 of 8 bytes", FRAME]
    both = found_in([line.format(where) for where in ("f / g", "f / h") for line in report],
                    patterns)
    if len(both.allowed) != 1 or len(both.found) != 1:
        yield f"{len(both.allowed)} allowed and {len(both.found)} other races"


def panic_after_oops_is_one():
    found = found_in(["BUG: kernel NULL pointer dereference, address: 8",
                      "Call Trace:", "Kernel panic - not syncing: Fatal exception"]).found
    if len(found) != 1 or len(found[0].lines) != 3:
        yield f"got {len(found)} splats"


def taint():
    quiet = found_in([])
    quiet.taint(WARNED | OUT_OF_TREE)
    if [each.name for each in quiet.found] != ["warning"]:
        yield "a tainted kernel with a silent console was passed over"
    clean = found_in([])
    clean.taint(OUT_OF_TREE)
    if clean.found:
        yield "an out-of-tree module was taken for a splat"


def bad_pattern_file():
    try:
        patterns_of("splat broken | (\n")
        yield "a broken expression was accepted"
    except RunnerError as error:
        if ":1:" not in str(error):
            yield f"no line number in: {error}"


TESTS = (named_as_expected, allowed, after_an_allowed_race, panic_after_oops_is_one, taint,
         bad_pattern_file)


def main():
    tap = Tap(len(TESTS))
    for test in TESTS:
        problems = list(test())
        tap.check(not problems, test.__name__, "\n".join(problems))
    tap.finish()


if __name__ == "__main__":
    main()
