"""What the I/O bus must reach, judged on figures of the stock and the queue kernel.

"At most" means within what the A/A pair differs by, which is at most 1 %; where
figures differ by more, the target is not valid, whatever they say.
"""

from dataclasses import dataclass

from bench import MAX_SPREAD

STOCK = "stock"
# Anything else that the kernel offers is new, and must beat these.
OLD = ("linear", "bsearch")
ORDERS = ("ascending", "descending", "random")
MANY = 10000

# Seed 002: 259k exits/s before, 274k after, with 200 ioeventfds on another byte.
SEED_DEVICES = 200
SEED_BEFORE, SEED_AFTER = 259, 274
SEED_GAIN = 1.058
EMPTY_BUS_SLACK = 60
FEW_DEVICES = 4
REGISTER_SECONDS, REMOVE_SECONDS = 0.10, 0.20
QUEUES, QUEUES_LIMIT = 256, 1.5
UPDATE_LIMIT = 2


@dataclass(frozen=True)
class What:
    """A measurement, of each series: stock, or an index of the queue kernel."""
    layout: str
    order: str
    devices: int
    op: str


def at_byte(devices):
    return What("byte", "ascending", devices, "exit")


def at_ports(devices, op):
    return What("ports", "random", devices, op)


def at_queues(devices):
    return What("queues", "ascending", devices, "hit")


def of_all(order, devices, op):
    return What("ports", order, devices, op)


UPDATE = What("ports", "ascending", 1, "update")
UPDATE_REGISTERED = What("ports", "ascending", 1, "update-registered")


@dataclass
class Target:
    text: str
    value: float
    limit: float
    tolerance: float
    noise: float

    @property
    def valid(self):
        return self.noise <= MAX_SPREAD

    @property
    def reached(self):
        return self.value <= self.limit * (1 + self.tolerance)

    @property
    def good(self):
        return self.valid and self.reached

    def verdict(self):
        if not self.valid:
            return f"NOT VALID, figures differ by {self.noise:.1%}"
        return "yes" if self.reached else "NO"


class Judge:
    """FIGURES: has(series, what), ticks(series, what), aa(series, what), the
    difference of the A/A pair of the same kernel, and spread(series, what)."""

    def __init__(self, figures, indexes):
        self.figures = figures
        self.indexes = indexes
        self.targets = []

    def _add(self, text, measured, value, limit):
        """MEASURED: [(series, what)] that VALUE and LIMIT were made of."""
        if not all(self.figures.has(*one) for one in measured):
            return
        ticks = [self.figures.ticks(*one) for one in measured]
        aa = max(abs(self.figures.aa(*one)) for one in measured)
        noise = max(aa, *(self.figures.spread(*one) for one in measured))
        self.targets.append(Target(text, value(*ticks), limit(*ticks),
                                   min(aa, MAX_SPREAD), noise))

    def _at_most(self, text, one, other, slack=0):
        self._add(text, [one, other], lambda a, _: a, lambda _, b: b + slack)

    def _counts(self, what):
        return sorted({each.devices for each in self.figures.kinds()
                       if (each.layout, each.op) == (what.layout, what.op)})

    def all(self):
        what = at_byte(SEED_DEVICES)
        self._add(f"exit, one byte, {SEED_DEVICES} devices: {SEED_GAIN - 1:.1%} more exits/s "
                  "with bsearch than with linear, i.e. at most their share of instructions",
                  [("bsearch", what), ("linear", what)],
                  lambda a, b: a / b, lambda *_: 1 / SEED_GAIN)
        for index in self.indexes:
            self._updates(index)
            if index not in OLD:
                self._accesses(index)
                self._registrations(index)
                self._queues(index)
        return self.targets

    def _accesses(self, index):
        for make, where in ((at_byte, "exit, one byte"),
                            (lambda nr: at_ports(nr, "exit"), "exit, ports"),
                            (lambda nr: at_ports(nr, "hit"), "hit, ports")):
            for devices in self._counts(make(0)):
                what = make(devices)
                self._at_most(f"{where}, {devices} devices: {index} at most bsearch",
                              (index, what), ("bsearch", what))
                if devices <= FEW_DEVICES:
                    self._at_most(f"{where}, {devices} devices: {index} at most {STOCK}",
                                  (index, what), (STOCK, what))
        self._at_most(f"exit, ports: {index} with {MANY} devices at most {STOCK} with none "
                      f"+ {EMPTY_BUS_SLACK}", (index, at_ports(MANY, "exit")),
                      (STOCK, at_ports(0, "exit")), EMPTY_BUS_SLACK)

    def _registrations(self, index):
        for op, seconds in (("register", REGISTER_SECONDS), ("remove", REMOVE_SECONDS)):
            for order in ORDERS:
                self._add(f"{index}: {op} {MANY} in {order} order within {seconds:.2f} s",
                          [(index, of_all(order, MANY, op))],
                          lambda ticks: ticks / 1e9, lambda _, limit=seconds: limit)

    def _queues(self, index):
        self._add(f"{index}: a hit of one of {QUEUES} queues costs at most "
                  f"{QUEUES_LIMIT:g} times that of the only one",
                  [(index, at_queues(QUEUES)), (index, at_queues(1))],
                  lambda many, one: many / one, lambda *_: QUEUES_LIMIT)

    def _updates(self, index):
        self._add(f"{index}: creating a memslot after a registration costs at most "
                  f"{UPDATE_LIMIT:g} times what it costs without",
                  [(index, UPDATE_REGISTERED), (index, UPDATE)],
                  lambda after, alone: after / alone, lambda *_: UPDATE_LIMIT)
