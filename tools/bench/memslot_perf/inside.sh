#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# memslot_perf's part inside the VM. Started by tools/bench/memslot_perf/run.
#
# usage: inside.sh PROGRAM RUNS INDEXES TESTS MAX_MAP_SLOTS SLOTS...
#
# INDEXES: separated by commas, or all. Prints what PROGRAM prints, each run after
# a line: @ SLOTS TEST INDEX NR; NR is 1 for the default index's second run.
set -eu

# shellcheck source=tools/vm/inside/choices.sh
. /usr/lib/kvmscope/choices.sh

program=$1 runs=$2 indexes=$3 tests=$4 max_map_slots=$5
shift 5
parameter=/sys/module/kvm/parameters/memslot_index
map=0

default=$(current_choice $parameter)
[ "$indexes" != all ] || indexes=$(all_choices $parameter)

# one_run SLOTS TEST INDEX NR
one_run()
{
	echo "@ $*"
	cap=$1
	[ "$2" != $map ] || [ "$cap" -le "$max_map_slots" ] || cap=$max_map_slots
	# -t: seconds to wait for the other thread
	"$program" -i "$3" -s "$cap" -f "$2" -e "$2" -l 1 -t 60
}

run=0
while [ $run -lt "$runs" ]; do
	for slots; do
		test=0
		while [ $test -lt "$tests" ]; do
			one_run "$slots" $test "$default" 0
			for index in $(echo "$indexes" | tr ',' ' '); do
				[ "$index" = "$default" ] || one_run "$slots" $test "$index" 0
			done
			one_run "$slots" $test "$default" 1
			test=$((test + 1))
		done
	done
	run=$((run + 1))
done
