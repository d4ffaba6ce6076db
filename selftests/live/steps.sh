#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# steps.py's part inside the VM: four guests one after another, linear and
# bsearch with 13 and with 117 memslots, all watched by one kvmscope and one
# hist trigger.
set -eu
# shellcheck source=selftests/live/measure.sh
. /live/measure.sh

mount_tracing
echo "@@ vms"
for index in linear bsearch; do
	for slots in 13 117; do
		choose_index $index
		start_guest $index-$slots --slots $slots --found 1000 --absent 1000
		echo "$index $slots $guest_id"
	done
done
trigger='hist:keys=vm_id,outcome,steps:vals=hitcount:size=4096 if vcpu_id==-1'
echo "$trigger" >$event/trigger
start_hist --by vm,vcpu,index,outcome
for guest in linear-13 bsearch-13 linear-117 bsearch-117; do
	run_guest $guest
done
section trigger cat $event/hist
end_hist
section hist cat /tmp/hist.json
for guest in linear-13 bsearch-13 linear-117 bsearch-117; do
	end_guest $guest
done
