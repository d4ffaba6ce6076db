#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The parameter kvm.memslot_index, and VMs under different indexes at once."""

import json

import live

# memslots: index and unbacked addresses that the guest writes to
GUESTS = {20: ("linear", 300), 30: ("bsearch", 500), 40: ("bsearch", 700)}
INDEXES = live.parameters.values("memslot_index")


def check_parameter(tap, seen):
    tap.equal(seen["default"], live.listing(INDEXES, "rbtree"), "the parameter lists all, default rbtree")
    tap.check("Invalid argument" in seen["bogus"], "an unknown index is EINVAL", seen["bogus"])
    tap.equal(seen["after-bogus"], seen["default"], "and changes nothing")
    for index in INDEXES:
        tap.equal(seen[f"chosen-{index}"], live.listing(INDEXES, index), f"{index} can be chosen")


def check_debugfs(tap, seen):
    vms = {}
    for slots, (index, _) in GUESTS.items():
        vm_id, name, nr_slots, ordinal = seen[f"debugfs-{slots}"].split()
        vms[slots] = int(vm_id)
        tap.equal((name, nr_slots), (index, str(slots)),
                  f"debugfs: the VM with {slots} memslots has index {index}")
    tap.equal(len(set(vms.values())), len(GUESTS), "every VM has an id of its own")
    return vms


def check_list(tap, seen, vms):
    listed = {vm["id"]: vm for vm in json.loads(seen["list"])["vms"]}
    for slots, (index, _) in GUESTS.items():
        vm = listed.get(vms[slots], {})
        tap.equal((vm.get("index"), vm.get("slots"), vm.get("name")),
                  (index, slots, "memslot_guest"), f"kvmscope list shows the VM with {slots} memslots")
    lines = seen["list-text"].splitlines()[1:]
    tap.equal([line.split()[0] for line in lines], [str(vm) for vm in sorted(vms.values())],
              "and as text")
    tap.equal(json.loads(seen["list-after"])["vms"], [], "after their end it shows none")


def main():
    tap = live.Tap(18 + len(INDEXES))
    seen = live.run_vm("two_vms.sh")
    check_parameter(tap, seen)
    vms = check_debugfs(tap, seen)
    check_list(tap, seen, vms)

    rows = live.last_json(seen["hist"])["rows"]
    for slots, (index, absent) in GUESTS.items():
        own = [row for row in rows if row["vm"] == vms[slots]]
        tap.equal({row["index"] for row in own}, {index},
                  f"kvmscope hist: the VM with {slots} memslots has lookups under {index} only")
        tap.equal(live.events(own, outcome="absent"), absent, "as many absent ones as it made")
    tap.finish()


if __name__ == "__main__":
    main()
