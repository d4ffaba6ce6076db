/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_MMU_SYNC_H
#define KVMSCOPE_MMU_SYNC_H

/*
 * What mmu_sync.bpf.c and user space share.  A slot's work is the shadow pages
 * that were synced.
 */

/* enum kvm_mmu_sync_cause; also the kinds of struct hist_slot */
enum mmu_sync_cause {
	MMU_SYNC_ROOT,
	MMU_SYNC_CACHED_ROOTS,
	MMU_SYNC_LINK,
	MMU_SYNC_CAUSES,
};

#endif /* KVMSCOPE_MMU_SYNC_H */
