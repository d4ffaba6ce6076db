/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_EVENT_H
#define KVMSCOPE_EVENT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/* What rows are told apart by. */
enum {
	BY_VM		= 1 << 0,
	BY_VCPU		= 1 << 1,
	BY_BUS		= 1 << 2,
	BY_INDEX	= 1 << 3,
	BY_OUTCOME	= 1 << 4,
};

#define NR_BY	5
extern const char *const by_names[NR_BY];

struct event_term {
	const char *name;
	const char *meaning;
};

/* The implementations of what is measured.  Each VM has one, which debugfs names. */
struct event_index {
	const char *file;		/* in the VM's debugfs; NULL if there is only one */
	const char *json;		/* member of a VM */
	const char *title;		/* column of `kvmscope list` */
	const char *noun;		/* what people call it: "index" */
	int width;			/* of the column, in characters */
	const char *names[8];		/* by the kernel's numbers */
};

/*
 * A tracepoint of KVM of which histograms are made: all that tells one from
 * another.  Each has a BPF program of its own (bpf/), with slots as in
 * bpf/hist_slot.h, whose kinds are the outcomes, or every bus' outcomes.
 */
struct event {
	const char *name;		/* for the command line */
	const char *series;		/* of patches that adds the tracepoint */
	const char *tracepoint;		/* of the system kvm; also the BPF program */
	const char *metric;		/* in JSON; also the map of the slots */
	const char *retired;		/* the ring buffer */
	const void *(*object)(size_t *size);	/* the program, an ELF file */

	const char *subject;		/* what is counted: "gfn lookups" */
	const char *sample;		/* one of them, in a word: "lookup"; many have an s */
	const char *place;		/* "memslots", where a page has several events */
	const char *question;		/* heading of a page */
	const char *unknown;		/* of what the kernel may know more */

	struct event_term work;		/* what a slot's work is */

	unsigned int by;		/* what rows can be told apart by */
	size_t nr_buses;		/* 1 if there is no such thing */
	const char *const *buses;	/* by the kernel's numbers, as the following are */
	size_t nr_outcomes;
	const struct event_term *outcomes;	/* their meanings are sentences */

	struct event_index index;
	bool slots_matter;		/* to its cost: histograms say how many */
};

/* The skeleton of bpf/EVENT.bpf.c, and what its HIST_MAPS(map) made. */
#define EVENT_PROGRAM(event, map)	\
	.metric = #map,			\
	.retired = #map "_retired",	\
	.object = event##_bpf__elf_bytes

#define EVENT(name)	extern const struct event event_##name;
#include "events.h"
#undef EVENT

/* Their numbers: EVENT_memslot, … */
enum {
#define EVENT(name)	EVENT_##name,
#include "events.h"
#undef EVENT
	NR_EVENTS,
};

/* By number; NULL beyond the last. */
const struct event *event__get(size_t number);
size_t event__number(const struct event *event);

/* NULL if there is none of that name, or with that metric. */
const struct event *event__by_name(const char *name);
const struct event *event__by_metric(const char *metric);

__u32 event__kinds(const struct event *event);
/* Names of a kind; there is no bus ("") if rows cannot be told apart by it. */
const char *event__bus(const struct event *event, __u32 kind);
const char *event__outcome(const struct event *event, __u32 kind);

/* Name of an index; NULL if there is none of that number. */
const char *event__index(const struct event *event, __u32 index);

/* Their places among each other; unknown ones come last. */
size_t event__bus_order(const struct event *event, const char *bus);
size_t event__outcome_order(const struct event *event, const char *outcome);

#endif /* KVMSCOPE_EVENT_H */
