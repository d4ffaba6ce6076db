# SPDX-License-Identifier: GPL-2.0-only
"""What seed 000 promises of real guests: another index takes fewer instructions than a
scan. Among the others instructions decide nothing: the B+-tree trades them for fewer
mispredicted branches and cache misses, which memslot-userspace measures."""

from bench.lib.checks import MAX_SPREAD, Check
from bench.guest_lookups.measure import PHASES

SCAN = "linear"


def noisy(data):
    """Rows whose guests, or whose A/A pair, differ."""
    return [row for row in data["rows"]
            if row["spread"] > MAX_SPREAD or abs(row["aa"] or 0) > MAX_SPREAD]


def by_chance(data):
    """What interrupts a guest takes is chance."""
    return bool(noisy(data))


def indexes(data):
    return list(dict.fromkeys(row["index"] for row in data["rows"]))


def figures(data, count, index):
    """As in the seed's table: boot maximum, boot mean, random mean."""
    booted, read = (next(row for row in data["rows"] if
                         (row["slots"], row["index"], row["phase"]) == (count, index, phase))
                    for phase in PHASES)
    return booted["max"], booted["mean"], read["mean"]


def directions(data):
    """[Check], with the most memslots."""
    if SCAN not in indexes(data):
        return []
    highest = max(row["slots"] for row in data["rows"])
    found = {index: figures(data, highest, index) for index in indexes(data)}
    return [Check(found[index][place] < found[SCAN][place],
                  f"{highest} memslots: {index} below {SCAN} in {what}: "
                  f"{found[index][place]:.1f} and {found[SCAN][place]:.1f}")
            for index in found if index != SCAN
            for place, what in ((0, "boot maximum"), (2, "random average"))]


def checks(data):
    bad = noisy(data)
    return [*directions(data),
            Check(not bad, f"runs and A/A pair within {MAX_SPREAD:.0%}",
                  "\n".join(f"{row['slots']} {row['index']} {row['phase']}: spread "
                            f"{row['spread']:.2%}, A/A {row['aa']}" for row in bad))]
