#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Inside the VM: real Linux guests, one lot after the other; each must boot, read its
# memory and power off, none may get stuck. Prints KTAP, a result for each guest.
# Started by guests.
#
# usage: guests.sh COUNT AT_ONCE SECONDS NPT
#
# SECONDS 0: until COUNT guests have run; else lots are started for so long. NPT, 1 or
# 0, is what KVM must say of nested paging.
# guest_cpu and guest_vga from the environment are for guest.sh.
set -eu

count=$1 at_once=$2 seconds=$3 npt=$4
# shellcheck disable=SC2034 # for guest.sh
say_name=guests share=/tmp dimms=4
# shellcheck source=tools/guest/guest.sh
. /guest/guest.sh
# Warnings of the guests' kernel are wanted, though not all that it says; and a CPU
# that hangs shall not go on later as if nothing had been.
guest_parameters="loglevel=5 softlockup_panic=1 kvmscope.rounds=3 kvmscope.pages=20 kvmscope.absent=200"

# A guest takes 8 to 20 seconds on an idle machine.
patience=300

uptime()
{
	cut -d. -f1 /proc/uptime
}

# end_of NAME PID: sets result, empty if the guest did what it should.
end_of()
{
	result=
	until=$(($(uptime) + patience))
	while kill -0 "$2" 2>/dev/null; do
		if guest_is_stuck "$1" "$2"; then
			result="is stuck"
		elif grep -q '^KVM internal error' "$share/$1.emulator"; then
			result="was given up by KVM"
		elif [ "$(uptime)" -gt $until ]; then
			result="did not end in $patience s"
		else
			sleep 0.5
			continue
		fi
		kill -KILL "$2"
	done
	wait "$2" 2>/dev/null || result=${result:-"QEMU failed"}
	[ -n "$result" ] || grep -q '^guest: done' "$share/$1.console" ||
		result="ended too early"
	! grep -qE '\] (WARNING|.*BUG:|Oops|rcu: INFO|INFO: task|general protection|XSAVE consistency)' \
		"$share/$1.console" ||
		result="${result:-found a fault in itself or its CPU}"
}

# report NAME: a line of KTAP, with what the guest said if it failed.
report()
{
	number=$((number + 1))
	if [ -z "$result" ]; then
		echo "ok $number guest $1 booted and read its memory"
		return
	fi
	status=1
	echo "not ok $number guest $1 $result"
	tail -n 30 "$share/$1.console" "$share/$1.emulator" | sed 's/^/# /'
}

another_lot()
{
	if [ "$seconds" -eq 0 ]; then
		[ $number -lt "$count" ]
	else
		[ "$(uptime)" -lt $last_start ]
	fi
}

case $npt$(cat /sys/module/kvm_amd/parameters/npt) in
1Y | 11 | 0N | 00) ;;
*) die "KVM's nested paging is $(cat /sys/module/kvm_amd/parameters/npt), not $npt" ;;
esac
forbid_huge_pages
number=0 status=0
echo "KTAP version 1"
[ "$seconds" -gt 0 ] || echo "1..$count"
last_start=$(($(uptime) + seconds))
index=$(current_choice "$parameter")
while another_lot; do
	lot='' each=0
	while [ $each -lt "$at_once" ] && { [ "$seconds" -gt 0 ] || [ $((number + each)) -lt "$count" ]; }; do
		each=$((each + 1))
		start_guest $((number + each)) "$index"
		lot="$lot $((number + each)):$guest_pid"
	done
	for each in $lot; do
		end_of "${each%:*}" "${each#*:}"
		report "${each%:*}"
		rm -f "$share/${each%:*}".*
	done
done
[ "$seconds" -eq 0 ] || echo "1..$number"
exit $status
