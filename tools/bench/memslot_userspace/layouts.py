# SPDX-License-Identifier: GPL-2.0-only
"""How memslots lie, and what is looked up: names of memslot_index_bench."""

LAYOUTS = {
    "L1": "equal sizes, contiguous",
    "L2": "mixed sizes, few holes",
    "L3": "eight clusters 2^40 gfns apart",
    "L4": "log-uniform bases over 2^11 to 2^51",
    "L5": "uniform single pages over 2^52",
    "PC1": "a PC with DIMMs and a 64-bit BAR far above, created first",
    "PC2": "likewise, the BAR created in the middle",
    "PC3": "likewise, the BAR created last",
}
CELLS = {
    "hit": "random hits",
    "above": "gfns above all memslots",
    "holes": "gfns in random holes, if there are four or more",
    "one_hole": "gfns in one hole",
}
REFERENCE, AGAIN, JUDGED = "rbtree", "rbtree again", "btree"


def title(cell):
    """A cell's name in tables."""
    return cell.replace("_", " ")


def find(rows, layout, slots, index):
    return next((row for row in rows if (row["layout"], row["slots"], row["index"]) ==
                 (layout, slots, index)), None)


def distinct(rows, what):
    """The values of WHAT, in their order."""
    return list(dict.fromkeys(row[what] for row in rows))
