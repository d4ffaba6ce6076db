# SPDX-License-Identifier: GPL-2.0-only
"""memslot-perf*.md, from memslot-perf*.json."""

from bench.lib.text import table
from bench.memslot_perf.judge import ROWS, columns, find
from bench.memslot_perf.measure import MAX_MAP_SLOTS

TITLE = "memslot_perf_test: seed 001's table"

# Its seconds before (array) and after (rbtree), on a Xeon 8167M, for each of these numbers
# of memslots.
SEED_SLOTS = (10, 100, 509, 32764)
SEED = {
    "Map": ((0.0192, 0.0186), (0.0195, 0.0191), (0.0232, 0.0223), (0.200, 0.0541)),
    "Unmap": ((0.0313, 0.0310), (0.0374, 0.0312), (0.0724, 0.0315), (3.88, 0.0351)),
    "Unmap 2M": ((0.000348, 0.000351), (0.000470, 0.000447), (0.00155, 0.000869), (3.88, 0.0348)),
    "Move active": ((0.000110, 0.0000948), (0.0000956, 0.0000800), (0.000101, 0.0000792),
                    (0.00142, 0.0000786)),
    "Move inactive": ((0.000111, 0.0000933), (0.000101, 0.0000840), (0.000108, 0.0000847),
                      (0.00148, 0.0000880)),
    "Slot setup": ((0.000342, 0.000283), (0.00260, 0.00174), (0.0135, 0.00803), (16.1, 0.59)),
}


def milliseconds(seconds):
    """Three digits, never with an exponent."""
    value = seconds * 1e3
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def figure(row):
    return (f"{milliseconds(row['seconds'])} ({milliseconds(row['min'])}–{milliseconds(row['max'])})"
            if row else "–")


def seed_cells(slots, name):
    if slots not in SEED_SLOTS:
        return ["", ""]
    return map(milliseconds, SEED[name][SEED_SLOTS.index(slots)])


def seed_table(data, slots):
    rows = [[name, *(figure(find(data, slots, name, *column)) for column in columns(data)),
             *seed_cells(slots, name)] for name in ROWS]
    return table(["milliseconds", *(f"{index} again" if nr else index for index, nr in columns(data)),
                  "seed: array", "rbtree"], rows, left=1)


def text(data):
    tables = "\n\n".join(f"## {slots} memslots\n\n{seed_table(data, slots)}"
                         for slots in data["options"]["slots"])
    return f"""\
Each figure is the wall time of an iteration: median (minimum–maximum) of {data["options"]["runs"]} runs of a second each. Slot setup is that
of all memslots together, in the two moves. Two threads run on one emulated CPU, which other work on the machine slows
down, so nothing here is exact, and no limit applies. The figures of [seed 001](../seeds.md) are from a Xeon 8167M, before (an array, bisected,
and copied for each update) and after (rbtree); only directions compare. Map is possible with {MAX_MAP_SLOTS} memslots at most. Where
the table says more, Map was measured with {MAX_MAP_SLOTS}, as in the seed.

{tables}"""
