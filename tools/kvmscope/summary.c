// SPDX-License-Identifier: GPL-2.0-only
#include "summary.h"

#include <string.h>

#include "baseline.h"
#include "hist.h"

const struct percentile summary_percentiles[NR_PERCENTILES] = {
	[P50] = { "p50", "p50", 500 },
	[P90] = { "p90", "p90", 900 },
	[P99] = { "p99", "p99", 990 },
	[P999] = { "p99.9", "p999", 999 },
};

static void subtract(struct summary *summary, __u64 baseline)
{
	const struct summary_cycles *raw = &summary->raw;
	struct summary_cycles *net = &summary->net;
	size_t i;

	net->mean = raw->mean > (double)baseline ? raw->mean - (double)baseline : 0;
	for (i = 0; i < NR_PERCENTILES; i++)
		net->percentiles[i] = raw->percentiles[i] > baseline ?
				      raw->percentiles[i] - baseline : 0;
}

void summary__make(struct summary *summary, const struct hist *cycles, __u64 work,
		   const struct baseline *baseline)
{
	size_t i;

	memset(summary, 0, sizeof(*summary));
	summary->count = hist__count(cycles);
	if (!summary->count)
		return;

	summary->raw.mean = hist__mean(cycles);
	for (i = 0; i < NR_PERCENTILES; i++)
		summary->raw.percentiles[i] =
			hist__percentile(cycles, summary_percentiles[i].permille);
	summary->low = hist__percentile(cycles, 5);
	summary->high = hist__percentile(cycles, 995);
	summary->max = hist__max(cycles);
	summary->work = (double)work / (double)summary->count;

	summary->has_net = baseline->nr_cpus;
	if (summary->has_net)
		subtract(summary, baseline->median);
}

static struct figure count_figure(__u64 count, bool known)
{
	return (struct figure){ .kind = known ? FIGURE_COUNT : FIGURE_NONE, .count = count };
}

static struct figure real_figure(double real, bool known)
{
	return (struct figure){ .kind = known ? FIGURE_REAL : FIGURE_NONE, .real = real };
}

void summary__figures(const struct summary *summary, struct figure *figures)
{
	const bool any = summary->count;
	size_t i;

	*figures++ = count_figure(summary->count, true);
	*figures++ = real_figure(summary->raw.mean, any);
	for (i = 0; i < NR_PERCENTILES; i++)
		*figures++ = count_figure(summary->raw.percentiles[i], any);
	*figures++ = count_figure(summary->max, any);
	*figures++ = real_figure(summary->net.mean, summary->has_net);
	*figures++ = real_figure(summary->work, any);
}
