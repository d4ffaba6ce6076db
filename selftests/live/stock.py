#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""On a stock kernel kvmscope says that the kernel lacks the patches, and how."""

import json

import live

STATUS_KERNEL = 4


def main():
    tap = live.Tap(9)
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

    tap.equal(seen["hist --event io-bus: status"], f"{STATUS_KERNEL}\n",
              "hist --event io-bus: exit status 4")
    said = seen["hist --event io-bus: err"]
    tap.check(said.count("\n") == 1 and "kvm:kvm_io_bus_lookup" in said
              and "boot one with kvmscope's patches" in said,
              "hist --event io-bus: one line names the tracepoint and the patches", said)

    tap.equal(seen["list: status"], "0\n", "list: works, with what a stock kernel has")
    tap.check("lacks kvmscope's patches" in seen["list: err"], "list: says what is missing",
              seen["list: err"])
    tap.finish()


if __name__ == "__main__":
    main()
