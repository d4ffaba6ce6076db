/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMSCOPE_MEMSLOT_H
#define KVMSCOPE_MEMSLOT_H

/*
 * What memslot.bpf.c and user space share.  Include after <linux/types.h>.
 */

#include "hist_buckets.h"

/* enum kvm_memslot_lookup_outcome */
enum memslot_outcome {
	MEMSLOT_CACHED,
	MEMSLOT_FOUND,
	MEMSLOT_ABSENT,
	MEMSLOT_OUTCOMES,
};

/*
 * The largest sample of one interval.  User space closes an interval by adding
 * one to the epoch; samples of the new epoch then go to the other peak, so the
 * closed one keeps still while it is read.
 */
struct memslot_peak {
	__u64 epoch;
	__u64 cycles;
};

/*
 * What one CPU counted for one VM, lane and outcome.  Counters only grow while
 * the slot belongs to one VM, and user space takes differences.
 *
 * A VM's ordinal is reused after its death: the first sample of another VM
 * re-keys the slot, that is, sends the whole of it to the ring buffer
 * memslot_retired, adds what it held to @retired and clears the rest.
 *
 * A reader copies from @head to @tail, and a re-keying writes @tail first and
 * @head last: a copy in which the two are equal was not cut by a re-keying.  The
 * number grows with each, and what was sent to the ring buffer is there before
 * a reader can see it grown.
 */
struct memslot_slot {
	__u64 head;
	__u32 key;		/* where it is, for those sent to the ring buffer */
	__u32 cpu;
	__u64 vm_id;		/* 0: never used */
	__u64 retired;		/* samples counted here for earlier VMs */
	__u64 index;		/* enum kvm_memslot_index of the VM */
	__u64 sum;		/* cycles of the samples in @buckets */
	__u64 steps;		/* steps of the samples in @buckets */
	__u64 max;
	__u64 disturbed;	/* samples hit by an interrupt or a switch: only counted */
	struct memslot_peak peak[2];
	__u64 buckets[HIST_BUCKETS];
	__u64 tail;
};

/*
 * Lanes split a VM by vCPU: one for lookups made on behalf of no vCPU, one each
 * for the vCPUs below a limit, one for the others.  Without the split there is
 * only one lane.
 */
#define MEMSLOT_LANE_NO_VCPU	0U
#define MEMSLOT_EXTRA_LANES	2U

static inline __attribute__((always_inline, unused))
__u32 memslot_lane(__s32 vcpu_id, __u32 lanes)
{
	if (lanes == 1 || vcpu_id < 0)
		return MEMSLOT_LANE_NO_VCPU;
	if ((__u32)vcpu_id < lanes - MEMSLOT_EXTRA_LANES)
		return (__u32)vcpu_id + 1;
	return lanes - 1;
}

static inline __attribute__((always_inline, unused))
__u32 memslot_key(__u32 ordinal, __u32 lane, __u32 outcome, __u32 lanes)
{
	return (ordinal * lanes + lane) * MEMSLOT_OUTCOMES + outcome;
}

#endif /* KVMSCOPE_MEMSLOT_H */
