/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_PROBE_H
#define KVMSCOPE_PROBE_H

#include <linux/types.h>
#include <stdbool.h>

struct event;
struct tally;

/* The BPF program on an event's tracepoint, and its maps. */
struct probe;

struct probe_options {
	const struct event *event;
	__u32 ordinals;		/* VMs at one time that the map has room for */
	__u32 vcpus;		/* split by vCPU below this limit; 0: no split */
	__u64 only_vm;		/* id; 0: every VM */
	unsigned int probes;	/* that share the memory, this one included */
	bool verbose;		/* show what libbpf says */
};

/* Samples that are in no histogram, each for its own reason. */
struct losses {
	__u64 missed;		/* the kernel skipped the program */
	__u64 rekeyed;		/* VMs died faster than they could be read */
	__u64 beyond_map;	/* more VMs than ordinals */
	__u64 unknown_kind;	/* the kernel is newer than kvmscope */
};

/* NULL when out of memory. */
struct probe *probe__new(const struct probe_options *options);

/*
 * Of a kernel that kernel_check__events() has found fit.  These return an exit
 * status, the error having been reported.
 */
int probe__open(struct probe *probe);
int probe__attach(struct probe *probe);

/*
 * Add what was counted since the last reading to the interval and to the total.
 * Read often: the ring buffer has room for 1,600 slots of dead VMs.
 */
int probe__read(struct probe *probe);

/* A last reading for this interval; what is counted from now on is the next one's. */
int probe__end_interval(struct probe *probe);

/* Forget the ended interval. */
void probe__begin_interval(struct probe *probe);

/* Stop counting.  What was counted can still be read. */
void probe__detach(struct probe *probe);
void probe__free(struct probe *probe);

const struct event *probe__event(const struct probe *probe);
__u32 probe__lanes(const struct probe *probe);
const struct tally *probe__tally(const struct probe *probe);
void probe__losses(const struct probe *probe, struct losses *losses);

#endif /* KVMSCOPE_PROBE_H */
