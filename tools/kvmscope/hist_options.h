/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_HIST_OPTIONS_H
#define KVMSCOPE_HIST_OPTIONS_H

#include <linux/types.h>
#include <stdbool.h>

#include "event.h"

/* The command line of `kvmscope hist`. */
struct hist_options {
	size_t nr_events;
	const struct event *events[NR_EVENTS];
	double interval;	/* seconds; 0: only the final result */
	unsigned int count;	/* intervals; 0: until ^C */
	double duration;	/* seconds; 0: until ^C */
	__u64 vm;		/* id; 0: all */
	unsigned int by;	/* every event takes from it what it has */
	bool json;
	const char *output;
	unsigned int max_vms;	/* 0: chosen from the VMs there are */
	unsigned int max_vcpus;
	unsigned int width;	/* 0: the terminal's */
	bool verbose;
	const char *root;
};

/* Returns an exit status, the error having been reported. */
int hist_options__parse(struct hist_options *options, int argc, char **argv);

#endif /* KVMSCOPE_HIST_OPTIONS_H */
