# SPDX-License-Identifier: GPL-2.0-only
"""How fast btree must be in user space, in times of rbtree's speed."""

from dataclasses import dataclass

from bench.lib.checks import Check
from bench.memslot_userspace.layouts import JUDGED, title

CELLS = [cell + mode for cell in ("hit", "above", "holes")
         for mode in ("", "_dependent", "_cold")]

# cell, fewest slots, most slots, times rbtree's speed
TARGETS = (
    *((cell, 1, 32764, 1 if cell in ("above", "holes") else 0.95) for cell in CELLS),
    ("hit", 117, 117, 2.5),
    ("hit", 509, 509, 4),
    ("hit", 32764, 32764, 5),
)


@dataclass(frozen=True)
class Target:
    """ROW is the worst of those that the target is about."""
    cell: str
    slots: str
    least: float
    row: dict

    @property
    def speedup(self):
        return self.row[self.cell]["speedup"]

    @property
    def met(self):
        return self.speedup >= self.least


def targets(data):
    """Those that something was measured for."""
    found = []
    for cell, fewest, most, least in TARGETS:
        rows = [row for row in data["rows"] if row["index"] == JUDGED and
                cell in row and fewest <= row["slots"] <= most]
        if rows:
            worst = min(rows, key=lambda row, cell=cell: row[cell]["speedup"])
            found.append(Target(cell, str(fewest) if fewest == most else f"{fewest}–{most}",
                                least, worst))
    return found


def checks(data):
    return [Check(target.met, f"{title(target.cell)}, {target.slots} memslots: "
                              f"{target.speedup:.2f}, target {target.least:g}")
            for target in targets(data)]
