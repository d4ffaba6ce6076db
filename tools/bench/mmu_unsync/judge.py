# SPDX-License-Identifier: GPL-2.0-only
"""What unsync shadow pages may cost, judged on figures of stock and another kernel."""

from dataclasses import dataclass, field

from bench.lib.checks import MAX_SPREAD
from bench.lib.targets import Target
from bench.mmu_unsync.figures import (BITMAP, COSTS, COUNTS, HOSTILE, LIST_ALL, MASK, SHARE,
                                      SPARSE, STOCK, Figures)

MARK_LIMIT = 1.1
HOSTILE_LIMIT = 2
FAULTS_LIMIT = STOCK_LIMIT = 1.01


@dataclass
class Rule:
    """What has to hold in each of several layouts."""
    text: str
    targets: list = field(default_factory=list)

    def missed(self):
        return [target for target in self.targets if not target.good]

    def worst(self):
        """Of a target's value and limit, the highest ratio."""
        return max(target.value / target.limit if target.limit else float(target.value > 0)
                   for target in self.targets)


class Judge:
    """Of FIGURES; DEFAULT: the mode that the kernel to judge uses."""

    def __init__(self, figures, default):
        self.figures = figures
        self.default = default

    def _rule(self, text, one, other, factor, chosen):
        """That ONE is at most FACTOR times OTHER, in all that is CHOSEN."""
        some, rule = self.figures, Rule(text)
        for what in some.kinds():
            if not (chosen(what) and some.has(one, what) and some.has(other, what)):
                continue
            aa = max(abs(some.aa(series, what)) for series in (one, other))
            noise = max(aa, *(some.spread(series, what) for series in (one, other)))
            times = "" if factor == 1 else f"{factor:g} times "
            rule.targets.append(Target(f"{what}: {one} at most {times}{other}",
                                       some.median(one, what), factor * some.median(other, what),
                                       min(aa, MAX_SPREAD), noise))
        return rule

    def all(self):
        rules = [
            self._rule(f"A sync costs {MASK} at most what it costs {BITMAP}, however many of the "
                       "unsync tables are below the root, however many roots there are, and "
                       "where one of eight tables is unsync", MASK, BITMAP, 1,
                       lambda what: what.layout in (SHARE, SPARSE) and what.op == "sync"),
            self._rule(f"Marking costs {MASK} at most {MARK_LIMIT:g} times what it costs {BITMAP}",
                       MASK, BITMAP, MARK_LIMIT, lambda what: what.op == "mark"),
            self._rule(f"{MASK} has at most {FAULTS_LIMIT:g} times the faults of {BITMAP}",
                       MASK, BITMAP, FAULTS_LIMIT, lambda what: what.op == "faults"),
            self._rule(f"{MASK} flushes TLBs at most as often as {BITMAP}",
                       MASK, BITMAP, 1, lambda what: what.op == "flushes"),
            self._rule(f"Hostile layouts cost {MASK} at most {HOSTILE_LIMIT:g} times what they "
                       f"cost {BITMAP}", MASK, BITMAP, HOSTILE_LIMIT,
                       lambda what: what.layout in HOSTILE and what.op in COSTS),
            self._rule(f"The default, {self.default}, costs at most {STOCK_LIMIT:g} times what "
                       f"{STOCK} does", self.default, STOCK, STOCK_LIMIT,
                       lambda what: what.op in COSTS),
            self._rule(f"The default, {self.default}, has at most as many faults and flushes as "
                       f"{STOCK}", self.default, STOCK, 1, lambda what: what.op in COUNTS),
            # What was said against it in 2010 must show, else nothing was measured.
            self._rule(f"{BITMAP} has at most half the faults of {LIST_ALL} where few of the "
                       "unsync tables are below the root", BITMAP, LIST_ALL, 0.5,
                       lambda what: what.op == "faults" and what.layout in (SHARE, "foreign")
                       and what.share < 0.2)]
        return [rule for rule in rules if rule.targets]


def rules(data):
    """[Rule], as far as what they are about was measured."""
    return Judge(Figures(data["rows"]), data["kernels"][-1]["default"]).all()


def checks(data):
    return [target.check() for rule in rules(data) for target in rule.targets]
