#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# memslot_updates' second part inside the VM: instructions that the functions of
# each index take. Started by tools/bench/memslot_updates/run.
#
# usage: calls.sh PROGRAM INDEXES FUNCTIONS SLOTS...; INDEXES and FUNCTIONS are
# separated by commas.
#
# Prints lines of: SLOTS INDEX FUNCTION CALLS INSTRUCTIONS, the latter in total.
set -eu

# shellcheck source=tools/vm/inside/choices.sh
. /usr/lib/kvmscope/choices.sh

program=$1 indexes=$(echo "$2" | tr ',' ' ') functions=$(echo "$3" | tr ',' ' ')
shift 3
parameter=/sys/module/kvm/parameters/memslot_index
tracing=/sys/kernel/tracing

[ -d $tracing/events ] || mount -t tracefs tracefs $tracing
cd $tracing
echo 0 >tracing_on
echo 65536 >buffer_size_kb
for function in $functions; do
	echo "$function" >>set_ftrace_filter
done
echo function_graph >current_tracer

default=$(current_choice $parameter)
for slots; do
	for index in $indexes; do
		echo "$index" >$parameter
		echo >trace
		echo 1 >tracing_on
		"$program" -i "$index" -n "$slots" -r 1 -u 101 >/dev/null
		echo 0 >tracing_on
		# 0)   1.234 us    |  name();
		# Under icount a nanosecond is an instruction.
		awk -v slots="$slots" -v index_name="$index" '
			$3 == "us" && match($0, /kvm_memslot_index_[a-z]+/) {
				name = substr($0, RSTART, RLENGTH)
				calls[name]++
				total[name] += $2 * 1000
			}
			END {
				for (name in calls)
					printf "%d %s %s %d %d\n", slots,
						index_name, name, calls[name], total[name]
			}' trace
	done
done
echo "$default" >$parameter
