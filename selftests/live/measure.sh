# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# measure.sh: what the live tests' parts inside the VM share. Source it.
#
# Everything a test wants to know is printed as a section: a line "@@ NAME",
# then what a command said. The host's half (live.py) does the arithmetic.

# shellcheck source=tools/vm/inside/choices.sh
. /usr/lib/kvmscope/choices.sh
# shellcheck source=tools/vm/inside/hist.sh
. /usr/lib/kvmscope/hist.sh

vms=/sys/kernel/debug/kvm

# What is measured: set for gfn lookups, changed by of_io_bus and of_mmu_sync.
parameter=/sys/module/kvm/parameters/memslot_index
event=/sys/kernel/tracing/events/kvm/kvm_memslot_lookup
guest_program=memslot_guest

of_io_bus()
{
	parameter=/sys/module/kvm/parameters/io_bus_index
	# shellcheck disable=SC2034 # for those who source this file
	event=/sys/kernel/tracing/events/kvm/kvm_io_bus_lookup
	guest_program=io_bus_guest
}

of_mmu_sync()
{
	parameter=/sys/module/kvm/parameters/mmu_unsync
	# shellcheck disable=SC2034 # for those who source this file
	event=/sys/kernel/tracing/events/kvm/kvm_mmu_sync
	guest_program=mmu_sync_guest
}

section()
{
	echo "@@ $1"
	shift
	"$@"
}

die()
{
	echo "measure.sh: $*" >&2
	exit 1
}

# until_true WHAT COMMAND…: repeat COMMAND until it succeeds.
until_true()
{
	what=$1
	shift
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || die "$what: not after a minute"
		sleep 0.1
	done
}

mount_tracing()
{
	[ -d /sys/kernel/tracing/events ] ||
		mount -t tracefs tracefs /sys/kernel/tracing ||
		die "cannot mount tracefs"
}

choose_index()
{
	echo "$1" >$parameter || die "cannot choose the index $1"
}

# start_guest NAME ARGUMENT…: a $guest_program that waits before its lookups.
# Sets guest_vm to its debugfs directory and guest_id to its VM id.
start_guest()
{
	guest=$1
	shift
	mkfifo "/tmp/$guest.in"
	"$guest_program" --wait "$@" <"/tmp/$guest.in" >"/tmp/$guest.out" &
	guest_pid=$!
	# Kept open: the guest reads one line before and one after its lookups.
	sleep 1000 >"/tmp/$guest.in" &
	echo $! >"/tmp/$guest.holder"
	until_true "guest $guest is ready" grep -qs '"ready"' "/tmp/$guest.out"
	guest_vm=$(echo $vms/$guest_pid-*)
	# shellcheck disable=SC2034 # for those who source this file
	guest_id=$(cat "$guest_vm/vm_id")
	echo $guest_pid >"/tmp/$guest.pid"
}

run_guest()
{
	echo >"/tmp/$1.in"
	until_true "guest $1 is done" grep -qs '"done"' "/tmp/$1.out"
}

end_guest()
{
	echo >"/tmp/$1.in"
	wait "$(cat "/tmp/$1.pid")" || die "guest $1 failed"
	kill "$(cat "/tmp/$1.holder")"
}
