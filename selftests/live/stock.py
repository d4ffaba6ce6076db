#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""On a stock kernel kvmscope says that the kernel lacks the patches, and how."""

import json

import live

STATUS_KERNEL = 4
OTHER_EVENTS = {"io-bus": "kvm_io_bus_lookup", "mmu-sync": "kvm_mmu_sync"}


def main():
    tap = live.Tap(7 + 2 * len(OTHER_EVENTS))
    seen = live.run_vm("stock.sh", variant="stock")

    tap.equal(seen["hist --duration 1: status"], f"{STATUS_KERNEL}\n", "hist: exit status 4")
    said = seen["hist --duration 1: err"]
    tap.check(said.count("\n") == 1 and "kvm:kvm_memslot_lookup" in said
              and "kvmscope's patches" in said,
              "hist: one line names the tracepoint and the patches", said)
    tap.equal(seen["hist --duration 1: out"], "", "hist: nothing on stdout")

    tap.equal(seen["hist --json --duration 1: status"], f"{STATUS_KERNEL}\n",
              "hist --json: exit status 4")
    error = json.loads(seen["hist --json --duration 1: out"])
    tap.check("kvmscope's patches" in error.get("error", ""), "hist --json: the error as JSON", error)

    for event, tracepoint in OTHER_EVENTS.items():
        tap.equal(seen[f"hist --event {event}: status"], f"{STATUS_KERNEL}\n",
                  f"hist --event {event}: exit status 4")
        said = seen[f"hist --event {event}: err"]
        tap.check(said.count("\n") == 1 and f"kvm:{tracepoint} " in said
                  and "boot one with kvmscope's patches" in said,
                  f"hist --event {event}: one line names the tracepoint and the patches", said)

    tap.equal(seen["list: status"], "0\n", "list: works, with what a stock kernel has")
    tap.check("lacks kvmscope's patches" in seen["list: err"], "list: says what is missing",
              seen["list: err"])
    tap.finish()


if __name__ == "__main__":
    main()
