#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Four counts of the same lookups are equal: kvmscope hist --json, the kernel's
hist trigger, bpftool's dump of the map, and what the guest did.

The guest's own lookups are those without a vCPU (see memslot_guest.c); its
vCPU's page faults are counted by the other three.
"""

import json

import live

NO_VCPU = -1


def main():
    tap = live.Tap(7)
    seen = live.run_vm("counts.sh")
    guest = live.last_json(seen["guest"])["lookups"]
    hist = live.last_json(seen["hist"])
    trigger = live.trigger_rows(seen["trigger"])
    lost = hist["lost"]

    def kvmscope(**where):
        return live.events(hist["rows"], **where)

    for number, outcome in live.OUTCOMES.items():
        tap.equal((kvmscope(vcpu=NO_VCPU, outcome=outcome),
                   live.total(trigger, vcpu_id=NO_VCPU, outcome=number)),
                  (guest[outcome], guest[outcome]),
                  f"{outcome}: kvmscope and the trigger count what the guest did")
    tap.equal(kvmscope(vcpu=NO_VCPU), guest["total"], "all of the guest's lookups are counted")
    tap.equal(kvmscope(), live.total(trigger),
              "with those of the vCPU, kvmscope and the trigger agree")
    tap.equal(live.dumped(json.loads(seen["bpftool"])), kvmscope(),
              "bpftool's dump of the map has the same sum")
    tap.equal({name: lost[name] for name in lost if lost[name]}, {}, "nothing was lost")
    tap.finish()


if __name__ == "__main__":
    main()
