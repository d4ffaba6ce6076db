/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMSCOPE_MEMSLOT_TALLY_H
#define KVMSCOPE_MEMSLOT_TALLY_H

#include <linux/types.h>
#include <stddef.h>

#include "memslot.h"

struct hist;

/* What was counted for one VM, lane and outcome. */
struct memslot_series {
	__u64 vm_id;
	__u32 index;
	__u32 lane;
	__u32 outcome;
	struct hist *cycles;
	__u64 steps;
	__u64 disturbed;
};

enum memslot_span {
	SPAN_INTERVAL,		/* since memslot_tally__begin() */
	SPAN_TOTAL,
	SPANS,
};

/*
 * Adds up what the CPUs' slots counted.  The slots' counters only grow, so each
 * reading is compared with the one before; what a VM counted stays here when its
 * slots are re-keyed for another VM.
 */
struct memslot_tally;

/* NULL when out of memory. */
struct memslot_tally *memslot_tally__new(__u32 ordinals, __u32 lanes, unsigned int cpus);
void memslot_tally__free(struct memslot_tally *tally);

/* Forget what the interval holds and start a new one. */
void memslot_tally__begin(struct memslot_tally *tally);

/*
 * Add one CPU's copy of the slot with @key; @epoch is the interval's epoch.
 * 0 or -errno.
 */
int memslot_tally__add(struct memslot_tally *tally, __u32 key, unsigned int cpu,
		       const struct memslot_slot *slot, __u64 epoch);

/*
 * Add the last state of a slot before its re-keying.  Copies of earlier states
 * that are added after it are passed over.
 */
int memslot_tally__retire(struct memslot_tally *tally, const struct memslot_slot *slot,
			  __u64 epoch);

size_t memslot_tally__count(const struct memslot_tally *tally);
const struct memslot_series *memslot_tally__get(const struct memslot_tally *tally,
						enum memslot_span span, size_t i);

/* Samples of re-keyed slots whose last state never came. */
__u64 memslot_tally__lost(const struct memslot_tally *tally);

#endif /* KVMSCOPE_MEMSLOT_TALLY_H */
