// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms of KVM's gfn lookups, from the tracepoint kvm:kvm_memslot_lookup.
 * The kernel measured the cycles; this only sorts and counts.
 */
#include "hist_slot.bpf.h"
#include "kvm_types.h"
#include "memslot.h"

HIST_SLOTS(memslot_lookup, MEMSLOT_OUTCOMES);
HIST_RETIRED(memslot_retired);

SEC("tp_btf/kvm_memslot_lookup")
int BPF_PROG(kvm_memslot_lookup, struct kvm *kvm,
	     const struct kvm_memslot_lookup *lookup)
{
	/* Never NULL, but of a module's tracepoint the verifier cannot know. */
	if (!lookup)
		return 0;

	const struct hist_sample sample = HIST_SAMPLE(lookup, steps);

	return hist_count(&memslot_lookup, &memslot_retired, lookup->outcome, MEMSLOT_OUTCOMES,
			  &sample);
}
