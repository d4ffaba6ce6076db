# SPDX-License-Identifier: GPL-2.0-only
"""Wall time has no limit: nothing but a figure that is missing is wrong."""

from bench.lib.checks import Check
from bench.memslot_perf.measure import SETUP, TESTS

ROWS = (*TESTS, SETUP)


def columns(data):
    """[(index, vm)], the default's second VM last."""
    indexes = list(dict.fromkeys(row["index"] for row in data["rows"]))
    return [*((index, 0) for index in indexes), (data["default_index"], 1)]


def find(data, *what):
    """The row of: slots, row, index, vm."""
    return next((row for row in data["rows"] if
                 (row["slots"], row["row"], row["index"], row["vm"]) == what), None)


def checks(data):
    return [Check(all(find(data, slots, name, *column) for column in columns(data)),
                  f"{slots} memslots: {name} measured with each index")
            for slots in data["options"]["slots"] for name in ROWS]
