// SPDX-License-Identifier: GPL-2.0-only
#include "event.h"

#include "hist_slot.h"
#include "mmu_sync.h"
#include "mmu_sync.skel.h"

static const struct event_term outcomes[MMU_SYNC_CAUSES] = {
	[MMU_SYNC_ROOT] = {
		"root", "KVM loaded the vCPU's root, e.g. to enter a nested guest, or the guest "
		"flushed its TLB: unsync pages below it were synced."
	},
	[MMU_SYNC_CACHED_ROOTS] = {
		"cached-roots", "The guest flushed its TLB: other roots of the vCPU with unsync "
		"pages below them were dropped."
	},
	[MMU_SYNC_LINK] = {
		"link", "A shadow page is used again: unsync pages below it were synced."
	},
};

const struct event event_mmu_sync = {
	.name = "mmu-sync",
	.series = "mmu-unsync",
	.tracepoint = "kvm_mmu_sync",
	EVENT_PROGRAM(mmu_sync, mmu_sync),

	.by = BY_VM | BY_VCPU | BY_INDEX | BY_OUTCOME,
	.nr_buses = 1,
	.nr_outcomes = MMU_SYNC_CAUSES,
	.outcomes = outcomes,

	.index = {
		.file = "mmu_unsync_mode", .json = "mmu_unsync_mode", .title = "MMU-SYNC",
		.noun = "mode", .width = 8,
		/* By enum kvm_mmu_unsync_mode. */
		.names = { "bitmap", "mask", "list", "list-all" },
	},

	.subject = "syncs of shadow pages",
	.sample = "sync",
	.place = "Shadow MMU",
	.question = "How long KVM syncs shadow pages",
	.unknown = "outcome",
	.work = { "synced", "shadow pages synced per sync" },
};
