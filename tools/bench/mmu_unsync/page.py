# SPDX-License-Identifier: GPL-2.0-only
"""mmu-unsync.md, from mmu-unsync.json."""

from bench.lib.targets import target_list
from bench.lib.text import table
from bench.mmu_unsync import judge
from bench.mmu_unsync.figures import (BITMAP, HOSTILE, LIST, LIST_ALL, MASK, SHARE, STOCK,
                                      Figures, What)

TITLE = "What unsync shadow pages cost"
# Whose figures are also shown as ratios to those of BITMAP
RATIOS = MASK, LIST


def number(value):
    return f"{value:.0f}" if value == round(value) or value >= 1000 else f"{value:.1f}"


def ratio(value, other):
    return f"{value / other:.3f}" if other else "–"


class Tables:
    """Tables of the figures in DATA, a column for each series."""

    def __init__(self, data):
        self.figures = Figures(data["rows"])
        self.series = self.figures.series()
        self.variants = [kernel["variant"] for kernel in data["kernels"]]
        self.defaults = list(dict.fromkeys(kernel["default"] for kernel in data["kernels"]))

    def _cells(self, what):
        some = self.figures
        there = [series for series in self.series if some.has(series, what)]

        def median(series):
            return some.median(series, what)

        return [*(number(median(series)) if series in there else "–" for series in self.series),
                *(ratio(median(series), median(BITMAP))
                  if {series, BITMAP} <= set(there) else "–" for series in RATIOS),
                " ".join(f"{some.aa(series, what):+.2%}" if series in there else "–"
                         for series in self.defaults),
                f"{max(some.spread(series, what) for series in there):.2%}"]

    def _table(self, first, rows, left=0):
        """ROWS: [(first cells, what)]"""
        return table([*first, *self.series, *(f"{series}/{BITMAP}" for series in RATIOS),
                      f"A/A {', '.join(self.variants)}", "spread"],
                     [[*cells, *self._cells(what)] for cells, what in rows], left)

    def shares(self, op):
        return self._table(["below the root", "roots", "entries"],
                           [([f"{what.tables} of {what.tables + what.foreign}",
                              str(what.roots), str(what.entries)], what)
                            for what in self.figures.kinds(op, SHARE)])

    def hostile(self):
        return self._table(["layout", "size", "what"],
                           [([layout, str(what.size), what.op], what) for layout in HOSTILE
                            for what in self.figures.kinds(layout=layout)], left=1)


def mixes(figures, op):
    """What differs in the share below the root alone, lowest first: a list of them
    for each number of roots and of entries."""
    found = {}
    for what in sorted(figures.kinds(op, SHARE), key=lambda what: what.share):
        found.setdefault((what.roots, what.entries), []).append(what)
    return found


def break_even(figures, mix, series=LIST):
    """The share below the root at which a sync costs SERIES what it costs BITMAP, on the
    straight line between two shares that were measured; None if there is none."""
    points = [(what.share, figures.median(series, what) - figures.median(BITMAP, what))
              for what in mix if figures.has(series, what) and figures.has(BITMAP, what)]
    for (low, above), (high, below) in zip(points, points[1:]):
        if above > 0 >= below:
            return low + (high - low) * above / (above - below)
    return None


def break_even_table(figures):
    rows = []
    for (roots, entries), mix in mixes(figures, "sync").items():
        share = break_even(figures, mix)
        rows.append([str(roots), str(entries),
                     *(ratio(figures.median(LIST, what), figures.median(BITMAP, what))
                       if figures.has(LIST, what) else "–" for what in mix),
                     f"{share:.0%}" if share is not None else "none"])
    shares = [f"{what.share:.0%} below" for what in next(iter(mixes(figures, "sync").values()))]
    return table(["roots", "entries", *shares, "even at"], rows)


def fault_table(figures):
    rows = []
    for mix in (*mixes(figures, "faults").values(), figures.kinds("faults", "foreign")):
        for what in mix:
            if figures.has(LIST_ALL, what) and what.roots == what.entries == 1:
                bitmap, listed = (figures.median(series, what) for series in (BITMAP, LIST_ALL))
                write = What(*(getattr(what, name) for name in (
                    "layout", "tables", "foreign", "roots", "entries")), "foreign")
                rows.append([str(what.tables), str(what.foreign), number(bitmap), number(listed),
                             number(listed - bitmap),
                             *(number(figures.median(series, write))
                               if figures.has(series, write) else "–"
                               for series in (BITMAP, LIST_ALL))])
    return table(["tables below the root", "others", f"faults, {BITMAP}", LIST_ALL, "more",
                  f"writing to the others, {BITMAP}", LIST_ALL], rows)


def rule_text(rule):
    missed = rule.missed()
    said = (f"- {len(rule.targets) - len(missed)} of {len(rule.targets)}: {rule.text}. "
            f"Highest: {rule.worst():.3f} of the limit")
    if missed:
        said += "\n" + "\n".join(f"  {line}" for line in target_list(missed).splitlines())
    return said


def text(data):
    tables = Tables(data)
    options = data["options"]
    rules = judge.rules(data)
    targets = [target for rule in rules for target in rule.targets]
    invalid = sum(not target.valid for target in targets)
    missed = sum(not target.good for target in targets) - invalid
    figures = tables.figures
    modes = {MASK, LIST, LIST_ALL} <= set(tables.series)
    said = f"""\
KVM's selftest mmu_unsync_perf_test counted these instructions under icount, with kvm_amd.npt=0, on the kernels
{", ".join(tables.variants)}. Each kernel booted once in a VM of {data["vm_memory"]}; another VM of {data["hostile_vm_memory"]} had the hostile sizes. VMs of all modes
took turns in {options["runs"]} rounds, in {options["hostile_runs"]} with hostile sizes. Figures are medians of all tables together; faults and flushes are
those of a round. {STOCK} is the unpatched kernel. A/A is how far a second VM of the mode that a kernel uses differs from the
first one. Spread is how far the best round is below the median, in the series where that is most. Now and then a round
takes an interrupt, so the worst round says nothing. The source of the selftest explains the layouts.

## Targets

There are {len(targets)} targets: {missed} are missed, and {invalid} are not valid, i.e. rounds or the A/A pair differ by more than value
and limit do. "At most" allows for what the A/A pair differs by. Those that are missed are listed.

{chr(10).join(map(rule_text, rules))}

## A sync

The guest has written to all tables. Those below its root are synced when it loads CR3; the others are not to be.

{tables.shares("sync")}

## Marking

The guest writes to each of the tables below its root, and each write is a fault:

{tables.shares("mark")}

## Faults and flushes

Faults of a round:

{tables.shares("faults")}

Flushes of TLBs of a round:

{tables.shares("flushes")}

## Hostile layouts

sparse: one of eight neighbouring tables is written to, so that a bit of {MASK} stands for one. foreign: one table below the root,
and many that aren't. orphans: the same, but the others were unlinked. edges: one table, which many entries lead to.

{tables.hostile()}
"""
    return said + (modes_text(figures) if modes else "")


def modes_text(figures):
    return f"""
## Where a list breaks even

{LIST} looks at all unsync tables of the VM, {BITMAP} only at those below the root. The columns with a share are what a sync costs
{LIST}, divided by what it costs {BITMAP}. The last one is where both cost the same, on a straight line between two
shares that were measured.

{break_even_table(figures)}

## What the review of 2010 predicted

{LIST_ALL} syncs all tables, as the patch of [seed 003](../seeds.md) did. "We only want to sync the minimum number of pages", its
reviewer wrote; "the others we want to keep writeable to reduce our fault count". Faults of a round, and instructions of
writing to all tables that are not below the root:

{fault_table(figures)}"""
