#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# mmu_sync.py's part inside the VM: a guest in each mode of unsync shadow pages, one
# after the other, counted by kvmscope, by the kernel's hist trigger, by bpftool, and
# by the guests themselves.
set -eu
# shellcheck source=selftests/live/measure.sh
. /live/measure.sh

of_mmu_sync
mount_tracing
section parameter cat $parameter
modes=$(all_choices $parameter)

echo "@@ vms"
times=0
tables=8
for mode in $modes; do
	choose_index "$mode"
	# Other numbers for each: a sample under the wrong mode must show.
	times=$((times + 20))
	tables=$((tables + 1))
	start_guest "$mode" --tables $tables --seed $times \
		--flush $((times + 1)) --switch $((times + 2)) --relink $((times + 3))
	echo "$mode $guest_id $(cat "$guest_vm/mmu_unsync_mode")"
done
section list kvmscope list --json

echo 'hist:keys=vm_id,cause,synced:vals=hitcount:size=4096' >$event/trigger
# Of disturbed samples kvmscope adds nothing up.
echo 'hist:keys=vm_id:vals=synced:size=4096 if disturbed==0' >>$event/trigger
start_hist --event mmu-sync
for mode in $modes; do
	run_guest "$mode"
done
section bpftool bpftool -j map dump name mmu_sync
section trigger cat $event/hist
end_hist
section hist cat /tmp/hist.json
for mode in $modes; do
	section "guest-$mode" tail -n 1 "/tmp/$mode.out"
	end_guest "$mode"
done
