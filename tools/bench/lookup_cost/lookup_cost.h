/* SPDX-License-Identifier: GPL-2.0-only */
/* What the program asks of the kernel module, by ioctl on /dev/lookup_cost. */
#ifndef LOOKUP_COST_H
#define LOOKUP_COST_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define LOOKUP_COST_MAX_GFNS	4096

enum lookup_function {
	LOOKUP_VM,	/* gfn_to_memslot() */
	LOOKUP_VCPU,	/* kvm_vcpu_gfn_to_memslot(), for vCPU 0 */
};

struct lookup_cost {
	__s32 vm_fd;
	__u32 function;
	__u32 nr_gfns;
	__u32 rounds;
	__u64 gfns;	/* address of nr_gfns u64 */
	/* Answers: TSC ticks of nr_gfns * rounds calls, lookups that found a slot. */
	__u64 cycles;
	__u64 cycles_empty;
	__u64 found;
};

#define LOOKUP_COST_MEASURE	_IOWR('L', 0, struct lookup_cost)

#endif
