#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tools/vm/kselftest: stock KVM passes, skipped is not passed, one test's
# timeout spares the others.
. "${BASH_SOURCE[0]%/*}/lib.sh"

kselftest() {
	capture "$KVMSCOPE_ROOT/tools/vm/kselftest" --variant "$variant" "$@"
}

stock_passes() {
	kselftest "$@" set_memory_region_test coalesced_io_test
	is 0 "$status" && has "$out" '^1\.\.2$' && has "$out" '^ok 1 set_memory_region_test$' &&
		has "$out" '^ok 2 coalesced_io_test$' && has "$err" '^2 passed, 0 failed$'
}

# Emulated CPUs have no AMX, so that this test skips itself, with exit status 4.
skipped() {
	kselftest x86/amx_test
	is 1 "$status" && has "$out" '^ok 1 x86/amx_test # SKIP' &&
		has "$err" '^0 passed, 0 failed, 1 skipped$'
}

mixed() {
	kselftest --each 20 'memslot_perf_test -l 1000' kvm/fix_hypercall_test 'memslot_perf_test -Z'
	is 1 "$status" && has "$out" '^not ok 1 memslot_perf_test -l 1000 # TIMEOUT 20 seconds' &&
		has "$out" '^  ok 2 fix_hypercall' && has "$out" '^ok 2 x86/fix_hypercall_test' &&
		has "$out" '^not ok 3 memslot_perf_test -Z # exit=' &&
		has "$err" '^2 passed, 2 failed$'
}

repeated() {
	kselftest --repeat 5 x86/fix_hypercall_test
	is 0 "$status" && has "$out" '^# [0-9]+ rounds in [0-9]+ seconds$' &&
		has "$out" '^ok 1 x86/fix_hypercall_test$' && has "$err" '^1 passed, 0 failed$'
}

plan 5
check 'set_memory_region_test and coalesced_io_test' stock_passes
check 'the same with shadow paging' stock_passes --append kvm_amd.npt=0
check 'a test that skips itself is skipped' skipped
check 'a timeout, subtests and a failure in one run' mixed
check 'a test is repeated, and is one result' repeated
finish
