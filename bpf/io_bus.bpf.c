// SPDX-License-Identifier: GPL-2.0-only
/*
 * Histograms of KVM's lookups on the I/O buses, from the tracepoint
 * kvm:kvm_io_bus_lookup.  The kernel measured the cycles, without those that
 * devices took; this only sorts and counts.
 */
#include "hist_slot.bpf.h"
#include "io_bus.h"

struct kvm_io_bus_lookup {
	HIST_FIELDS;
	__u32 candidates;
	__u8 bus;
	_Bool found;
} __attribute__((preserve_access_index));

HIST_MAPS(io_bus_lookup, IO_BUS_KINDS);

HIST_PROGRAM(kvm_io_bus_lookup, lookup)
{
	return HIST_COUNT(io_bus_lookup, lookup, candidates,
			  io_bus_kind(lookup->bus, lookup->found), IO_BUS_KINDS);
}
