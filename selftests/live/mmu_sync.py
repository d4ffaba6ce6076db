#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Four counts of the same syncs of shadow pages are equal, for each mode and cause:
kvmscope hist --json, the kernel's hist trigger, bpftool's dump of the map, and
what the guests did (mmu_sync_guest.c).

A sync because of a link ends early if another task waits for the CPU: KVM then lets
the guest's access fault again, and syncs the root before, where nothing is left to do.
With fewer than 16 unsync pages, as here, mask and list have synced all when they look
whether anyone waits, and don't end early. In list-all, the second fault makes a second
sync because of the link, which finds nothing.
"""

import json

import live

MODES = live.parameters.values("mmu_unsync")
DEFAULT = "bitmap"
NEVER_EARLY = ("mask", "list")
TWO_LINKS = ("list-all",)
# enum kvm_mmu_sync_cause
CAUSES = {"root": 0, "cached-roots": 1, "link": 2}


class Guest:
    def __init__(self, line, seen, hist, trigger):
        self.mode, vm, self.debugfs = line.split()
        self.vm = int(vm)
        done = live.last_json(seen[f"guest-{self.mode}"])
        self.tables, self.did = done["tables"], done["syncs"]
        self.rows = [row for row in hist["rows"] if row["vm"] == self.vm]
        own = [row for row in trigger if row["vm_id"] == self.vm]
        self.trigger = [row for row in own if "cause" in row]
        self.synced = live.total([row for row in own if "cause" not in row], "synced")

    def kernel(self):
        """{(cause, shadow pages synced): syncs}"""
        names = {number: name for name, number in CAUSES.items()}
        return {(names[row["cause"]], row["synced"]): row["hitcount"] for row in self.trigger}


def check_guest(tap, guest, listed):
    mode, did = guest.mode, guest.did
    tap.equal((guest.debugfs, listed[guest.vm]["mmu_unsync_mode"], {row["index"] for row in guest.rows}),
              (mode, mode, {mode}), f"{mode}: debugfs, kvmscope list and hist name the mode")

    kernel = guest.kernel()
    empty_root, empty_link = kernel.pop(("root", 0), 0), kernel.pop(("link", 0), 0)
    tap.equal(kernel, {("root", guest.tables): did["root"], ("link", guest.tables): did["link"],
                       ("cached-roots", 0): did["cached-roots"]},
              f"{mode}: the trigger counts what the guest did, each sync with all leaf tables")
    early = empty_root - did["root-empty"]
    print(f"# {mode}: {early} of {did['link']} syncs because of a link ended early")
    tap.check(0 <= early <= (0 if mode in NEVER_EARLY else did["link"])
              and empty_link == (early if mode in TWO_LINKS else 0),
              f"{mode}: syncs with nothing to do are those of the guest, and of links that ended early",
              f"root: {empty_root}, the guest {did['root-empty']}; link: {empty_link}")

    tap.equal({cause: live.events(guest.rows, outcome=cause) for cause in CAUSES},
              {cause: live.total(guest.trigger, cause=number) for cause, number in CAUSES.items()},
              f"{mode}: kvmscope and the trigger agree on every cause")
    tap.equal(sum(row["synced"] for row in guest.rows), guest.synced,
              f"{mode}: kvmscope and the trigger agree on the pages synced")


def main():
    tap = live.Tap(1 + 5 * len(MODES) + 3)
    seen = live.run_vm("mmu_sync.sh", append="kvm_amd.npt=0 kvm_intel.ept=0")
    hist = live.final_of(seen["hist"], "mmu_sync")
    trigger = live.trigger_rows(seen["trigger"])
    listed = {vm["id"]: vm for vm in json.loads(seen["list"])["vms"]}

    tap.equal(seen["parameter"], live.listing(MODES, DEFAULT),
              "the parameter lists all modes, default bitmap")
    for line in seen["vms"].splitlines():
        check_guest(tap, Guest(line, seen, hist, trigger), listed)

    tap.equal(live.dumped(json.loads(seen["bpftool"])), live.events(hist["rows"]),
              "bpftool's dump of mmu_sync has the same sum")
    tap.equal(len(seen["hist"].splitlines()), 1, "hist prints one object")
    lost = hist["lost"]
    tap.equal({name: lost[name] for name in lost if lost[name]}, {}, "nothing was lost")
    tap.finish()


if __name__ == "__main__":
    main()
