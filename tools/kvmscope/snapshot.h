/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_SNAPSHOT_H
#define KVMSCOPE_SNAPSHOT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "baseline.h"
#include "event.h"
#include "probe.h"
#include "summary.h"
#include "tally.h"
#include "vm_list.h"

struct hist;

/* Values of row.vcpu that are no vCPU's id. */
#define VCPU_NONE	(-1)	/* not on behalf of a vCPU */
#define VCPU_OTHER	(-2)	/* ids beyond the limit */

/* Members that snapshot.by does not name are not set. */
struct row {
	__u64 vm;
	int vcpu;
	char bus[16];
	char index[16];
	char outcome[16];
	struct hist *cycles;
	__u64 work;
	__u64 disturbed;
	struct summary summary;		/* by snapshot__summarize() */
};

/*
 * Everything one output shows, whatever its form: an interval, or the final sum
 * of all of them.
 */
struct snapshot {
	const struct event *event;
	bool final;
	unsigned int interval;	/* number from 1 on; in the final one, how many there were */
	double seconds;		/* covered by the counts */
	__u64 time;		/* of its end, in seconds since 1970 */
	char kernel[65];
	unsigned int by;	/* of what the event has */
	struct baseline baseline;

	size_t nr_vms;
	struct vm *vms;
	size_t nr_rows;
	struct row *rows;
	struct losses losses;
};

/* A row of an interval or of the whole; NULL when out of memory. */
struct row *snapshot__add_row(struct snapshot *snapshot);

/* Sum every row up, once it is complete. */
void snapshot__summarize(struct snapshot *snapshot);

/* Group the tally's series by snapshot->by, sorted and summed up; 0 or -ENOMEM. */
int snapshot__add_series(struct snapshot *snapshot, const struct tally *tally,
			 enum span span, __u32 lanes);

/* Free what it points to, except the baseline, which outlives it. */
void snapshot__release(struct snapshot *snapshot);

/*
 * Rows to be compared with each other differ only in VM and index.  Sets
 * @panel[i] to the number of row i's group, in order of appearance; returns the
 * number of groups.
 */
size_t snapshot__panels(const struct snapshot *snapshot, size_t *panel);

/* What a group has in common ("pio, claimed, vCPU 3") and what tells its rows apart. */
void snapshot__panel_title(const struct snapshot *snapshot, const struct row *row,
			   char *title, size_t size);
void snapshot__row_title(const struct snapshot *snapshot, const struct row *row,
			 char *title, size_t size);

#endif /* KVMSCOPE_SNAPSHOT_H */
