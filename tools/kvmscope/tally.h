/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_TALLY_H
#define KVMSCOPE_TALLY_H

#include <linux/types.h>
#include <stddef.h>

#include "hist_slot.h"

struct hist;

/* What was counted for one VM, lane and kind. */
struct series {
	__u64 vm_id;
	__u32 index;
	__u32 lane;
	__u32 kind;
	struct hist *cycles;
	__u64 work;
	__u64 disturbed;
};

enum span {
	SPAN_INTERVAL,		/* since tally__begin() */
	SPAN_TOTAL,
	SPANS,
};

/*
 * Adds up what the CPUs' slots counted.  The slots' counters only grow, so each
 * reading is compared with the one before; what a VM counted stays here when its
 * slots are re-keyed for another VM.
 */
struct tally;

/* NULL when out of memory. */
struct tally *tally__new(__u32 ordinals, __u32 lanes, __u32 kinds, unsigned int cpus);
void tally__free(struct tally *tally);

/* Forget what the interval holds and start a new one. */
void tally__begin(struct tally *tally);

/*
 * Add one CPU's copy of the slot with @key; @epoch is the interval's epoch.
 * 0 or -errno.
 */
int tally__add(struct tally *tally, __u32 key, unsigned int cpu,
	       const struct hist_slot *slot, __u64 epoch);

/*
 * Add the last state of a slot before its re-keying.  Copies of earlier states
 * that are added after it are passed over.
 */
int tally__retire(struct tally *tally, const struct hist_slot *slot, __u64 epoch);

size_t tally__count(const struct tally *tally);
const struct series *tally__get(const struct tally *tally, enum span span, size_t i);

/* Samples of re-keyed slots whose last state never came. */
__u64 tally__lost(const struct tally *tally);

#endif /* KVMSCOPE_TALLY_H */
