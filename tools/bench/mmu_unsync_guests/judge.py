# SPDX-License-Identifier: GPL-2.0-only
"""What a mode of kvm.mmu_unsync may do to real guests.

Guests of the same mode differ, because interrupts come at other moments. How far is
known of the mode that the kernel uses, which has two guests in each run, and of all
modes if there are several runs. A figure may be above its limit by as much.
"""

from bench.lib.targets import Target
from bench.mmu_unsync.figures import BITMAP, MASK

# What may not become more, by how much
LIMITS = {"synced": 1, "made unsync": 1.01, "faults": 1.01, "roots freed": 1,
          "flushes of syncs": 1, "flush requests": 1}
# Guests that differ by more say nothing.
MOST_NOISE = 0.03


class Figures:
    def __init__(self, data):
        self.default = data["default"]
        self.rows = {(row["workload"], row["mode"], row["count"]): row for row in data["rows"]}

    def workloads(self):
        return list(dict.fromkeys(workload for workload, _, _ in self.rows))

    def modes(self):
        return list(dict.fromkeys(mode for _, mode, _ in self.rows))

    def median(self, *what):
        return self.rows[what]["median"]

    def noise(self, workload, count):
        """How far guests of one mode are apart, in the mode where that is most."""
        apart = []
        for mode in self.modes():
            row = self.rows[workload, mode, count]
            values = [row["min"], row["max"], row.get("again", row["median"])]
            apart.append((max(values) - min(values)) / max(row["median"], 1))
        return max(apart)


class GuestTarget(Target):
    @property
    def valid(self):
        return self.noise <= MOST_NOISE or abs(self.value - self.limit) > self.noise * self.limit


def targets(data):
    some = Figures(data)
    if not {BITMAP, MASK} <= set(some.modes()):
        return []
    return [GuestTarget(f"{workload}: {count}: {MASK} at most "
                        f"{f'{limit:g} times ' if limit != 1 else ''}{BITMAP}",
                        some.median(workload, MASK, count),
                        limit * some.median(workload, BITMAP, count),
                        some.noise(workload, count), some.noise(workload, count))
            for workload in some.workloads() for count, limit in LIMITS.items()]


def by_chance(data):
    """When interrupts come is chance."""
    return any(not target.valid for target in targets(data))


def checks(data):
    return [target.check() for target in targets(data)]
