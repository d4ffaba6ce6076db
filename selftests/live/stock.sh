#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# stock.py's part inside the VM: what kvmscope says on a kernel without patches.
set -u
# shellcheck source=selftests/live/measure.sh
. /live/measure.sh

# Its standard input stays open and silent: it waits, so that there is a VM.
sleep 1000 | memslot_guest --wait --found 1 >/tmp/guest.out &
until_true "the guest is ready" grep -qs '"ready"' /tmp/guest.out

for command in 'hist --duration 1' 'hist --json --duration 1' 'hist --event io-bus' \
	'hist --event mmu-sync' 'list'; do
	# shellcheck disable=SC2086 # words
	kvmscope $command >/tmp/out 2>/tmp/err
	echo $? >/tmp/status
	for what in status out err; do
		section "$command: $what" cat /tmp/$what
	done
done
