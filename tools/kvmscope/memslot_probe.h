/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMSCOPE_MEMSLOT_PROBE_H
#define KVMSCOPE_MEMSLOT_PROBE_H

#include <linux/types.h>
#include <stdbool.h>

struct memslot_tally;

/* The BPF program on kvm:kvm_memslot_lookup and its map. */
struct memslot_probe;

struct memslot_probe_options {
	const char *root;	/* before /sys in the checks; "" for the real system */
	__u32 ordinals;		/* VMs at one time that the map has room for */
	__u32 vcpus;		/* split by vCPU below this limit; 0: no split */
	__u64 only_vm;		/* id; 0: every VM */
	bool verbose;		/* show what libbpf says */
};

/* Samples that are in no histogram, each for its own reason. */
struct memslot_losses {
	__u64 missed;		/* the kernel skipped the program */
	__u64 rekeyed;		/* VMs died faster than they could be read */
	__u64 beyond_map;	/* more VMs than ordinals */
	__u64 unknown_outcome;	/* the kernel is newer than kvmscope */
};

/* NULL when out of memory. */
struct memslot_probe *memslot_probe__new(const struct memslot_probe_options *options);

/* These return an exit status, the error having been reported. */
int memslot_probe__open(struct memslot_probe *probe);
int memslot_probe__attach(struct memslot_probe *probe);

/*
 * Add what was counted since the last reading to the interval and to the total.
 * Read often: the ring buffer has room for 1,600 slots of dead VMs.
 */
int memslot_probe__read(struct memslot_probe *probe);

/* A last reading for this interval; what is counted from now on is the next one's. */
int memslot_probe__end_interval(struct memslot_probe *probe);

/* Forget the ended interval. */
void memslot_probe__begin_interval(struct memslot_probe *probe);

/* Stop counting.  What was counted can still be read. */
void memslot_probe__detach(struct memslot_probe *probe);
void memslot_probe__free(struct memslot_probe *probe);

__u32 memslot_probe__lanes(const struct memslot_probe *probe);
const struct memslot_tally *memslot_probe__tally(const struct memslot_probe *probe);
void memslot_probe__losses(const struct memslot_probe *probe, struct memslot_losses *losses);

#endif /* KVMSCOPE_MEMSLOT_PROBE_H */
