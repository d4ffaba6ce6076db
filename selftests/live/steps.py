#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What a lookup costs follows from its index: the tracepoint's steps, and cycles
that order the same way. Under icount, where a cycle is an instruction.
"""

import math

import live

ABSENT, FOUND = 2, 1
SIZES = (13, 117)
WRITES = 1000


class Guest:
    def __init__(self, line, trigger, hist):
        self.index, slots, vm = line.split()
        self.slots, self.vm = int(slots), int(vm)
        self.name = f"{self.index}, {slots} memslots"
        self.trigger = [row for row in trigger if row["vm_id"] == self.vm]
        self.rows = {row["outcome"]: row for row in hist["rows"]
                     if row["vm"] == self.vm and row["vcpu"] == -1}

    def steps(self, outcome):
        """{steps: lookups}"""
        return {row["steps"]: row["hitcount"] for row in self.trigger
                if row["outcome"] == outcome}

    def mean_steps(self, outcome):
        steps = self.steps(outcome)
        return sum(step * count for step, count in steps.items()) / sum(steps.values())

    def cycles(self, outcome):
        return self.rows[outcome]["mean"]


def main():
    tap = live.Tap(10)
    seen = live.run_vm("steps.sh", icount=True, timeout=400)
    trigger, hist = live.trigger_rows(seen["trigger"]), live.last_json(seen["hist"])
    guests = {}
    for line in seen["vms"].splitlines():
        guest = Guest(line, trigger, hist)
        guests[guest.index, guest.slots] = guest
        print(f"# {guest.name}: steps of absent {guest.steps(ABSENT)}, "
              + ", ".join(f"{outcome} {guest.cycles(outcome):.1f} cycles"
                          for outcome in ("found", "absent")))

    for slots in SIZES:
        guest = guests["linear", slots]
        tap.equal(guest.steps(ABSENT), {slots: WRITES},
                  f"{guest.name}: every absent lookup takes as many steps as there are memslots")
        guest = guests["bsearch", slots]
        limit = math.ceil(math.log2(slots)) + 1
        tap.check(sum(guest.steps(ABSENT).values()) == WRITES
                  and max(guest.steps(ABSENT)) <= limit,
                  f"{guest.name}: no absent lookup takes more than {limit} steps",
                  guest.steps(ABSENT))
        tap.check(max(guest.steps(FOUND)) <= limit,
                  f"{guest.name}: no found lookup takes more than {limit} steps",
                  guest.steps(FOUND))

    linear, bsearch = guests["linear", 117], guests["bsearch", 117]
    tap.check(linear.mean_steps(FOUND) > bsearch.mean_steps(FOUND),
              "117 memslots: a found lookup takes more steps with linear")
    tap.check(linear.cycles("absent") > bsearch.cycles("absent"),
              "117 memslots: an absent lookup takes more cycles with linear")
    tap.check(linear.cycles("found") > bsearch.cycles("found"),
              "117 memslots: a found lookup takes more cycles with linear")
    tap.check(linear.cycles("absent") > guests["linear", 13].cycles("absent"),
              "linear: an absent lookup takes more cycles with more memslots")
    tap.finish()


if __name__ == "__main__":
    main()
