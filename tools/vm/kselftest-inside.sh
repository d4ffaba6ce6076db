#!/bin/sh
# Runs inside the VM: the KVM selftests listed in a file, as nested KTAP.
# usage: kselftest-inside.sh DIRECTORY LIST; a line of LIST: SECONDS PATH ARGS…
# tools/vm/kselftest reads the output; its format is that of the kernel's
# tools/testing/selftests/kselftest/runner.sh, subtests indented.

directory=$1
list=$2
ksft_skip=4

echo 'KTAP version 1'
echo "1..$(wc -l <"$list")"

number=0
while read -r seconds test; do
	number=$((number + 1))
	echo "# selftests: kvm: $test (timeout ${seconds} s)"
	# Word splitting of $test is wanted: the path and its arguments. The whole
	# path: a selftest opens its own file by the name it was called.
	{
		# shellcheck disable=SC2086
		timeout -k 5 "$seconds" "$directory"/$test 2>&1 </dev/null
		echo $? >/tmp/kselftest-status
	} | sed -u 's/^/  /'
	status=$(cat /tmp/kselftest-status)
	case $status in
	0) echo "ok $number $test" ;;
	"$ksft_skip") echo "ok $number $test # SKIP" ;;
	124 | 137) echo "not ok $number $test # TIMEOUT $seconds seconds" ;;
	*) echo "not ok $number $test # exit=$status" ;;
	esac
done <"$list"
