#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Four counts of the same I/O bus lookups are equal, for each index and bus:
kvmscope hist --json, the kernel's hist trigger, bpftool's dump of the map, and
what the guests did (io_bus_guest.c).
"""

import json

import live

INDEXES = live.parameters.values("io_bus_index")
DEFAULT = "bsearch"
# enum kvm_bus, and what the guests do there
BUSES = {"mmio": 0, "pio": 1, "fast-mmio": 3}
OUTCOMES = {"claimed": 1, "absent": 0}
# Those whose number does not depend on the processor.
CERTAIN = (("pio", "claimed"), ("pio", "absent"), ("mmio", "absent"))


class Guest:
    def __init__(self, line, seen, hist, trigger):
        self.index, vm, self.debugfs = line.split()
        self.vm = int(vm)
        self.did = live.last_json(seen[f"guest-{self.index}"])["lookups"]
        self.rows = [row for row in hist["rows"] if row["vm"] == self.vm]
        own = [row for row in trigger if row["vm_id"] == self.vm]
        self.trigger = [row for row in own if "bus" in row]
        self.candidates = live.total([row for row in own if "bus" not in row], "candidates")

    def kvmscope(self, bus, outcome):
        return live.events(self.rows, bus=bus, outcome=outcome)

    def kernel(self, bus, outcome):
        return live.total(self.trigger, bus=BUSES[bus], found=OUTCOMES[outcome])


def check_guest(tap, guest, listed):
    index = guest.index
    tap.equal((guest.debugfs, listed[guest.vm]["io_bus_index"], {row["index"] for row in guest.rows}),
              (index, index, {index}), f"{index}: debugfs, kvmscope list and hist name the index")
    for bus, outcome in CERTAIN:
        wanted = guest.did[bus][outcome]
        tap.equal((guest.kvmscope(bus, outcome), guest.kernel(bus, outcome)), (wanted, wanted),
                  f"{index}: {bus}, {outcome}: kvmscope and the trigger count what the guest did")
    claimed = [guest.kvmscope(bus, "claimed") for bus in ("mmio", "fast-mmio")]
    wanted = [guest.did[bus]["claimed"] for bus in ("mmio", "fast-mmio")]
    tap.check(sum(claimed) == sum(wanted) and claimed[0] >= wanted[0],
              f"{index}: mmio and fast-mmio, claimed: kvmscope counts what the guest did",
              f"{claimed}, the guest {wanted}")
    # What no device claims on the bus for fast MMIO is looked up on the other.
    tap.check(guest.kvmscope("fast-mmio", "absent") <= live.events(guest.rows, bus="mmio"),
              f"{index}: no more lookups on fast-mmio in vain than lookups on mmio")
    pairs = [(bus, outcome) for bus in BUSES for outcome in OUTCOMES]
    tap.equal([guest.kvmscope(*pair) for pair in pairs], [guest.kernel(*pair) for pair in pairs],
              f"{index}: kvmscope and the trigger agree on every bus and outcome")
    tap.equal(sum(row["candidates"] for row in guest.rows), guest.candidates,
              f"{index}: kvmscope and the trigger agree on the candidates")


def main():
    tap = live.Tap(1 + 8 * len(INDEXES) + 6)
    seen = live.run_vm("io_bus.sh")
    hist = live.final_of(seen["hist"], "io_bus_lookup")
    memslots = live.final_of(seen["hist"], "memslot_lookup")
    trigger = live.trigger_rows(seen["trigger"])
    listed = {vm["id"]: vm for vm in json.loads(seen["list"])["vms"]}

    tap.equal(seen["parameter"], live.listing(INDEXES, DEFAULT),
              "the parameter lists all indexes, default bsearch")
    for line in seen["vms"].splitlines():
        check_guest(tap, Guest(line, seen, hist, trigger), listed)

    tap.equal(live.dumped(json.loads(seen["bpftool-io_bus_lookup"])), live.events(hist["rows"]),
              "bpftool's dump of io_bus_lookup has the same sum")
    tap.equal(live.dumped(json.loads(seen["bpftool-memslot_lookup"])),
              live.events(memslots["rows"]),
              "memslot_lookup, counted at the same time, too")
    tap.equal(len(seen["hist"].splitlines()), 2, "hist prints one object for each event")
    tap.check(live.events(memslots["rows"]) > 0, "there are gfn lookups")
    for document in (hist, memslots):
        lost = document["lost"]
        tap.equal({name: lost[name] for name in lost if lost[name]}, {},
                  f"{document['metric']}: nothing was lost")
    tap.finish()


if __name__ == "__main__":
    main()
