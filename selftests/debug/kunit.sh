#!/bin/bash
# KUnit's tests of the memslot indexes, on the debug kernel: loading the module
# runs them, debugfs has the KTAP, which selftests/run judges. Exit status: that of
# the VM, 126 for a splat.
set -euo pipefail

cd "${BASH_SOURCE[0]%/*}/../.."

exec tools/vm/run --variant debug --quiet --mem 2G --timeout 840 -- sh -euc '
	modprobe kvm_memslot_index_kunit
	results=/sys/kernel/debug/kunit/kvm-memslot-index/results
	cat $results
	rmmod kvm_memslot_index_kunit
'
