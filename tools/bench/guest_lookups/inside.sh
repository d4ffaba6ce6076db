#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# guest_lookups' part inside the VM: boots real Linux guests one after the
# other, and counts their gfn lookups while they boot and while they read their
# memory in random order. Started by tools/bench/guest_lookups/run.
#
# usage: inside.sh RUNS ROUNDS PAGES ABSENT INDEXES DIMMS...
#
# INDEXES: a comma-separated list, or all. The index that the kernel uses is
# measured first and once more at the end of every run.
# Prints one line for each guest and phase: JSON of kvmscope hist, with what it
# belongs to as an object before it: {"dimms":…,…}<tab>{"version":1,…}
set -eu

runs=$1 rounds=$2 pages=$3 absent=$4 indexes=$5
shift 5
# shellcheck disable=SC2034 # for guest.sh
say_name=guest_lookups share=/tmp
# shellcheck source=tools/guest/guest.sh
. /guest/guest.sh
# shellcheck source=tools/vm/inside/hist.sh
. /usr/lib/kvmscope/hist.sh

# Virtual seconds between the end of the boot and the first round: enough for
# kvmscope to end one histogram and to start the next.
settle=5

# print_hist PHASE: end it, and print what it measured.
print_hist()
{
	end_hist
	printf '{"dimms":%d,"index":"%s","run":%d,"nr":%d,"phase":"%s"}\t' \
		"$dimms" "$index" "$run" "$nr" "$1" || die "cannot print phase $1"
	tail -n 1 "$hist_json" || die "kvmscope hist left no histogram"
}

guest_has_ended()
{
	! kill -0 "$guest_pid" 2>/dev/null
}

# Stops waiting for a guest that has ended, too: end_guest says then what happened.
guest_is_ready()
{
	grep -qs '^guest: ready' "$share/$index.console" || guest_has_ended
}

# wait_until COMMAND succeeds.
wait_until()
{
	until "$@"; do
		check_guest "$index"
		! guest_is_stuck "$index" "$guest_pid" ||
			die "guest $index is stuck, by the emulator's fault: docs/emulator.md"
		sleep 0.1
	done
}

# measure_guest INDEX NR: NR is 1 for the default's second guest of a run.
measure_guest()
{
	index=$1 nr=$2
	guest_parameters="kvmscope.settle=$settle kvmscope.rounds=$rounds kvmscope.pages=$pages"
	guest_parameters="$guest_parameters kvmscope.absent=$absent kvmscope.seed=$run"
	start_hist --by vm,index,outcome
	start_guest "$index" "$index"
	wait_until guest_is_ready
	print_hist boot >$share/boot.json || die "cannot write $share/boot.json"
	start_hist --by vm,index,outcome
	wait_until guest_has_ended
	end_guest "$index" "$guest_pid"
	cat $share/boot.json || die "cannot print $share/boot.json"
	print_hist random
	rm $share/"$index".*
}

forbid_huge_pages
default=$(current_choice $parameter)
[ "$indexes" != all ] || indexes=$(all_choices $parameter)
run=1
while [ "$run" -le "$runs" ]; do
	for dimms; do
		measure_guest "$default" 0
		for each in $(echo "$indexes" | tr ',' ' '); do
			[ "$each" = "$default" ] || measure_guest "$each" 0
		done
		measure_guest "$default" 1
	done
	run=$((run + 1))
done
echo "$default" >$parameter
