# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154 # the variables named below
# guest.sh: start and end a real Linux guest inside the outer VM. Source it.
#
# Set before: share, the directory for NAME.console and NAME.emulator; dimms;
# guest_parameters, more kernel parameters of the guest; if they are to be others than
# below, guest_cpu, guest_vga and guest_initrd, what QEMU's -cpu, -vga and -initrd get;
# guest_options, more options of QEMU; guest_cgroup, a cgroup for QEMU.
# Expects /guest/bzImage and /guest/guest.cpio, as in the VM of tools/guest/vm.

# shellcheck source=tools/vm/inside/choices.sh
. /usr/lib/kvmscope/choices.sh

parameter=/sys/module/kvm/parameters/memslot_index
vms=/sys/kernel/debug/kvm

say()
{
	echo "$say_name: $*" >&2
}

die()
{
	say "FAILED: $*"
	exit 1
}

# With huge pages one page fault, and so one lookup, would map 2 MiB.
forbid_huge_pages()
{
	echo never >/sys/kernel/mm/transparent_hugepage/enabled
}

# A DIMM is a memslot of its own once the guest has it online.
dimm_options()
{
	dimm=0
	while [ $dimm -lt "$dimms" ]; do
		echo "-object memory-backend-ram,id=m$dimm,size=128M,reserve=off"
		echo "-device pc-dimm,id=d$dimm,memdev=m$dimm"
		dimm=$((dimm + 1))
	done
}

boot_guest()
{
	parameters="console=ttyS0 quiet panic=-1 memhp_default_state=online_movable"
	parameters="$parameters kvmscope.dimms=$dimms $guest_parameters"
	[ -z "${guest_cgroup:-}" ] || echo 0 >"$guest_cgroup/cgroup.procs"
	# shellcheck disable=SC2046,SC2086 # the options are words
	exec qemu-system-x86_64 -name "$1" -accel kvm -cpu "${guest_cpu:-qemu64}" \
		-machine pc,hpet=off,usb=off,vmport=off -nodefaults \
		-no-user-config -no-reboot -vga "${guest_vga:-none}" -display none \
		-m 512M,slots=128,maxmem=32G $(dimm_options) \
		-kernel /guest/bzImage -initrd "${guest_initrd:-/guest/guest.cpio}" \
		-append "$parameters" -serial "file:$share/$1.console" ${guest_options:-} \
		>"$share/$1.emulator" 2>&1 </dev/null
}

vm_exists()
{
	set -- "$vms/$1"-*
	[ -e "$1/memslot_index" ]
}

# start_guest NAME INDEX: sets guest_pid.
start_guest()
{
	echo "$2" >$parameter || die "this kernel has no memslot index '$2'"
	boot_guest "$1" &
	guest_pid=$!
	tries=0
	until vm_exists $guest_pid; do
		tries=$((tries + 1))
		if [ $tries -gt 300 ] || ! kill -0 $guest_pid 2>/dev/null; then
			die "QEMU made no VM for guest $1: see $1.emulator"
		fi
		sleep 0.2
	done
	say "guest $1 runs: VM $(cat $vms/$guest_pid-*/vm_id), index $(cat $vms/$guest_pid-*/memslot_index)"
}

# check_guest NAME: a guest that QEMU stopped, as KVM could not go on, would stay
# forever.
check_guest()
{
	! grep -q '^KVM internal error' "$share/$1.emulator" ||
		die "KVM gave up guest $1: see $1.emulator"
}

# guest_is_stuck NAME PID: has the guest been interrupted 100 times since it last
# did anything that KVM knows of, taking an interrupt of its own included? A CPU
# that works takes one with each of its timer's ticks; this one spins for a lock
# that it holds itself, which is the emulator's fault: docs/emulator.md.
guest_is_stuck()
{
	seen=/tmp/$1.progress
	# shellcheck disable=SC2046 # the numbers are words
	set -- $(cd "$vms/$2"-* 2>/dev/null && cat irq_exits irq_injections \
		halt_exits io_exits mmio_exits pf_taken hypercalls 2>/dev/null)
	# It has ended.
	[ $# -eq 7 ] || return 1

	interrupted=$1
	shift
	if read -r since before 2>/dev/null <"$seen" && [ "$before" = "$*" ]; then
		[ $((interrupted - since)) -ge 100 ]
		return
	fi
	echo "$interrupted $*" >"$seen"
	return 1
}

# end_guest NAME PID
end_guest()
{
	while kill -0 "$2" 2>/dev/null; do
		check_guest "$1"
		sleep 0.2
	done
	wait "$2" || die "QEMU of guest $1 failed: see $1.emulator"
	grep -q '^guest: done' "$share/$1.console" ||
		die "guest $1 ended too early: see $1.console"
}
