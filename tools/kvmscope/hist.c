// SPDX-License-Identifier: GPL-2.0-only
#include "hist.h"

#include <stdlib.h>
#include <string.h>

struct hist {
	__u64 sum;
	__u64 max;
	__u64 buckets[HIST_BUCKETS];
};

struct hist *hist__new(void)
{
	return calloc(1, sizeof(struct hist));
}

void hist__free(struct hist *hist)
{
	free(hist);
}

void hist__clear(struct hist *hist)
{
	memset(hist, 0, sizeof(*hist));
}

void hist__record(struct hist *hist, __u64 value)
{
	hist->buckets[hist_bucket(value)]++;
	hist->sum += value;
	hist__raise_max(hist, value);
}

void hist__add_bucket(struct hist *hist, __u32 bucket, __u64 count)
{
	hist->buckets[bucket] += count;
}

void hist__add_sum(struct hist *hist, __u64 sum)
{
	hist->sum += sum;
}

void hist__raise_max(struct hist *hist, __u64 max)
{
	if (hist->max < max)
		hist->max = max;
}

void hist__merge(struct hist *to, const struct hist *from)
{
	__u32 i;

	for (i = 0; i < HIST_BUCKETS; i++)
		to->buckets[i] += from->buckets[i];
	to->sum += from->sum;
	hist__raise_max(to, from->max);
}

__u64 hist__count(const struct hist *hist)
{
	__u64 count = 0;
	__u32 i;

	for (i = 0; i < HIST_BUCKETS; i++)
		count += hist->buckets[i];
	return count;
}

__u64 hist__bucket(const struct hist *hist, __u32 bucket)
{
	return hist->buckets[bucket];
}

__u64 hist__sum(const struct hist *hist)
{
	return hist->sum;
}

double hist__mean(const struct hist *hist)
{
	__u64 count = hist__count(hist);

	return count ? (double)hist->sum / (double)count : 0;
}

bool hist__range(const struct hist *hist, __u32 *first, __u32 *last)
{
	__u32 low = 0, high = HIST_LAST;

	while (low < HIST_LAST && !hist->buckets[low])
		low++;
	while (high && !hist->buckets[high])
		high--;
	if (!hist->buckets[low])
		return false;

	*first = low;
	*last = high;
	return true;
}

__u64 hist__max(const struct hist *hist)
{
	__u32 first, last;

	if (!hist__range(hist, &first, &last))
		return 0;

	/*
	 * The probe may move a sample's maximum into the next interval if it
	 * ran just when the interval was closed.  The highest bucket in use
	 * still says within which bounds the maximum lies.
	 */
	if (hist->max < hist_bucket_ge(last))
		return last == HIST_LAST ? hist_bucket_ge(last) : hist_bucket_le(last);
	if (hist->max > hist_bucket_le(last))
		return hist_bucket_le(last);
	return hist->max;
}

__u64 hist__percentile(const struct hist *hist, unsigned int permille)
{
	__u64 count = hist__count(hist), below = 0, max = hist__max(hist), rank, le;
	__u32 i;

	if (!count)
		return 0;

	/* In 128 bits: count times a thousand need not fit into 64. */
	rank = (__u64)(((unsigned __int128)count * permille + 999) / 1000);
	if (!rank)
		rank = 1;

	for (i = 0; i < HIST_LAST; i++) {
		below += hist->buckets[i];
		if (below >= rank)
			break;
	}
	le = hist_bucket_le(i);
	return le < max ? le : max;
}
