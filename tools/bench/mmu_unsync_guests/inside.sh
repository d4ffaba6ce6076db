#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# mmu_unsync_guests' part inside the VM: boots real Linux guests one after the other,
# in turn of each mode of kvm.mmu_unsync, and counts what KVM does about their unsync
# shadow pages until they power off. Started by tools/bench/mmu_unsync_guests/run.
#
# usage: inside.sh RUNS PARAMETER...
#
# PARAMETERS are those of the guests' kernel, for guest.c. The mode that the kernel uses
# is measured first and once more at the end of every run.
# Prints for each guest:
#   guest mode MODE nr 0|1 run N        nr is 1 for the second guest of a run
#   instructions N                      of QEMU and the guest
#   stat NAME N                         of the VM, from debugfs
#   hist EVENT { KEY: N … }             buckets of the trigger on a tracepoint
set -eu

runs=$1
shift
# shellcheck disable=SC2034 # for guest.sh
say_name=mmu_unsync_guests share=/tmp dimms=0
# With addresses drawn at random, guests would differ in how often they share a page table.
guest_parameters="nokaslr norandmaps $*"
# shellcheck source=tools/guest/guest.sh
. /guest/guest.sh
parameter=/sys/module/kvm/parameters/mmu_unsync
events=/sys/kernel/tracing/events

# shellcheck disable=SC2034 # for guest.sh
guest_initrd=/tmp/guest.cpio guest_cpu=host guest_cgroup=/sys/fs/cgroup/guest
# It stays, stopped, until its statistics have been read.
# shellcheck disable=SC2034 # for guest.sh
guest_options=-no-shutdown

stats="mmu_unsync mmu_shadow_zapped mmu_pte_write mmu_cache_miss mmu_recycled
remote_tlb_flush remote_tlb_flush_requests pf_taken pf_fixed pf_emulate pf_guest tlb_flush"
sync=$events/kvm/kvm_mmu_sync
unsync=$events/kvmmmu/kvm_mmu_unsync_page
# A trigger takes two values beside the number of hits.
triggers="$sync hist:keys=cause:vals=synced,visited
$sync hist:keys=cause:vals=write_protected,remote_flushes
$sync hist:keys=cause:vals=roots_freed,cycles
$unsync hist:keys=unsync"

# The guests' initramfs: init, and for those that run KVM its modules in the order in
# which to load them, and a test.
make_initramfs()
{
	mkdir -p /tmp/initramfs
	cp /guest/init /tmp/initramfs/init
	: >/tmp/initramfs/modules
	for module in virt/lib/irqbypass arch/x86/kvm/kvm arch/x86/kvm/kvm-amd; do
		cp "/usr/lib/modules/$(uname -r)/kernel/$module.ko" /tmp/initramfs
		echo "/${module##*/}.ko" >>/tmp/initramfs/modules
	done
	[ ! -e /guest/test ] || cp /guest/test /tmp/initramfs/test
	(cd /tmp/initramfs && find . | cpio -o -H newc 2>/dev/null) >$guest_initrd
}

# each_trigger PREFIX: write them, each with PREFIX before it: ! removes one. To open the
# file with > would remove all.
each_trigger()
{
	echo "$triggers" | while read -r event trigger; do
		echo "$1$trigger" >>"$event/trigger" || die "no trigger on ${event##*/}"
	done
}

print_histograms()
{
	for event in $sync $unsync; do
		sed -n "s/^{/hist ${event##*/} {/p; s/^ *Dropped: */dropped /p" "$event/hist"
	done
}

print_stats()
{
	for stat in $stats; do
		printf 'stat %s ' "$stat"
		cat "$vms/$guest_pid"-*/"$stat" || die "the VM has no statistic $stat"
	done
}

guest_has_ended()
{
	grep -qs -e 'Power down' -e 'Kernel panic' "$share/$name.console" ||
		! kill -0 "$guest_pid" 2>/dev/null
}

# measure_guest MODE NR: NR is 1 for the default's second guest of a run.
measure_guest()
{
	name=$1
	mkdir $guest_cgroup
	each_trigger ''
	start_guest "$name" "$1"
	until guest_has_ended; do
		check_guest "$name"
		! guest_is_stuck "$name" "$guest_pid" ||
			die "guest $name is stuck, by the emulator's fault: docs/emulator.md"
		sleep 1
	done
	grep -q '^guest: done' "$share/$name.console" ||
		die "guest $name failed: $(grep -a '[^[:space:]]' "$share/$name.console" | tail -n 3)"
	# The last access of the guest is the one that powers it off.
	sleep 1
	echo "guest mode $1 nr $2 run $run"
	echo "instructions $(sed -n 's/^usage_usec //p' $guest_cgroup/cpu.stat)000"
	print_stats
	print_histograms
	each_trigger '!'
	kill "$guest_pid"
	wait "$guest_pid" || :
	rmdir $guest_cgroup
	rm "$share/$name".*
}

make_initramfs
forbid_huge_pages
default=$(current_choice $parameter)
run=1
while [ "$run" -le "$runs" ]; do
	measure_guest "$default" 0
	for each in $(all_choices $parameter); do
		[ "$each" = "$default" ] || measure_guest "$each" 0
	done
	measure_guest "$default" 1
	run=$((run + 1))
done
echo "$default" >$parameter
