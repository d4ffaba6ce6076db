# SPDX-License-Identifier: GPL-2.0-only
"""What was measured of unsync shadow pages, found by what it is."""

from dataclasses import dataclass

from bench.lib import figures

STOCK = "stock"
# What the unpatched kernel does, what is to replace it, and two for comparison.
BITMAP, MASK, LIST, LIST_ALL = "bitmap", "mask", "list", "list-all"
MODES = BITMAP, MASK, LIST, LIST_ALL
SHARE, SPARSE = "share", "sparse"
HOSTILE = SPARSE, "foreign", "orphans", "edges"
# Instructions of a round, and how often something happened in one.
COSTS, COUNTS = ("mark", "sync", "foreign"), ("faults", "flushes")


@dataclass(frozen=True)
class What:
    """A measurement, of each series: stock, or a mode of the other kernel."""
    layout: str
    tables: int
    foreign: int
    roots: int
    entries: int
    op: str

    @property
    def share(self):
        """How many of all tables are below the root."""
        return self.tables / (self.tables + self.foreign)

    @property
    def size(self):
        """How hostile a hostile layout is."""
        return self.foreign or self.tables

    def where(self):
        if self.layout in HOSTILE:
            return f"{self.layout}, {self.size}"
        return (f"{self.share:.0%} below the root, {self.roots} roots, "
                f"{self.entries} entries a table")

    def __str__(self):
        return f"{self.op}, {self.where()}"


class Figures(figures.Figures):
    """ROWS of mmu-unsync.json."""

    def __init__(self, rows):
        super().__init__(rows, What)

    def spread(self, series, what):
        """How far the best round is below the median one. Now and then a round takes an
        interrupt, or lets a worker run: that only adds, and is no part of the median
        while most rounds have none."""
        row = self.rows[series, what]
        return (row["median"] - row["min"]) / row["median"] if row["median"] else 0
