#!/bin/bash
# selftests/run: nothing may pass silently. No VM is needed.
. "${BASH_SOURCE[0]%/*}/lib.sh"

# with_list LINE…: run the one-test list (or several lines).
with_list() {
	printf '%s\n' "$@" >"$scratch/x.list"
	capture env KVMSCOPE_BUILD="$scratch" "$KVMSCOPE_ROOT/selftests/run" --list "$scratch/x.list"
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
	with_list "t | 20 | $3"
	is 1 "$status" && last_line "$1" && has "$out" "$2"
}

passes_with() {
	with_list "t | 20 | $2"
	is 0 "$status" && last_line "$1"
}

timeout_kills_group() {
	with_list "t | 2 | echo 1..1; (sleep 1000; echo never) & echo \$! >$scratch/pid; sleep 1000"
	is 1 "$status" && has "$out" 'killed after 2 s' && has_not "$out" '^ok' &&
		! grep -qs '^State:[[:space:]]*[RSD]' "/proc/$(<"$scratch/pid")/status"
}

all_run_after_a_failure() {
	with_list 'a | 20 | false' "b | 20 | $(prints '1..1\nok 1 fine\n')"
	is 1 "$status" && last_line '1 passed, 1 failed' && has "$out" '^stage x: .*1 passed, 1 failed' &&
		has "$out" 'FAILED a: plan: no plan' && [[ -f $scratch/check/b.log ]]
}

bad_lists() {
	local line
	for line in 'a | 20' 'a | soon | true' 'a b | 20 | true' '| 20 | true'; do
		with_list "$line"
		is 2 "$status" && has "$err" 'x.list:1: expected' || return 1
	done
	with_list 'a | 1 | true' 'a | 1 | true'
	is 2 "$status" && has "$err" 'listed twice'
}

choosing() {
	printf '%s\n' "one | 9 | $(prints '1..1\nok 1 x\n')" 'two | 9 | false' >"$scratch/y.list"
	run=(env KVMSCOPE_BUILD="$scratch" "$KVMSCOPE_ROOT/selftests/run" --list "$scratch/y.list")
	capture "${run[@]}" on
	is 0 "$status" && last_line '1 passed, 0 failed' || return 1
	capture "${run[@]}" two-one
	is 2 "$status" && has "$err" "no test matches 'two-one'; close: .*one"
}

two_jobs() {
	local meet="touch $scratch/\$0; until [[ -e $scratch/a && -e $scratch/b ]]; do sleep 0.1; done"
	printf '%s\n' "a | 20 | bash -c '$meet' a; $(prints '1..1\nok 1\n')" \
		"b | 20 | bash -c '$meet' b; $(prints '1..1\nok 1\n')" >"$scratch/z.list"
	capture env KVMSCOPE_BUILD="$scratch" "$KVMSCOPE_ROOT/selftests/run" --list "$scratch/z.list" --jobs 2
	is 0 "$status" && last_line '2 passed, 0 failed'
}

nested='KTAP version 1\n1..2\n  KTAP version 1\n  1..2\n  ok 1 a\n'

plan 20
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
check 'a failure does not stop the others' all_run_after_a_failure
check 'malformed lists' bad_lists
check 'choosing by name' choosing
check '--jobs 2 runs two at once' two_jobs
finish
