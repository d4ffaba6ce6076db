/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_HIST_SLOT_H
#define KVMSCOPE_HIST_SLOT_H

/*
 * What every histogram program and user space share: the slots of a per-CPU
 * array and how it is indexed.  Include after <linux/types.h>.
 */

#include "hist_buckets.h"

/*
 * The largest sample of one interval.  User space closes an interval by adding
 * one to the epoch; samples of the new epoch then go to the other peak, so the
 * closed one keeps still while it is read.
 */
struct hist_peak {
	__u64 epoch;
	__u64 cycles;
};

/*
 * What one CPU counted for one VM, lane and kind.  Counters only grow while the
 * slot belongs to one VM, and user space takes differences.
 *
 * A VM's ordinal is reused after its death: the first sample of another VM
 * re-keys the slot, that is, sends the whole of it to the program's ring buffer,
 * adds what it held to @retired and clears the rest.
 *
 * A reader copies from @head to @tail, and a re-keying writes @tail first and
 * @head last: a copy in which the two are equal was not cut by a re-keying.  The
 * number grows with each, and what was sent to the ring buffer is there before
 * a reader can see it grown.
 */
struct hist_slot {
	__u64 head;
	__u32 key;		/* where it is, for those sent to the ring buffer */
	__u32 cpu;
	__u64 vm_id;		/* 0: never used */
	__u64 retired;		/* samples counted here for earlier VMs */
	__u64 index;		/* the VM's, in the kernel's numbers */
	__u64 sum;		/* cycles of the samples in @buckets */
	__u64 work;		/* of the samples in @buckets: see the program's header */
	__u64 max;
	__u64 disturbed;	/* samples hit by an interrupt or a switch: only counted */
	struct hist_peak peak[2];
	__u64 buckets[HIST_BUCKETS];
	__u64 tail;
};

/* A program's .rodata, set before loading; max_entries is ordinals * lanes * kinds. */
struct hist_config {
	__u32 ordinals;
	__u32 lanes;
	__u64 only_vm;		/* 0: every VM */
};

/* A program's .bss. */
struct hist_state {
	__u64 epoch;		/* advanced by user space, see struct hist_peak */
	/* Samples that have no slot. */
	__u64 beyond_map;	/* too many VMs */
	__u64 unknown_kind;	/* the kernel is newer than the program */
};

/*
 * Lanes split a VM by vCPU: one for lookups made on behalf of no vCPU, one each
 * for the vCPUs below a limit, one for the others.  Without the split there is
 * only one lane.
 */
#define HIST_LANE_NO_VCPU	0U
#define HIST_EXTRA_LANES	2U

static inline __attribute__((always_inline, unused))
__u32 hist_lane(__s32 vcpu_id, __u32 lanes)
{
	if (lanes == 1 || vcpu_id < 0)
		return HIST_LANE_NO_VCPU;
	if ((__u32)vcpu_id < lanes - HIST_EXTRA_LANES)
		return (__u32)vcpu_id + 1;
	return lanes - 1;
}

/* A kind is what else a program tells apart: outcomes, for instance. */
static inline __attribute__((always_inline, unused))
__u32 hist_key(__u32 ordinal, __u32 lane, __u32 kind, __u32 lanes, __u32 kinds)
{
	return (ordinal * lanes + lane) * kinds + kind;
}

#endif /* KVMSCOPE_HIST_SLOT_H */
