# SPDX-License-Identifier: GPL-2.0-only
"""Print KTAP from a Python test; the shell's is tools/lib/ktap.sh.

    tap = Tap(2)
    tap.check(size > 0, "it has a size", f"size {size}")
    tap.equal(status, 0, "it succeeds")
    tap.finish()
"""

import sys


class Tap:
    """KTAP on stdout. The plan comes first, so a crash leaves results missing."""

    def __init__(self, planned):
        self.number = 0
        self.planned = planned
        self.failed = 0
        print(f"KTAP version 1\n1..{planned}", flush=True)

    def note(self, text):
        """What people want to know, and no program reads."""
        for line in str(text).splitlines():
            print(f"# {line}", flush=True)

    def check(self, good, name, detail=""):
        """One result; DETAIL, shown before it, tells why it is not good."""
        self.number += 1
        if not good:
            self.failed += 1
            self.note(detail)
        print(f"{'ok' if good else 'not ok'} {self.number} {name}", flush=True)

    def skip(self, name, why):
        """One result that is neither good nor bad."""
        self.number += 1
        print(f"ok {self.number} {name} # SKIP {why}", flush=True)

    def equal(self, got, wanted, name):
        """One result that shows both sides if they differ."""
        self.check(got == wanted, name, f"got    {got!r}\nwanted {wanted!r}")

    def finish(self):
        """Exit: 0 if there are as many results as planned, all of them good."""
        sys.exit(0 if self.failed == 0 and self.number == self.planned else 1)
