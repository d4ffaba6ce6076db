#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# KUnit's tests of the memslot indexes, on the debug kernel: loading their module
# runs them, debugfs has the KTAP, which selftests/run judges. Exit status: that of
# the VM, 126 for a splat.
set -euo pipefail

cd "${BASH_SOURCE[0]%/*}/../.."

# KUnit does not print a plan for a test with parameters, but counts its results.
add_plans='
	{ indent = match($0, /[^ ]/) - 1 }
	/^ *KTAP version/ { planned[indent] = 0 }
	/^ *1\.\.[0-9]/ { planned[indent] = 1 }
	/^ *# [^ ]*: pass:[0-9]* fail:[0-9]* skip:[0-9]* total:[0-9]*$/ && !planned[indent + 4] {
		printf "%*s1..%d\n", indent + 4, "", substr($NF, 7)
	}
	{ print }
'

tools/vm/run --variant debug --quiet --mem 2G --timeout 840 -- sh -euc '
	modprobe kvm_memslot_index_kunit
	cat /sys/kernel/debug/kunit/kvm-memslot-index/results
	rmmod kvm_memslot_index_kunit
' | awk "$add_plans"
