/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_BASELINE_H
#define KVMSCOPE_BASELINE_H

#include <linux/types.h>
#include <stddef.h>

/*
 * What reading the clock twice costs by itself: the cycles between two ordered
 * reads of the TSC with nothing in between, which every sample contains.
 */
struct baseline_cpu {
	int cpu;
	__u64 min;
	__u64 median;
};

struct baseline {
	size_t nr_cpus;		/* 0: not measured */
	struct baseline_cpu *cpus;
	__u64 min;		/* smallest of all CPUs */
	__u64 median;		/* median of the CPUs' medians */
};

/* Measure on every CPU this thread may run on; 0 or -errno. */
int baseline__measure(struct baseline *baseline);
void baseline__release(struct baseline *baseline);

#endif /* KVMSCOPE_BASELINE_H */
