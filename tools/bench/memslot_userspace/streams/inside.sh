#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# streams' part inside the VM: boots one Linux guest and writes what KVM looks up
# for it to /mnt/share. Started by tools/bench/memslot_userspace/streams/record.
#
# usage: inside.sh NAME PHASE DIMMS INITRAMFS PARAMETER...
#
# PHASE is boot, from the start of QEMU until the guest says that it is ready, or
# work, from then on until it ends.
# Writes NAME.trace, the events, and NAME.memslots, QEMU's trace of its memslots.
set -eu

name=$1 phase=$2 dimms=$3 initramfs=$4
shift 4
# shellcheck disable=SC2034 # for guest.sh
say_name=streams share=/mnt/share guest_parameters=$*
# shellcheck source=tools/guest/guest.sh
. /guest/guest.sh

tracing=/sys/kernel/tracing
event=$tracing/events/kvm/kvm_memslot_lookup

guest_says()
{
	grep -qs "^guest: $1" "$share/$name.console"
}

# wait_for SAYING
wait_for()
{
	until guest_says "$1"; do
		check_guest "$name"
		! guest_says FAILED || die "see $name.console"
		kill -0 "$guest_pid" 2>/dev/null || guest_says "$1" ||
			die "QEMU ended: see $name.emulator"
		sleep 0.2
	done
}

forbid_huge_pages
mkdir -p /tmp/guest
echo 200000 >$tracing/buffer_size_kb
echo 0 >$tracing/options/overwrite
[ "$phase" != boot ] || echo 1 >$event/enable

# shellcheck disable=SC2046 # the options are words
qemu-system-x86_64 -name "$name" -accel kvm -cpu qemu64 \
	-machine pc,hpet=off,usb=off,vmport=off -nodefaults -no-user-config -no-reboot \
	-vga none -display none -m 512M,slots=128,maxmem=32G $(dimm_options) \
	-virtfs local,path=/tmp/guest,mount_tag=share,security_model=none \
	--trace kvm_set_user_memory -kernel /guest/bzImage -initrd "$initramfs" \
	-append "console=ttyS0 quiet panic=-1 memhp_default_state=online_movable kvmscope.dimms=$dimms $guest_parameters" \
	-serial "file:$share/$name.console" >"$share/$name.emulator" 2>&1 </dev/null &
guest_pid=$!

wait_for ready
if [ "$phase" = boot ]; then
	echo 0 >$event/enable
	grep kvm_set_user_memory "$share/$name.emulator" >"$share/$name.memslots"
	kill $guest_pid
	wait $guest_pid || :
else
	grep kvm_set_user_memory "$share/$name.emulator" >"$share/$name.memslots"
	echo 1 >$event/enable
	wait_for "done"
	echo 0 >$event/enable
	wait $guest_pid || die "QEMU failed: see $name.emulator"
fi
# Only what the stream needs: a line of trace is ten times as long.
sed -n 's/.*kvm_memslot_lookup: vm \([0-9]*\) .*vcpu \([-0-9]*\) gfn 0x\([0-9a-f]*\) .* slots \([0-9]*\) .*/\1 \2 \3 \4/p' \
	$tracing/trace >"$share/$name.trace"
