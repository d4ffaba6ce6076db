// SPDX-License-Identifier: GPL-2.0-only
/*
 * The histogram's arithmetic against exact values.
 */
#include <linux/types.h>
#include <stdint.h>
#include <stdlib.h>

#include "baseline.h"
#include "hist.h"
#include "ktap.h"
#include "summary.h"

static void log2_of_every_power(void)
{
	unsigned int e;

	for (e = 0; e < 64; e++) {
		check(hist_log2(1ULL << e) == e, "2^%u", e);
		check(hist_log2((1ULL << e) | ((1ULL << e) - 1)) == e, "2^%u and all below", e);
	}
}

/* Every value has one bucket: their bounds leave no hole and do not overlap. */
static void boundaries(void)
{
	__u32 b;

	check(hist_bucket_ge(0) == 0, "the first bucket starts at 0");
	for (b = 0; b < HIST_BUCKETS; b++) {
		check(hist_bucket(hist_bucket_ge(b)) == b, "lower bound of %u", b);
		check(hist_bucket(hist_bucket_le(b)) == b, "upper bound of %u", b);
		if (b == HIST_LAST)
			continue;
		check(hist_bucket_le(b) + 1 == hist_bucket_ge(b + 1), "after %u", b);
		/* le is inclusive: one more is the next bucket's. */
		check(hist_bucket(hist_bucket_le(b) + 1) == b + 1, "beyond %u", b);
	}
	check(hist_bucket_le(HIST_LAST) == UINT64_MAX, "the last bucket has no upper bound");
}

static void eight_buckets_per_octave(void)
{
	__u32 b, e;

	for (e = HIST_OCTAVE_BITS; e < HIST_OCTAVES; e++)
		check(hist_bucket(2ULL << e) - hist_bucket(1ULL << e) == 8, "octave %u", e);
	for (b = HIST_PER_OCTAVE; b < HIST_LAST; b++)
		check((hist_bucket_le(b) - hist_bucket_ge(b) + 1) * 8 <= hist_bucket_ge(b),
		      "bucket %u is wider than an eighth of its lower bound", b);
}

static void known_buckets(void)
{
	static const struct {
		__u64 value, ge, le;
	} known[] = {
		{ 0, 0, 0 }, { 1, 1, 1 }, { 7, 7, 7 }, { 8, 8, 8 }, { 15, 15, 15 },
		{ 16, 16, 17 }, { 17, 16, 17 }, { 18, 18, 19 }, { 31, 30, 31 }, { 32, 32, 35 },
		{ 100, 96, 103 }, { 1000, 960, 1023 }, { 1024, 1024, 1151 },
		{ (1ULL << 40) - 1, 15ULL << 36, (1ULL << 40) - 1 },
		{ 1ULL << 40, 1ULL << 40, UINT64_MAX }, { UINT64_MAX, 1ULL << 40, UINT64_MAX },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		__u32 b = hist_bucket(known[i].value);

		check(hist_bucket_ge(b) == known[i].ge && hist_bucket_le(b) == known[i].le,
		      "%llu is in %llu..%llu", known[i].value, hist_bucket_ge(b),
		      hist_bucket_le(b));
	}
}

static void empty(void)
{
	struct hist *hist = hist__new();
	__u32 first, last;

	check(hist__count(hist) == 0 && hist__sum(hist) == 0 && hist__max(hist) == 0, "not empty");
	check(hist__mean(hist) == 0.0, "mean %f", hist__mean(hist));
	check(hist__percentile(hist, 500) == 0, "median");
	check(!hist__range(hist, &first, &last), "range");
	hist__free(hist);
}

static void one_sample(void)
{
	static const __u64 values[] = {
		0, 1, 7, 8, 1000, (1ULL << 40) - 1, 1ULL << 40, UINT64_MAX,
	};
	struct hist *hist;
	unsigned int permille;
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		hist = hist__new();
		hist__record(hist, values[i]);
		check(hist__count(hist) == 1 && hist__max(hist) == values[i] &&
		      hist__sum(hist) == values[i], "%llu", values[i]);
		/* One sample is its own every percentile, exactly: the maximum bounds it. */
		for (permille = 0; permille <= 1000; permille++)
			check(hist__percentile(hist, permille) == values[i], "%llu at %u: %llu",
			      values[i], permille, hist__percentile(hist, permille));
		hist__free(hist);
	}
}

static void rank_of_huge_counts(void)
{
	struct hist *hist = hist__new();

	/* count * 999 does not fit into 64 bits. */
	hist__add_bucket(hist, hist_bucket(10), UINT64_MAX / 4);
	hist__add_bucket(hist, hist_bucket(1000), UINT64_MAX / 4);
	hist__raise_max(hist, 1000);
	check(hist__percentile(hist, 500) == 10, "p50 %llu", hist__percentile(hist, 500));
	check(hist__percentile(hist, 501) == 1000, "p50.1 %llu", hist__percentile(hist, 501));
	check(hist__percentile(hist, 999) == 1000, "p99.9 %llu", hist__percentile(hist, 999));
	hist__free(hist);
}

/* A maximum that moved to another interval must not contradict the buckets. */
static void maximum_within_highest_bucket(void)
{
	struct hist *hist = hist__new();

	hist__add_bucket(hist, hist_bucket(1000), 1);
	check(hist__max(hist) == 1023, "no maximum: %llu", hist__max(hist));
	hist__raise_max(hist, 970);
	check(hist__max(hist) == 970, "in the bucket: %llu", hist__max(hist));
	hist__raise_max(hist, 5000);
	check(hist__max(hist) == 1023, "too large: %llu", hist__max(hist));
	hist__free(hist);
}

/* A generator whose sequence is the same everywhere. */
static __u64 random_state;

static __u64 next_random(void)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return random_state >> 33;
}

static __u64 uniform(size_t i) { (void)i; return next_random() % 5000; }
static __u64 all_equal(size_t i) { (void)i; return 777; }
static __u64 ascending(size_t i) { return i; }
static __u64 long_tail(size_t i) { (void)i; return 30ULL << (next_random() % 30); }
static __u64 two_humps(size_t i) { return (i & 1 ? 40 : 90000) + next_random() % 16; }
static __u64 whole_range(size_t i) { (void)i; return next_random() << (next_random() % 40); }
static __u64 mostly_zero(size_t i) { return i % 100 ? 0 : 12345; }

static int compare(const void *a, const void *b)
{
	const __u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return (x > y) - (x < y);
}

/* Nearest rank among the sorted samples is what a percentile is. */
static void check_distribution(const char *name, __u64 (*value)(size_t i), size_t nr)
{
	__u64 *samples = calloc(nr, sizeof(*samples)), sum = 0, exact, got;
	struct hist *hist = hist__new();
	unsigned int permille;
	size_t i, rank;

	random_state = nr;
	for (i = 0; i < nr; i++) {
		samples[i] = value(i);
		sum += samples[i];
		hist__record(hist, samples[i]);
	}
	qsort(samples, nr, sizeof(*samples), compare);

	check(hist__count(hist) == nr, "%s: count", name);
	check(hist__sum(hist) == sum, "%s: sum", name);
	check(hist__max(hist) == samples[nr - 1], "%s: max", name);
	check(hist__mean(hist) == (double)sum / (double)nr, "%s: mean", name);
	for (permille = 1; permille <= 1000; permille++) {
		rank = (nr * permille + 999) / 1000;
		exact = samples[rank - 1];
		got = hist__percentile(hist, permille);
		check(exact <= got && hist_bucket(got) == hist_bucket(exact),
		      "%s, %zu samples, permille %u: %llu, exactly %llu", name, nr, permille, got,
		      exact);
	}
	check(hist__percentile(hist, 1000) == samples[nr - 1], "%s: the last percentile", name);

	hist__free(hist);
	free(samples);
}

static void percentiles(void)
{
	static const size_t sizes[] = { 1, 2, 3, 10, 999, 1000, 1001, 50000 };
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		check_distribution("uniform", uniform, sizes[i]);
		check_distribution("all equal", all_equal, sizes[i]);
		check_distribution("ascending", ascending, sizes[i]);
		check_distribution("long tail", long_tail, sizes[i]);
		check_distribution("two humps", two_humps, sizes[i]);
		check_distribution("whole range", whole_range, sizes[i]);
		check_distribution("mostly zero", mostly_zero, sizes[i]);
	}
}

/* Histograms of parts, merged, are the histogram of the whole. */
static void merge(void)
{
	struct hist *whole = hist__new(), *parts = hist__new(), *part[4];
	size_t i;
	__u32 b;

	for (i = 0; i < 4; i++)
		part[i] = hist__new();
	random_state = 1;
	for (i = 0; i < 10000; i++) {
		__u64 value = long_tail(i);

		hist__record(whole, value);
		hist__record(part[next_random() % 4], value);
	}
	for (i = 0; i < 4; i++)
		hist__merge(parts, part[i]);

	for (b = 0; b < HIST_BUCKETS; b++)
		check(hist__bucket(whole, b) == hist__bucket(parts, b), "bucket %u", b);
	check(hist__sum(whole) == hist__sum(parts) && hist__max(whole) == hist__max(parts),
	      "sum or maximum");

	for (i = 0; i < 4; i++)
		hist__free(part[i]);
	hist__free(whole);
	hist__free(parts);
}

static void summary_without_samples(void)
{
	const struct baseline baseline = { .nr_cpus = 1, .median = 40 };
	struct hist *hist = hist__new();
	struct figure figures[NR_FIGURES];
	struct summary summary;
	size_t i;

	summary__make(&summary, hist, 0, &baseline);
	check(!summary.count && !summary.has_net, "count %llu", summary.count);
	summary__figures(&summary, figures);
	check(figures[0].kind == FIGURE_COUNT && !figures[0].count, "count is 0");
	for (i = 1; i < NR_FIGURES; i++)
		check(figures[i].kind == FIGURE_NONE, "figure %zu of no samples", i);
	hist__free(hist);
}

static void summary_and_baseline(void)
{
	const struct baseline baseline = { .nr_cpus = 1, .median = 40 }, none = { .median = 40 };
	struct hist *hist = hist__new();
	struct summary summary;
	size_t i;

	/* A tenth of the samples are faster than the clock is read. */
	for (i = 0; i < 900; i++)
		hist__record(hist, 100);
	for (i = 0; i < 100; i++)
		hist__record(hist, 15);
	summary__make(&summary, hist, 3000, &baseline);
	check(summary.count == 1000 && summary.max == 100 && summary.work == 3, "raw");
	check(summary.raw.mean == 91.5 && summary.net.mean == 51.5, "mean %f", summary.net.mean);
	check(summary.raw.percentiles[P50] == 100 && summary.net.percentiles[P50] == 60, "p50");
	check(summary.low == 15 && summary.high == 100, "%llu to %llu", summary.low, summary.high);

	summary__make(&summary, hist, 3000, &none);
	check(!summary.has_net && summary.raw.mean == 91.5, "net without a baseline");

	hist__clear(hist);
	hist__record(hist, 15);
	summary__make(&summary, hist, 3, &baseline);
	check(summary.has_net && summary.net.mean == 0 && !summary.net.percentiles[P999],
	      "below 0: %f", summary.net.mean);
	hist__free(hist);
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "log2 of every power", log2_of_every_power },
		{ "bucket boundaries leave no hole, le is inclusive", boundaries },
		{ "eight buckets per octave", eight_buckets_per_octave },
		{ "known buckets", known_buckets },
		{ "empty histogram", empty },
		{ "one sample, up to the largest", one_sample },
		{ "ranks of huge counts", rank_of_huge_counts },
		{ "maximum stays within the highest bucket", maximum_within_highest_bucket },
		{ "percentiles against sorted samples", percentiles },
		{ "merged parts equal the whole", merge },
		{ "summary without samples", summary_without_samples },
		{ "summary with and without a baseline", summary_and_baseline },
		{}
	};

	return ktap_run_all(tests);
}
