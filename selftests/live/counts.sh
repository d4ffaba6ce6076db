#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# counts.py's part inside the VM: one guest, counted by kvmscope, by the
# kernel's hist trigger, and by the guest itself.
set -eu
# shellcheck source=selftests/live/measure.sh
. /live/measure.sh

mount_tracing
choose_index bsearch
start_guest counted --slots 117 --found 3000 --absent 2000 --seed 7
trigger="hist:keys=vcpu_id,outcome:vals=hitcount,steps:size=2048 if vm_id==$guest_id"
start_hist --vm "$guest_id" --by vcpu,outcome
echo "$trigger" >$event/trigger
run_guest counted
section bpftool bpftool -j map dump name memslot_lookup
section trigger cat $event/hist
end_hist
section hist cat /tmp/hist.json
section guest tail -n 1 /tmp/counted.out
echo "!$trigger" >$event/trigger
end_guest counted
