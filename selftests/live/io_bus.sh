#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# io_bus.py's part inside the VM: a guest under each index of the I/O bus, one
# after the other, counted by kvmscope, by the kernel's hist trigger, by bpftool,
# and by the guests themselves.
set -eu
# shellcheck source=selftests/live/measure.sh
. /live/measure.sh

of_io_bus
mount_tracing
section parameter cat $parameter
indexes=$(all_choices $parameter)

echo "@@ vms"
writes=0
for index in $indexes; do
	choose_index "$index"
	# Other numbers for each: a sample under the wrong index must show.
	writes=$((writes + 100))
	start_guest "$index" --devices 200 --seed $writes \
		--pio-claimed $((writes + 1)) --pio-refused $((writes + 2)) --pio-missed $((writes + 3)) \
		--mmio-claimed $((writes + 4)) --mmio-refused $((writes + 5)) \
		--mmio-missed $((writes + 6)) --fast-claimed $((writes + 7))
	echo "$index $guest_id $(cat "$guest_vm/io_bus_index")"
done
section list kvmscope list --json

echo 'hist:keys=vm_id,bus,found:vals=hitcount:size=4096' >$event/trigger
# Of disturbed samples kvmscope adds nothing up.
echo 'hist:keys=vm_id:vals=candidates:size=4096 if disturbed==0' >>$event/trigger
# Named twice, it is still counted once.
start_hist --event memslot,io-bus --event io-bus
for index in $indexes; do
	run_guest "$index"
done
section bpftool-io_bus_lookup bpftool -j map dump name io_bus_lookup
section bpftool-memslot_lookup bpftool -j map dump name memslot_lookup
section trigger cat $event/hist
end_hist
section hist cat /tmp/hist.json
for index in $indexes; do
	section "guest-$index" tail -n 1 "/tmp/$index.out"
	end_guest "$index"
done
