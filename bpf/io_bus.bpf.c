// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms of KVM's lookups on the I/O buses, from the tracepoint
 * kvm:kvm_io_bus_lookup.  The kernel measured the cycles, without those that
 * devices took; this only sorts and counts.
 */
#include "hist_slot.bpf.h"
#include "io_bus.h"
#include "kvm_types.h"

HIST_SLOTS(io_bus_lookup, IO_BUS_KINDS);
HIST_RETIRED(io_bus_retired);

SEC("tp_btf/kvm_io_bus_lookup")
int BPF_PROG(kvm_io_bus_lookup, struct kvm *kvm,
	     const struct kvm_io_bus_lookup *lookup)
{
	/* Never NULL, but of a module's tracepoint the verifier cannot know. */
	if (!lookup)
		return 0;

	const struct hist_sample sample = HIST_SAMPLE(lookup, candidates);

	return hist_count(&io_bus_lookup, &io_bus_retired, io_bus_kind(lookup->bus, lookup->found),
			  IO_BUS_KINDS, &sample);
}
