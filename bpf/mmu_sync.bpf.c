// SPDX-License-Identifier: GPL-2.0-only
/*
 * Histograms of KVM's syncs of shadow pages, from the tracepoint kvm:kvm_mmu_sync.
 * The kernel measured the cycles; this only sorts and counts.
 */
#include "hist_slot.bpf.h"
#include "mmu_sync.h"

struct kvm_mmu_sync {
	HIST_FIELDS;
	__u32 synced;
	__u8 cause;
} __attribute__((preserve_access_index));

HIST_MAPS(mmu_sync, MMU_SYNC_CAUSES);

HIST_PROGRAM(kvm_mmu_sync, sync)
{
	return HIST_COUNT(mmu_sync, sync, synced, sync->cause, MMU_SYNC_CAUSES);
}
