// SPDX-License-Identifier: GPL-2.0-only
/*
 * Histograms of KVM's gfn lookups, from the tracepoint kvm:kvm_memslot_lookup.
 * The kernel measured the cycles; this only sorts and counts.
 */
#include "hist_slot.bpf.h"
#include "memslot.h"

struct kvm_memslot_lookup {
	HIST_FIELDS;
	__u32 steps;
	__u8 outcome;
} __attribute__((preserve_access_index));

HIST_MAPS(memslot_lookup, MEMSLOT_OUTCOMES);

HIST_PROGRAM(kvm_memslot_lookup, lookup)
{
	return HIST_COUNT(memslot_lookup, lookup, steps, lookup->outcome, MEMSLOT_OUTCOMES);
}
