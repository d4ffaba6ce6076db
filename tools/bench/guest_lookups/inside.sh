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
# A guest that gets stuck, see guest_is_stuck, does not count: another one is started.
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

# How often a guest may get stuck, see guest_is_stuck.
attempts=5

# print_hist PHASE: end it, and print what it measured.
print_hist()
{
	end_hist
	printf '{"dimms":%d,"index":"%s","run":%d,"nr":%d,"phase":"%s","attempt":%d}\t' \
		"$dimms" "$index" "$run" "$nr" "$1" "$attempt" || die "cannot print phase $1"
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

# wait_until COMMAND succeeds, or fail if the guest is stuck.
wait_until()
{
	until "$@"; do
		check_guest "$index"
		! guest_is_stuck "$index" "$guest_pid" || return 1
		sleep 0.1
	done
}

give_up_guest()
{
	kill -KILL "$guest_pid" "$hist_pid" 2>/dev/null || :
	wait "$guest_pid" "$hist_pid" || :
	say "guest $index got stuck: starting another one"
}

# measure_guest_once: fails if the guest got stuck. What else fails must die by itself:
# until turns set -e off in here.
measure_guest_once()
{
	start_hist --by vm,index,outcome
	start_guest "$index" "$index"
	wait_until guest_is_ready || return 1
	print_hist boot >$share/boot.json || die "cannot write $share/boot.json"
	start_hist --by vm,index,outcome
	wait_until guest_has_ended || return 1
	end_guest "$index" "$guest_pid"
	cat $share/boot.json || die "cannot print $share/boot.json"
	print_hist random
}

# measure_guest INDEX NR: NR is 1 for the default's second guest of a run.
measure_guest()
{
	index=$1 nr=$2 attempt=1
	guest_parameters="kvmscope.settle=$settle kvmscope.rounds=$rounds kvmscope.pages=$pages"
	guest_parameters="$guest_parameters kvmscope.absent=$absent kvmscope.seed=$run"
	until measure_guest_once; do
		give_up_guest
		rm $share/"$index".*
		attempt=$((attempt + 1))
		[ $attempt -le $attempts ] ||
			die "$attempts guests with index $index got stuck: see docs/vm-runner.md"
	done
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
