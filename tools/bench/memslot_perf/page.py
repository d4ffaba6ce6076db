"""memslot-perf*.md, from memslot-perf*.json."""

from bench.lib.text import table
from bench.memslot_perf.judge import ROWS, columns, find
from bench.memslot_perf.measure import MAX_MAP_SLOTS
from bench.memslot_perf.seed import SEED

TITLE = "memslot_perf_test: seed 001's table"


def milliseconds(seconds):
    """Three digits, never with an exponent."""
    value = seconds * 1e3
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def figure(row):
    return (f"{milliseconds(row['seconds'])} ({milliseconds(row['min'])}–{milliseconds(row['max'])})"
            if row else "–")


def seed_table(data, slots):
    rows = [[name, *(figure(find(data, slots, name, *column)) for column in columns(data)),
             *(map(milliseconds, SEED[slots][name]) if slots in SEED else ("", ""))]
            for name in ROWS]
    return table(["milliseconds", *(f"{index} again" if nr else index for index, nr in columns(data)),
                  "seed: array", "rbtree"], rows, left=1)


def text(data):
    tables = "\n\n".join(f"## {slots} memslots\n\n{seed_table(data, slots)}"
                         for slots in data["options"]["slots"])
    return f"""\
Each figure is the wall time of an iteration: median (minimum–maximum) of {data["options"]["runs"]} runs of a second each. Slot setup is that
of all memslots together, in the two moves. Two threads run on one emulated CPU, which other work on the machine slows
down, so nothing here is exact, and no limit applies. Seed 001's figures are from a Xeon 8167M, before (an array, bisected,
and copied for each update) and after (rbtree); only directions compare. Map is possible with {MAX_MAP_SLOTS} memslots at most. Where
the table says more, Map was measured with {MAX_MAP_SLOTS}, as in the seed.

{tables}"""
