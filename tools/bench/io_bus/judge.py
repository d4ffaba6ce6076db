# SPDX-License-Identifier: GPL-2.0-only
"""What the I/O bus must reach, judged on figures of stock, fixes and another kernel."""

from bench.io_bus.figures import (FIXES, STOCK, UPDATE, UPDATE_REGISTERED, Figures,
                                  at_byte, at_ports)
from bench.lib.checks import MAX_SPREAD
from bench.lib.targets import Target

NEW = "hash"
MANY = 10000
# Stock loses accesses to nested devices, so its figures for them mean little.
NESTED = ("around", "nested")

# Seed 002: 259k exits/s before, 274k after, with 200 ioeventfds on another byte.
SEED_DEVICES = 200
SEED_BEFORE, SEED_AFTER = 259, 274
SEED_GAIN = 1.058
EMPTY_BUS_SLACK = 60
UPDATE_LIMIT = 2


class Judge:
    """Of FIGURES; DEFAULT: the index that the kernel to judge uses."""

    def __init__(self, figures, default):
        self.figures = figures
        self.default = default
        self.targets = []

    def _add(self, text, measured, value, limit):
        """MEASURED: [(series, what)] that VALUE and LIMIT were made of."""
        if not all(self.figures.has(*one) for one in measured):
            return
        medians = [self.figures.median(*one) for one in measured]
        aa = max(abs(self.figures.aa(*one)) for one in measured)
        noise = max(aa, *(self.figures.spread(*one) for one in measured))
        self.targets.append(Target(text, value(*medians), limit(*medians),
                                   min(aa, MAX_SPREAD), noise))

    def _at_most(self, text, one, other, slack=0):
        self._add(text, [one, other], lambda a, _: a, lambda _, b: b + slack)

    def all(self):
        what = at_byte(SEED_DEVICES)
        self._add(f"exit, one byte, {SEED_DEVICES} devices: {SEED_GAIN - 1:.1%} more exits/s "
                  "with bsearch than with linear, i.e. at most their share of instructions",
                  [("bsearch", what), ("linear", what)],
                  lambda a, b: a / b, lambda *_: 1 / SEED_GAIN)
        for index in dict.fromkeys((self.default, NEW)):
            for what in self.figures.kinds():
                # What a memslot update costs by itself is no business of the bus.
                if what == UPDATE:
                    continue
                other = FIXES if what.layout in NESTED else STOCK
                self._at_most(f"{what}: {index} at most {other}", (index, what), (other, what))
        self._at_most(f"exit, ports: {NEW} with {MANY} devices at most {STOCK} with none "
                      f"+ {EMPTY_BUS_SLACK}", (NEW, at_ports(MANY, "exit")),
                      (STOCK, at_ports(0, "exit")), EMPTY_BUS_SLACK)
        for index in self.figures.series():
            if index in (STOCK, FIXES):
                continue
            self._add(f"{index}: creating a memslot after a registration costs at most "
                      f"{UPDATE_LIMIT:g} times what it costs without",
                      [(index, UPDATE_REGISTERED), (index, UPDATE)],
                      lambda after, alone: after / alone, lambda *_: UPDATE_LIMIT)
        return self.targets


def targets(data):
    """[Target], as far as what they are about was measured."""
    return Judge(Figures(data["rows"]), data["kernels"][-1]["default"]).all()


def checks(data):
    return [target.check() for target in targets(data)]
