// SPDX-License-Identifier: GPL-2.0-only
#include "event.h"

#include "hist_slot.h"
#include "memslot.h"
#include "memslot.skel.h"

static const struct event_term outcomes[MEMSLOT_OUTCOMES] = {
	[MEMSLOT_CACHED] = {
		"cached", "A last-used memslot had the gfn: the index was not searched."
	},
	[MEMSLOT_FOUND] = { "found", "The index was searched, and a memslot has the gfn." },
	[MEMSLOT_ABSENT] = { "absent", "The index was searched, and no memslot has the gfn." },
};

const struct event event_memslot = {
	.name = "memslot",
	.series = "memslot-index",
	.tracepoint = "kvm_memslot_lookup",
	EVENT_PROGRAM(memslot, memslot_lookup),

	.by = BY_VM | BY_VCPU | BY_INDEX | BY_OUTCOME,
	.nr_buses = 1,
	.nr_outcomes = MEMSLOT_OUTCOMES,
	.outcomes = outcomes,

	.slots_matter = true,
	.index = {
		.file = "memslot_index", .json = "index", .title = "INDEX",
		.noun = "index", .width = 10,
		/* By enum kvm_memslot_index. */
		.names = { "linear", "bsearch", "rbtree", "btree" },
	},

	.subject = "gfn lookups",
	.sample = "lookup",
	.place = "Memslots",
	.question = "How long KVM looks for a memslot",
	.unknown = "outcome",
	.work = { "steps", "comparisons per lookup that wait for each other" },
};
