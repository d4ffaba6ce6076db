#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# two_vms.py's part inside the VM: the parameter, and VMs under each index at
# the same time.
set -eu
# shellcheck source=selftests/live/measure.sh
. /live/measure.sh

# choose_status NAME: "accepted", or why the parameter refused it.
choose_status()
{
	if echo "$1" | dd of=$parameter 2>/tmp/refused; then
		echo accepted
	else
		cat /tmp/refused
	fi
}

section default cat $parameter
section bogus choose_status nonesuch
section after-bogus cat $parameter
for index in $(all_choices $parameter); do
	choose_index $index
	section "chosen-$index" cat $parameter
done

start_hist --by vm,index,outcome
choose_index linear
start_guest linear --slots 20 --found 100 --absent 300
linear=$guest_vm
choose_index bsearch
start_guest bsearch --slots 30 --found 100 --absent 500
bsearch=$guest_vm
# One that is refused must not change what the next VM gets.
choose_status nonesuch >/dev/null
start_guest bsearch-again --slots 40 --found 100 --absent 700
again=$guest_vm
choose_index rbtree

for vm in "$linear" "$bsearch" "$again"; do
	echo "@@ debugfs-$(cat "$vm/nr_memslots")"
	(cd "$vm" && cat vm_id memslot_index nr_memslots vm_ordinal)
done
section list kvmscope list --json
section list-text kvmscope list

# At once: none waits for another's end.
for guest in linear bsearch bsearch-again; do
	echo >/tmp/$guest.in
done
for guest in linear bsearch bsearch-again; do
	until_true "guest $guest is done" grep -qs '"done"' /tmp/$guest.out
done
end_hist
section hist cat /tmp/hist.json
for guest in linear bsearch bsearch-again; do
	end_guest $guest
done
section list-after kvmscope list --json
