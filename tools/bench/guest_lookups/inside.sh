#!/bin/sh
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
# shellcheck source=tools/demo/guest.sh
. /demo/guest.sh

# Virtual seconds between the end of the boot and the first round: enough for
# kvmscope to end one histogram and to start the next.
settle=5

# wait_for_line FILE PATTERN [COMMAND…], which is run meanwhile. In virtual
# time, half a minute is ten times what a guest takes to boot.
wait_for_line()
{
	file=$1 pattern=$2
	shift 2
	tries=0
	until grep -qs "$pattern" "$file"; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] || die "no '$pattern' in $file: $(tail -n 3 "$file")"
		"$@"
		sleep 0.1
	done
}

start_hist()
{
	kvmscope hist --json --by vm,index,outcome >$share/hist.json 2>$share/hist.said &
	hist_pid=$!
	wait_for_line $share/hist.said attached
}

# end_hist PHASE
end_hist()
{
	kill -INT $hist_pid
	wait $hist_pid || die "kvmscope hist failed: $(cat $share/hist.said)"
	printf '{"dimms":%d,"index":"%s","run":%d,"nr":%d,"phase":"%s"}\t' \
		"$dimms" "$index" "$run" "$nr" "$1"
	tail -n 1 $share/hist.json
}

# measure_guest INDEX NR: NR is 1 for the default's second guest of a run.
measure_guest()
{
	index=$1 nr=$2
	guest_parameters="kvmscope.settle=$settle kvmscope.rounds=$rounds kvmscope.pages=$pages"
	guest_parameters="$guest_parameters kvmscope.absent=$absent kvmscope.seed=$run"
	start_hist
	start_guest "$index" "$index"
	wait_for_line $share/"$index".console '^guest: ready' check_guest "$index"
	end_hist boot
	start_hist
	end_guest "$index" "$guest_pid"
	end_hist random
	rm $share/"$index".console
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
