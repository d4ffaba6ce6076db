# SPDX-License-Identifier: GPL-2.0-only
"""What was measured of the I/O bus, found by what it is."""

from dataclasses import dataclass

STOCK, FIXES = "stock", "fixes"
# Where the order of registration matters.
ORDERED = ("register", "remove", "bytes")


@dataclass(frozen=True)
class What:
    """A measurement, of each series: stock, fixes, or an index of the other kernel."""
    layout: str
    order: str
    devices: int
    op: str

    def __str__(self):
        order = f", {self.order} order" if self.op in ORDERED else ""
        return f"{self.op}, {self.layout}, {self.devices} devices{order}"


def at_byte(devices):
    return What("byte", "ascending", devices, "exit")


def at_ports(devices, op):
    return What("ports", "random", devices, op)


UPDATE = What("ports", "ascending", 1, "update")
UPDATE_REGISTERED = What("ports", "ascending", 1, "update-registered")


class Figures:
    """ROWS of io-bus.json, "rows" or "wall"."""

    def __init__(self, rows):
        self.rows = {(row["series"], What(row["layout"], row["order"], row["devices"], row["op"])): row
                     for row in rows}

    def series(self):
        return list(dict.fromkeys(series for series, _ in self.rows))

    def kinds(self, op=None, layout=None):
        """What was measured: of an OP and a LAYOUT, or of all."""
        return [what for what in dict.fromkeys(what for _, what in self.rows)
                if op in (None, what.op) and layout in (None, what.layout)]

    def has(self, series, what):
        return (series, what) in self.rows

    def median(self, series, what):
        return self.rows[series, what]["median"]

    def aa(self, series, what):
        """What the A/A pair of the same kernel differs by."""
        return self.rows[series, what]["aa"]

    def spread(self, series, what):
        row = self.rows[series, what]
        return (row["max"] - row["min"]) / row["median"]
