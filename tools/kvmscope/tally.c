// SPDX-License-Identifier: GPL-2.0-only
#include "tally.h"

#include <errno.h>
#include <stdlib.h>

#include "hist.h"

struct tally {
	__u32 lanes;
	__u32 kinds;
	unsigned int cpus;
	__u64 lost;

	/* The reading before, by key and CPU; allocated when a slot is first used. */
	size_t nr_before;
	struct hist_slot **before;

	size_t nr_series;
	struct series *series[SPANS];
};

struct tally *tally__new(__u32 ordinals, __u32 lanes, __u32 kinds, unsigned int cpus)
{
	struct tally *tally = calloc(1, sizeof(*tally));

	if (!tally)
		return NULL;

	tally->lanes = lanes;
	tally->kinds = kinds;
	tally->cpus = cpus;
	tally->nr_before = (size_t)ordinals * lanes * kinds * cpus;
	tally->before = calloc(tally->nr_before, sizeof(*tally->before));
	if (!tally->before) {
		free(tally);
		return NULL;
	}
	return tally;
}

void tally__free(struct tally *tally)
{
	size_t span, i;

	if (!tally)
		return;

	for (span = 0; span < SPANS; span++) {
		for (i = 0; i < tally->nr_series; i++)
			hist__free(tally->series[span][i].cycles);
		free(tally->series[span]);
	}
	for (i = 0; i < tally->nr_before; i++)
		free(tally->before[i]);
	free(tally->before);
	free(tally);
}

void tally__begin(struct tally *tally)
{
	struct series *series = tally->series[SPAN_INTERVAL];
	size_t i;

	for (i = 0; i < tally->nr_series; i++) {
		hist__clear(series[i].cycles);
		series[i].work = 0;
		series[i].disturbed = 0;
	}
}

/* Both spans have the same series in the same order; -1 when out of memory. */
static ssize_t add_series(struct tally *tally, const struct series *wanted)
{
	struct series *grown[SPANS];
	struct hist *hists[SPANS];
	size_t n = tally->nr_series, span;

	for (span = 0; span < SPANS; span++) {
		grown[span] = reallocarray(tally->series[span], n + 1, sizeof(*grown[span]));
		if (!grown[span])
			return -1;
		tally->series[span] = grown[span];
	}

	hists[SPAN_INTERVAL] = hist__new();
	hists[SPAN_TOTAL] = hist__new();
	if (!hists[SPAN_INTERVAL] || !hists[SPAN_TOTAL]) {
		hist__free(hists[SPAN_INTERVAL]);
		hist__free(hists[SPAN_TOTAL]);
		return -1;
	}

	for (span = 0; span < SPANS; span++) {
		tally->series[span][n] = *wanted;
		tally->series[span][n].cycles = hists[span];
	}
	tally->nr_series++;
	return n;
}

static ssize_t find_series(struct tally *tally, __u32 key, const struct hist_slot *slot)
{
	const struct series *series = tally->series[SPAN_TOTAL];
	const struct series wanted = {
		.vm_id = slot->vm_id,
		.index = (__u32)slot->index,
		.lane = key / tally->kinds % tally->lanes,
		.kind = key % tally->kinds,
	};
	size_t i;

	for (i = 0; i < tally->nr_series; i++) {
		if (series[i].vm_id == wanted.vm_id && series[i].lane == wanted.lane &&
		    series[i].kind == wanted.kind)
			return i;
	}
	return add_series(tally, &wanted);
}

static __u64 slot_samples(const struct hist_slot *slot)
{
	__u64 samples = slot->disturbed;
	__u32 i;

	for (i = 0; i < HIST_BUCKETS; i++)
		samples += slot->buckets[i];
	return samples;
}

static void add_difference(struct series *series, const struct hist_slot *now,
			   const struct hist_slot *before)
{
	__u32 i;

	for (i = 0; i < HIST_BUCKETS; i++)
		hist__add_bucket(series->cycles, i, now->buckets[i] - before->buckets[i]);
	hist__add_sum(series->cycles, now->sum - before->sum);
	series->work += now->work - before->work;
	series->disturbed += now->disturbed - before->disturbed;
}

int tally__add(struct tally *tally, __u32 key, unsigned int cpu,
	       const struct hist_slot *slot, __u64 epoch)
{
	struct hist_slot **before = &tally->before[(size_t)key * tally->cpus + cpu];
	const struct hist_peak *peak = &slot->peak[epoch & 1];
	static const struct hist_slot cleared;
	const struct hist_slot *base;
	ssize_t i;

	/* Never used, or copied before a later state that was added already. */
	if (!slot->vm_id || (*before && slot->head < (*before)->head))
		return 0;

	if (!*before) {
		*before = calloc(1, sizeof(**before));
		if (!*before)
			return -ENOMEM;
	}

	i = find_series(tally, key, slot);
	if (i < 0)
		return -ENOMEM;

	base = *before;
	if (base->vm_id != slot->vm_id) {
		/* All that was counted for the slot's earlier VMs, but never read. */
		tally->lost += slot->retired - base->retired - slot_samples(base);
		base = &cleared;
	}

	add_difference(&tally->series[SPAN_INTERVAL][i], slot, base);
	add_difference(&tally->series[SPAN_TOTAL][i], slot, base);
	if (peak->epoch == epoch)
		hist__raise_max(tally->series[SPAN_INTERVAL][i].cycles, peak->cycles);
	hist__raise_max(tally->series[SPAN_TOTAL][i].cycles, slot->max);

	**before = *slot;
	return 0;
}

int tally__retire(struct tally *tally, const struct hist_slot *slot, __u64 epoch)
{
	size_t i = (size_t)slot->key * tally->cpus + slot->cpu;
	int err;

	if (i >= tally->nr_before || slot->cpu >= tally->cpus)
		return -EINVAL;
	err = tally__add(tally, slot->key, slot->cpu, slot, epoch);
	if (!err && tally->before[i])
		tally->before[i]->head = slot->head + 1;
	return err;
}

size_t tally__count(const struct tally *tally)
{
	return tally->nr_series;
}

const struct series *tally__get(const struct tally *tally, enum span span, size_t i)
{
	return &tally->series[span][i];
}

__u64 tally__lost(const struct tally *tally)
{
	return tally->lost;
}
