# SPDX-License-Identifier: GPL-2.0-only
"""What an update may cost with a new index, compared with the default one."""

from bench.lib import index_perf
from bench.lib.checks import MAX_SPREAD, Check

OPS = ("create", "flags-on", "flags-off", "move", "delete")
# Of 2014 and before: no limit applies to them.
OLD = ("linear", "bsearch")


class Updates:
    """The figures of memslot-updates.json, found by what they are, and judged."""

    def __init__(self, data):
        self.default = data["default_index"]
        self.limit = data["options"]["limit"]
        self.rows = {(row["slots"], row["op"], row["index"], row["vm"]): row
                     for row in data["rows"]}
        self.counts = list(dict.fromkeys(key[0] for key in self.rows))
        self.indexes = list(dict.fromkeys(key[2] for key in self.rows))
        self.others = [index for index in self.indexes if index != self.default]
        self.judged = [index for index in self.others if index not in OLD]
        self.kinds = [(count, op) for count in self.counts for op in OPS]

    def row(self, count, op, index):
        return self.rows[count, op, index, 0]

    def ratio(self, count, op, index):
        return self.row(count, op, index)["ticks"]["ratio"]

    def aa(self, count, op):
        return self.rows[count, op, self.default, index_perf.AGAIN]["ticks"]["ratio"] - 1

    def noisy(self, count, op):
        return abs(self.aa(count, op)) > MAX_SPREAD

    def too_costly(self, count, op):
        """Is an index above the limit by more than the A/A pair differs?"""
        most = self.limit + min(abs(self.aa(count, op)), MAX_SPREAD)
        return any(self.ratio(count, op, index) > most for index in self.judged)


def checks(data):
    found = Updates(data)
    return [Check(not found.noisy(count, op) and not found.too_costly(count, op),
                  f"{op} {count} memslots: " + ", ".join(
                      f"{index} {found.ratio(count, op, index):.3f}" for index in found.others),
                  f"limit {found.limit:g}, A/A {found.aa(count, op):+.2%}")
            for count, op in found.kinds]
