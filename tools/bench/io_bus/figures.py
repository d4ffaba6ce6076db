# SPDX-License-Identifier: GPL-2.0-only
"""What was measured of the I/O bus, found by what it is."""

from dataclasses import dataclass

from bench.lib import figures

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


class Figures(figures.Figures):
    """ROWS of io-bus.json, "rows" or "wall"."""

    def __init__(self, rows):
        super().__init__(rows, What)
