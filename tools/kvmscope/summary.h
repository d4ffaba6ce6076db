/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_SUMMARY_H
#define KVMSCOPE_SUMMARY_H

#include <linux/types.h>
#include <stdbool.h>

struct baseline;
struct hist;

/* The percentiles that every output shows. */
enum { P50, P90, P99, P999, NR_PERCENTILES };

struct percentile {
	const char *title;		/* for people */
	const char *json;		/* member of a row */
	unsigned int permille;
};

extern const struct percentile summary_percentiles[NR_PERCENTILES];

/* Cycles.  Percentiles are as hist__percentile() rounds them. */
struct summary_cycles {
	double mean;
	__u64 percentiles[NR_PERCENTILES];
};

/* What the outputs say of one row.  Without samples all is 0, and means nothing. */
struct summary {
	__u64 count;			/* samples */
	struct summary_cycles raw;	/* the reads of the clock included */
	struct summary_cycles net;	/* without the baseline, not below 0 */
	bool has_net;			/* there are samples and a baseline */
	__u64 low;			/* half a per cent of the samples are below, */
	__u64 high;			/* and half a per cent above */
	__u64 max;
	double work;			/* per sample */
};

/* One number of a table. */
struct figure {
	enum { FIGURE_NONE, FIGURE_COUNT, FIGURE_REAL } kind;
	union {
		__u64 count;
		double real;
	};
};

/* count, mean, the percentiles, max, net mean, work per sample */
#define NR_FIGURES	(5 + NR_PERCENTILES)

/* The columns that the tables have in common, in their order. */
void summary__figures(const struct summary *summary, struct figure *figures);

/* Of the samples in @cycles, which took @work all together. */
void summary__make(struct summary *summary, const struct hist *cycles, __u64 work,
		   const struct baseline *baseline);

#endif /* KVMSCOPE_SUMMARY_H */
