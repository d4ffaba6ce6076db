#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs inside the VM: the KVM selftests listed in a file, as nested KTAP.
# usage: inside/kselftest.sh DIRECTORY LIST REPEAT [MODULE.PARAMETER]
# A line of LIST: SECONDS PATH ARGS…. Each is run again until REPEAT seconds have passed,
# or until it doesn't pass; only the last run is a result. With PARAMETER, the list runs once for each
# choice that the parameter offers. A kernel that has lockdep or kmemleak must have
# nothing to complain about at the end. tools/vm/kselftest reads the output, which
# looks like that of the kernel's tools/testing/selftests/kselftest/runner.sh, with
# what a test prints indented.

# shellcheck source=tools/vm/inside/choices.sh
. /usr/lib/kvmscope/choices.sh

directory=$1
list=$2
repeat=$3
ksft_skip=4
lockdep=/proc/lockdep_stats
kmemleak=/sys/kernel/debug/kmemleak

# Some tests end in the middle of a line, which is no place for their result.
# shellcheck disable=SC1003 # a sed command that ends in a backslash
end_last_line='$a\'

# The results inside of a test are planned once, but are printed in each round.
indentation='  '
[ "$repeat" = 0 ] || indentation='  # '

number=0
result() {
	number=$((number + 1))
	echo "$1 $number $2"
}

# run_test SECONDS TEST: sets status.
run_test() {
	# Word splitting of TEST is wanted: the path and its arguments. The whole
	# path: a selftest opens its own file by the name it was called.
	{
		# shellcheck disable=SC2086
		timeout -k 5 "$1" "$directory"/$2 2>&1 </dev/null
		echo $? >/tmp/kselftest-status
	} | sed -u -e "s/^/$indentation/" -e "$end_last_line"
	status=$(cat /tmp/kselftest-status)
}

uptime_seconds() {
	cut -d . -f 1 /proc/uptime
}

# run_list SUFFIX: every test once, or as often as there is time for.
run_list() {
	while read -r seconds test; do
		echo "# selftests: kvm: $test$1 (timeout ${seconds} s)"
		start=$(uptime_seconds)
		end=$((start + repeat))
		rounds=1
		run_test "$seconds" "$test"
		while [ "$status" = 0 ] && [ "$(uptime_seconds)" -lt $end ]; do
			rounds=$((rounds + 1))
			run_test "$seconds" "$test"
		done
		[ "$repeat" = 0 ] ||
			echo "# $rounds rounds in $(($(uptime_seconds) - start)) seconds"
		case $status in
		0) result ok "$test$1" ;;
		"$ksft_skip") result ok "$test$1 # SKIP" ;;
		124 | 137) result 'not ok' "$test$1 # TIMEOUT $seconds seconds" ;;
		*) result 'not ok' "$test$1 # exit=$status" ;;
		esac
	done <"$list"
}

# Lockdep turns itself off when its tables are full, or when it has reported.
lockdep_still_on() {
	if grep -q 'debug_locks: *1$' "$lockdep"; then
		result ok 'lockdep: still on'
	else
		result 'not ok' 'lockdep: has turned itself off'
	fi
}

# Unloading KVM drops what its modules point to. Young objects are not reported;
# the second scan finds those that the first saw change.
nothing_leaked() {
	for module in kvm_amd kvm_intel kvm; do
		[ ! -d /sys/module/$module ] || modprobe -r $module ||
			{ result 'not ok' "kmemleak: $module cannot be unloaded"; return; }
	done
	sleep 6
	if ! { echo scan >"$kmemleak" && echo scan >"$kmemleak"; }; then
		result 'not ok' 'kmemleak: has turned itself off'
	elif [ "$(wc -c <"$kmemleak")" != 0 ]; then
		sed 's/^/# /' "$kmemleak"
		result 'not ok' 'kmemleak: memory was leaked'
	else
		result ok 'kmemleak: nothing was leaked'
	fi
}

choices=
parameter=
if [ -n "$4" ]; then
	parameter=/sys/module/${4%%.*}/parameters/${4#*.}
	[ ! -e "$parameter" ] || choices=$(all_choices "$parameter")
	[ -n "$choices" ] || { echo "Bail out! $4: no such parameter, or no choices"; exit 1; }
fi

# shellcheck disable=SC2086 # one word for each choice
set -- ${choices:-only}
plan=$(($(wc -l <"$list") * $#))
[ ! -e "$lockdep" ] || plan=$((plan + 1))
[ ! -e "$kmemleak" ] || plan=$((plan + 1))
echo 'KTAP version 1'
echo "1..$plan"

if [ -z "$choices" ]; then
	run_list ''
fi
for choice in $choices; do
	echo "$choice" >"$parameter" || { echo "Bail out! cannot choose $choice"; exit 1; }
	run_list " (${parameter##*/}=$choice)"
done

[ ! -e "$lockdep" ] || lockdep_still_on
[ ! -e "$kmemleak" ] || nothing_leaked
