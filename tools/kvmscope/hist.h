/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_HIST_H
#define KVMSCOPE_HIST_H

#include <linux/types.h>
#include <stdbool.h>

#include "hist_buckets.h"

/*
 * A histogram over the buckets of hist_buckets.h, with the exact sum and
 * maximum of its samples.  The count is the sum of the buckets, held nowhere
 * else.
 */
struct hist;

/* NULL when out of memory. */
struct hist *hist__new(void);
void hist__free(struct hist *hist);
void hist__clear(struct hist *hist);

void hist__record(struct hist *hist, __u64 value);
void hist__add_bucket(struct hist *hist, __u32 bucket, __u64 count);
void hist__add_sum(struct hist *hist, __u64 sum);
void hist__raise_max(struct hist *hist, __u64 max);
void hist__merge(struct hist *to, const struct hist *from);

__u64 hist__count(const struct hist *hist);
__u64 hist__bucket(const struct hist *hist, __u32 bucket);
__u64 hist__sum(const struct hist *hist);

/* The following are 0 for an empty histogram. */
double hist__mean(const struct hist *hist);
__u64 hist__max(const struct hist *hist);

/*
 * The smallest value that at least @permille of the samples do not exceed
 * (nearest rank), rounded up to its bucket's upper bound, but not above the
 * maximum.
 */
__u64 hist__percentile(const struct hist *hist, unsigned int permille);

/* Lowest and highest bucket in use; false for an empty histogram. */
bool hist__range(const struct hist *hist, __u32 *first, __u32 *last);

#endif /* KVMSCOPE_HIST_H */
