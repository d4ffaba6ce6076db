#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# selftests/run: nothing may pass silently. No VM is needed.
. "${BASH_SOURCE[0]%/*}/lib.sh"

# list_test NAME TIMEOUT COMMAND [FIELD…]: add a test to the list; list_text TEXT makes
# it of anything. Each run takes the list that is there, as folder x.
list=$scratch/x/tests.cfg
mkdir -p "$scratch/x"

list_test() {
	printf '[%s]\ntimeout = %s\ncommand = %s\n' "$1" "$2" "$3" >>"$list"
	shift 3
	(($# == 0)) || printf '%s\n' "$@" >>"$list"
}

list_text() {
	printf '%s\n' "$@" >"$list"
}

runner() {
	capture env KVMSCOPE_BUILD="$scratch" "$KVMSCOPE_ROOT/selftests/run" --list "$list" "$@"
}

# prints TEXT: a test command that prints TEXT, \n being a newline.
prints() {
	echo "printf '$1'"
}

last_line() {
	is "$1" "$(tail -n 1 "$scratch/out")"
}

# fails_with TOTALS PATTERN COMMAND
fails_with() {
	: >"$list"
	list_test t 20 "$3"
	runner
	is 1 "$status" && last_line "$1" && has "$out" "$2"
}

passes_with() {
	: >"$list"
	list_test t 20 "$2"
	runner
	is 0 "$status" && last_line "$1"
}

timeout_kills_group() {
	: >"$list"
	list_test t 2 "echo 1..1; (sleep 1000; echo never) & echo \$! >$scratch/pid; sleep 1000"
	runner
	is 1 "$status" && has "$out" 'killed after 2 s' && has_not "$out" '^ok' &&
		! grep -qs '^State:[[:space:]]*[RSD]' "/proc/$(<"$scratch/pid")/status"
}

# Out of the test's group, where no signal reaches it: what it says later is missed.
late_output() {
	: >"$list"
	list_test t 20 "echo 1..1; echo ok 1 x; setsid sh -c 'echo \$\$ >$scratch/late; exec sleep 1000' & sleep 1"
	runner --jobs 100000000
	kill "$(<"$scratch/late")"
	is 1 "$status" && last_line '1 passed, 1 failed' && has "$out" "FAILED t: output: a process that left"
}

all_run_after_a_failure() {
	: >"$list"
	list_test a 20 false
	list_test b 20 "$(prints '1..1\nok 1 fine\n')"
	runner
	is 1 "$status" && last_line '1 passed, 1 failed' && has "$out" '^stage x: .*1 passed, 1 failed' &&
		has "$out" 'FAILED a: plan: no plan' && [[ -f $scratch/check/b.log ]]
}

# refused PATTERN LINE…: a list of these lines is refused, and the message names it.
refused() {
	local pattern=$1
	shift
	list_text "$@"
	runner
	is 2 "$status" && has "$err" "x/tests.cfg: .*$pattern" && is 1 "$(wc -l <"$scratch/err")"
}

bad_lists() {
	refused '\[t\]: no command' '[t]' 'timeout = 1' &&
		refused '\[t\]: timeout must be' '[t]' 'command = true' 'timeout = soon' &&
		refused '\[t\]: timeout must be' '[t]' 'command = true' &&
		refused '\[a b\]: a name has' '[a b]' 'command = true' 'timeout = 1' &&
		refused 'no section headers' 'command = true' &&
		refused "'t' already exists" '[t]' '[t]' &&
		refused "unknown field 'comand'" '[t]' 'comand = true' &&
		refused "unknown kernel 'fast'; there are .*queue" '[t]' 'command = true' 'timeout = 1' 'kernels = fast' &&
		refused "unknown need 'sun'" '[t]' 'command = true' 'timeout = 1' 'needs = sun' &&
		refused "unknown group 'chekc'" '[t]' 'command = true' 'timeout = 1' 'groups = chekc' &&
		refused 'no group: it would never run' '[t]' 'command = true' 'timeout = 1' 'groups =' &&
		refused 'timeout must be' '[t]' 'command = true' 'timeout = 1000000000' &&
		refused '100 at most' "[$(printf 'a%.0s' {1..101})]" 'command = true' 'timeout = 1' &&
		refused 'more than 1000 tests' '[{a}{b}]' 'command = true' 'timeout = 1' \
			"a = $(seq -s ' ' 40)" "b = $(seq -s ' ' 40)" &&
		refused '\{build\}: no parameter' '[t-{build}]' 'command = true' 'timeout = 1' 'build = x' &&
		refused '\{nonesuch\}: no parameter' '[t-{nonesuch}]' 'command = true' 'timeout = 1' || return 1
	: >"$list"
	list_test 'a-{x}' 1 true 'x = b b'
	runner
	is 2 "$status" && has "$err" 'a-b is listed twice' || return 1
	: >"$list"
	runner
	is 2 "$status" && has "$err" 'no tests in .*tests.cfg' || return 1
	rm "$list"
	runner
	is 2 "$status" && has "$err" 'No such file'
}

# products: a test for each combination, in command and fields, and {build} known.
products() {
	: >"$list"
	list_test '{a}-{npt}' 9 'echo {a} {npt} {build} {other}' 'a = x y'
	runner --names
	is 0 "$status" && is "$(printf '%s\n' "x-1: echo x 1 $scratch {other}" "x-0: echo x 0 $scratch {other}" \
		"y-1: echo y 1 $scratch {other}" "y-0: echo y 0 $scratch {other}")" "${out%$'\n'}"
}

choosing() {
	: >"$list"
	list_test one 9 "$(prints '1..1\nok 1 x\n')"
	list_test two 9 false
	list_test slow 9 "$(prints '1..2\nok 1 x\nok 2 y\n')" 'groups = full'
	runner on
	is 0 "$status" && last_line '1 passed, 0 failed' || return 1
	runner two-one
	is 2 "$status" && has "$err" "no test of group check matches 'two-one'; close: .*one" || return 1
	runner slow
	is 2 "$status" && has "$err" "'slow' matches only tests of group full, as slow; .*make check-full" || return 1
	runner --group full
	is 0 "$status" && last_line '2 passed, 0 failed' || return 1
	runner --group nonesuch
	is 2 "$status" && has "$err" "no test is in group 'nonesuch'; there are check, full"
}

# Patterns in one word, as make hands them over: split, quotes removed, not expanded.
words() {
	: >"$list"
	list_test one 9 true
	list_test two 9 true
	list_test wool 9 true
	touch "$scratch/worn"
	cd "$scratch" && runner --names --words "'w*' one" && cd "$OLDPWD" &&
		is $'one: true\nwool: true\n' "$out" || return 1
	runner --words "'w"
	is 2 "$status" && has "$err" "No closing quotation"
}

needs() {
	: >"$list"
	list_test one 9 true 'kernels = queue stock' 'needs = kvmscope kselftest'
	list_test three 9 true 'needs = kvmscope'
	list_test two 9 true
	runner --needs two
	is 0 "$status" && is $'setup\n' "$out" || return 1
	runner --needs
	is 'setup kernel-stock kernel-queue kselftest-stock kselftest-queue qemu kvmscope' "${out%$'\n'}" || return 1
	QEMU=/another/qemu runner --needs
	is 'setup kernel-stock kernel-queue kselftest-stock kselftest-queue kvmscope' "${out%$'\n'}" || return 1
	runner one
	is 2 "$status" && has "$err" "one needs what is not built; run 'make kernel-queue'" || return 1
	runner three
	is 2 "$status" && has "$err" "three needs what is not built; run 'make kvmscope'"
}

two_jobs() {
	local meet="touch $scratch/\$0; until [[ -e $scratch/a && -e $scratch/b ]]; do sleep 0.1; done"
	: >"$list"
	list_test a 20 "bash -c '$meet' a; $(prints '1..1\nok 1\n')"
	list_test b 20 "bash -c '$meet' b; $(prints '1..1\nok 1\n')"
	runner --jobs 2
	is 0 "$status" && last_line '2 passed, 0 failed'
}

nested='KTAP version 1\n1..2\n  KTAP version 1\n  1..2\n  ok 1 a\n'

plan 24
check 'a result' passes_with '1 passed, 0 failed' "$(prints '1..1\nok 1 fine\n')"
check 'a failed result' fails_with '0 passed, 1 failed' 'FAILED t: bad$' "$(prints '1..1\nnot ok 1 bad\n'); exit 1"
check 'a failed result with exit status 0' fails_with '1 passed, 1 failed' 'FAILED t: bad$' \
	"$(prints '1..2\nnot ok 1 bad\nok 2\n')"
check 'no plan' fails_with '1 passed, 1 failed' 'no plan' "$(prints 'ok 1 fine\n')"
check 'no output' fails_with '0 passed, 1 failed' 'no plan' true
check 'too few results' fails_with '1 passed, 1 failed' '2 results were planned, 1 were printed' \
	"$(prints '1..2\nok 1 fine\n')"
check 'too many results' fails_with '2 passed, 1 failed' '1 results were planned, 2 were printed' \
	"$(prints '1..1\nok 1 fine\nok 2 more\n')"
check 'exit status without a failed result' fails_with '1 passed, 1 failed' 'exit status: 3' \
	"$(prints '1..1\nok 1 fine\n'); exit 3"
check 'killed by a signal' fails_with '1 passed, 1 failed' 'exit status: 137' \
	"$(prints '1..1\nok 1 fine\n'); kill -9 \$\$"
check 'missing program' fails_with '0 passed, 1 failed' 'nonesuch: No such file' ./nonesuch
check 'Bail out!' fails_with '1 passed, 1 failed' 'Bail out! lost' "$(prints '1..1\nok 1 fine\nBail out! lost\n')"
check 'skipped is not passed' fails_with '0 passed, 0 failed, 1 skipped' 'skipped: x' \
	"$(prints '1..1\nok 1 x # SKIP no need\n')"
check 'subtests are counted singly' passes_with '2 passed, 0 failed, 1 skipped' \
	"$(prints "$nested"'  ok 2 b # SKIP\nok 1 p\nok 2 q\n')"
check 'a failed subtest' fails_with '2 passed, 1 failed' 'FAILED t: p: b$' \
	"$(prints "$nested"'  not ok 2 b\nnot ok 1 p\nok 2 q\n'); exit 1"
check 'a missing subtest' fails_with '2 passed, 1 failed' 'FAILED t: p: plan: 2 results' \
	"$(prints "$nested"'ok 1 p\nok 2 q\n')"
check 'timeout: the whole process group is killed' timeout_kills_group
check 'output that is still held fails' late_output
check 'a failure does not stop the others' all_run_after_a_failure
check 'malformed lists' bad_lists
check 'choosing by name and group' choosing
check 'patterns in one word' words
check 'a product of values is a test for each' products
check 'what tests need is known, and missed' needs
check '--jobs 2 runs two at once' two_jobs
finish
