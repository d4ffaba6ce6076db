# SPDX-License-Identifier: GPL-2.0-only
"""io-bus.md, from io-bus.json."""

from bench.io_bus import judge
from bench.io_bus.figures import FIXES, UPDATE, UPDATE_REGISTERED, Figures, What, at_byte
from bench.lib.targets import target_list
from bench.lib.text import table

TITLE = "What the port I/O bus costs, and seed 002's experiment"
CHART = "io-bus.svg"
# Title, unit, that many instructions, and what is shown.
PANELS = (
    (f"An OUT that goes to user space, with {judge.SEED_DEVICES} ioeventfds on the next port",
     "instructions until KVM_RUN returns", 1, at_byte(judge.SEED_DEVICES)),
    ("An OUT that signals one of 256 queues on its port",
     "instructions", 1, What("queues", "ascending", 256, "hit")),
    ("Registering 10,000 ioeventfds in random order",
     "million instructions", 1e6, What("ports", "random", 10000, "register")),
)


def thousands_per_second(ticks):
    return f"{1e6 / ticks:.1f}k"


def whole(ticks):
    return f"{ticks:.0f}"


EXITS = (("exits/s", thousands_per_second), ("", whole))
INSTRUCTIONS = (("", whole),)


class Tables:
    """Tables of the instructions in DATA, a column for each series."""

    def __init__(self, data):
        self.figures = Figures(data["rows"])
        self.timed = Figures(data["wall"])
        self.series = self.figures.series()
        self.variants = [kernel["variant"] for kernel in data["kernels"]]
        self.defaults = list(dict.fromkeys(kernel["default"] for kernel in data["kernels"]))

    def _cells(self, what, formats):
        """One cell for each series and format, format by format, then the noise."""
        some = self.figures
        there = [series for series in self.series if some.has(series, what)]
        return [*(form(some.median(series, what)) if series in there else "–"
                  for _, form in formats for series in self.series),
                " ".join(f"{some.aa(series, what):+.2%}" for series in self.defaults),
                f"{max(some.spread(series, what) for series in there):.2%}"]

    def _table(self, first, rows, formats=INSTRUCTIONS, left=0):
        """ROWS: [(first cells, what)]"""
        return table(
            [*first, *(f"{series} {unit}".strip() for unit, _ in formats for series in self.series),
             "A/A " + ", ".join(self.variants), "spread"],
            [[*cells, *self._cells(what, formats)] for cells, what in rows], left)

    def by_devices(self, op, layout, formats=INSTRUCTIONS):
        return self._table(["devices"], [([str(what.devices)], what)
                                         for what in self.figures.kinds(op, layout)], formats)

    def _orders(self, ops):
        return [([what.op, str(what.devices), what.order], what)
                for op in ops for what in self.figures.kinds(op)]

    def by_order(self, *ops):
        return self._table(["what", "devices", "order"], self._orders(ops), left=3)

    def wall_time(self, *ops):
        return table(["what", "devices", "order", *(f"{series} ms" for series in self.series)],
                     [[*cells, *(f"{self.timed.median(series, what) / 1e6:.1f}"
                                 for series in self.series)]
                      for cells, what in self._orders(ops)], left=3)

    def updates(self):
        return self._table(["creating a memslot"],
                           [(["alone"], UPDATE),
                            (["right after a registration"], UPDATE_REGISTERED)], left=1)


def seed_text(figures):
    text = (f"[Seed 002](../seeds.md), {judge.SEED_DEVICES} ioeventfds, wall time of other hardware: "
            f"{judge.SEED_BEFORE}k exits/s with a linear search, {judge.SEED_AFTER}k with "
            f"bsearch (+{judge.SEED_AFTER / judge.SEED_BEFORE - 1:.1%}).")
    what = at_byte(judge.SEED_DEVICES)
    if not figures.has("linear", what):
        return text
    linear = figures.median("linear", what)
    return (text + f" Ours: {thousands_per_second(linear)} with linear, " + ", ".join(
        f"{thousands_per_second(figures.median(series, what))} with {series} "
        f"({linear / figures.median(series, what) - 1:+.1%})"
        for series in figures.series() if series != "linear" and figures.has(series, what)) + ".")


def text(data):
    tables = Tables(data)
    targets = judge.targets(data)
    invalid = sum(not target.valid for target in targets)
    missed = sum(not target.good for target in targets) - invalid
    return f"""\
KVM's selftest io_bus_perf_test counted these instructions under icount, in VMs of {data["vm_memory"]}, on the kernels
{", ".join(tables.variants)}. Each kernel booted once, and VMs of all its indexes took turns in {data["options"]["runs"]} rounds; figures are
medians. Kernel {FIXES} is stock with the fixes of the queue alone. Exits/s are exits per second of guest time, in which an
instruction takes a nanosecond. A/A is how far a second VM of the index that a kernel uses differs from the first one.
Spread is how far the rounds differ, in the series where they differ most. The source of `io_bus_perf_test` explains the
layouts.

## Targets

There are {len(targets)} targets: {missed} are missed, and {invalid} are not valid, i.e. rounds or the A/A pair differ by more than value
and limit do. "At most" allows for what the A/A pair differs by.

{target_list(targets)}

## Seed 002's experiment

All ioeventfds are on one byte and told apart by the data. The guest writes another byte, and each write exits to user
space.
{seed_text(tables.figures)}

{tables.by_devices("exit", "byte", EXITS)}

## Ioeventfds at ports of their own, registered in random order

An OUT to a hole between them exits to user space:

{tables.by_devices("exit", "ports", EXITS)}

An OUT signals one of them, then the next; the guest's code is included:

{tables.by_devices("hit", "ports")}

## With a PIC and a PIT

An OUT to a hole:

{tables.by_devices("exit", "pc")}

An OUT that signals an ioeventfd:

{tables.by_devices("hit", "pc")}

## Queues of one device

All ioeventfds are on one port and told apart by the data. The guest writes to all in turn, and each write signals one:

{tables.by_devices("hit", "queues")}

## Nested devices

Stock misses some of them, so kernel {FIXES} is what to compare with. A coalesced zone surrounds all ioeventfds, and its ring
is full, so an OUT to a hole exits to user space:

{tables.by_devices("exit", "around")}

An OUT that signals one of the ioeventfds:

{tables.by_devices("hit", "around")}

Zones are within each other, and an OUT is offered to half of them, on average:

{tables.by_devices("exit", "nested")}

## Registering and removing all

Instructions of all registrations, and of all removals in the order of registration:

{tables.by_order("register", "remove")}

Milliseconds of wall time with 2 emulated CPUs, median of {data["wall_runs"]}, on a machine that did other things, too. They vary by
a factor of two or more, so they show no more than the order of magnitude:

{tables.wall_time("register", "remove")}

Bytes of kernel memory that all of them need:

{tables.by_order("bytes")}

## A memslot update right after a registration

{tables.updates()}"""


def panels(data):
    figures = Figures(data["rows"])
    found = []
    for title, unit, scale, what in PANELS:
        values = {series: figures.median(series, what) / scale
                  for series in figures.series() if figures.has(series, what)}
        if values:
            found.append((title, unit, values))
    return found
