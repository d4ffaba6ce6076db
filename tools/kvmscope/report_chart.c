// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stepped histograms as SVG: cycles on a logarithmic axis, and as height the
 * share of the samples per eighth of an octave.  On that axis buckets differ in
 * width; this way the area under a curve is the share of the samples, and the
 * height is still about a bucket's share.
 */
#include "report_chart.h"

#include <math.h>
#include <stdlib.h>

#include "hist.h"
#include "html.h"

/* Two octaves and a bit. */
#define MIN_BUCKETS	(2 * HIST_PER_OCTAVE + 4)

struct chart {
	FILE *file;
	const struct report_panel *panel;
	double width, height;		/* of the whole */
	double left, right, top, bottom;/* edges of the plot */
	double low, high;		/* octaves at its left and right edge */
	double peak;			/* share per eighth of an octave at the top */
	__u32 first, last;		/* buckets drawn */
	double font;
};

/* The left edge of a bucket, in octaves.  Zero has no logarithm. */
static double octave(__u32 bucket)
{
	__u64 ge = hist_bucket_ge(bucket);

	return ge ? log2((double)ge) : -1;
}

static double x_of(const struct chart *chart, double octaves)
{
	double x = chart->left + (chart->right - chart->left) * (octaves - chart->low) /
		   (chart->high - chart->low);

	return fmin(fmax(x, chart->left), chart->right);
}

static double y_of(const struct chart *chart, double density)
{
	return chart->bottom - (chart->bottom - chart->top) * density / chart->peak;
}

static double density(const struct row *row, __u32 bucket)
{
	__u64 count = row->summary.count;

	if (!count || bucket >= HIST_LAST)
		return 0;
	return (double)hist__bucket(row->cycles, bucket) / (double)count / HIST_PER_OCTAVE /
	       (octave(bucket + 1) - octave(bucket));
}

/* All but half a per cent at either end, which would squeeze the rest. */
static bool find_domain(struct chart *chart)
{
	const struct report_panel *panel = chart->panel;
	__u32 low, high, bucket, air;
	const struct summary *summary;
	bool any = false;
	size_t i;

	for (i = 0; i < panel->nr_series; i++) {
		summary = &panel->series[i].row->summary;
		if (!summary->count)
			continue;
		low = hist_bucket(summary->low);
		high = hist_bucket(summary->high);
		high = high < HIST_LAST ? high : HIST_LAST - 1;
		chart->first = any && chart->first < low ? chart->first : low;
		chart->last = any && chart->last > high ? chart->last : high;
		any = true;
	}
	if (!any || chart->first > chart->last)
		return false;

	/* Some air on both sides, and room for two marks on the axis. */
	air = chart->last - chart->first < MIN_BUCKETS ?
	      (MIN_BUCKETS - (chart->last - chart->first)) / 2 : 2;
	chart->first = chart->first < air ? 0 : chart->first - air;
	chart->last = chart->last + air < HIST_LAST ? chart->last + air : HIST_LAST - 1;
	chart->low = octave(chart->first);
	chart->high = octave(chart->last + 1);

	for (i = 0; i < panel->nr_series; i++) {
		for (bucket = chart->first; bucket <= chart->last; bucket++)
			chart->peak = fmax(chart->peak, density(panel->series[i].row, bucket));
	}
	return chart->peak > 0;
}

static void print_short(FILE *file, __u64 number)
{
	static const char *const units[] = { "", "k", "M", "G", "T" };
	size_t unit = 0;

	while (number >= 1000 && number % 1000 == 0 && unit < 4) {
		number /= 1000;
		unit++;
	}
	fprintf(file, "%llu%s", number, units[unit]);
}

/* 1, 2, 5, 10, …; the ones that would touch each other are left out. */
static void print_x_axis(const struct chart *chart)
{
	static const unsigned int factors[] = { 1, 2, 5 };
	const double gap = chart->font * 3.6;
	double x, before = -gap;
	__u64 decade, tick;
	bool crowded;
	size_t i;

	/* With little room only the powers of ten and what fits between. */
	crowded = (chart->right - chart->left) / (chart->high - chart->low) < gap;
	for (decade = 1; decade <= 1ULL << HIST_OCTAVES; decade *= 10) {
		for (i = 0; i < (crowded ? 1 : 3); i++) {
			tick = decade * factors[i];
			if (log2((double)tick) < chart->low || log2((double)tick) > chart->high)
				continue;
			x = x_of(chart, log2((double)tick));
			fprintf(chart->file, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" "
				"y1=\"%.1f\" y2=\"%.1f\"/>", x, x, chart->top,
				chart->bottom + 4);
			if (x - before < gap)
				continue;
			before = x;
			fprintf(chart->file, "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" "
				"text-anchor=\"middle\">", x, chart->bottom + chart->font * 1.5);
			print_short(chart->file, tick);
			fprintf(chart->file, "</text>");
		}
	}
	fprintf(chart->file, "<text class=\"axis\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">"
		"TSC cycles per %s (log scale)</text>\n",
		chart->right, chart->height - chart->font * 0.4, chart->panel->event->sample);
}

static void print_y_axis(const struct chart *chart)
{
	static const double steps[] = { 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10 };
	size_t i = 0;
	double share, y;

	while (i + 1 < sizeof(steps) / sizeof(*steps) && chart->peak / steps[i] > 4.5)
		i++;

	for (share = 0; share <= chart->peak * 1.001; share += steps[i]) {
		y = y_of(chart, share);
		fprintf(chart->file, "<line class=\"%s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" "
			"y2=\"%.1f\"/><text class=\"tick\" x=\"%.1f\" y=\"%.1f\" "
			"text-anchor=\"end\">%.0f %%</text>\n", share > 0 ? "grid" : "base",
			chart->left, chart->right, y, y, chart->left - chart->font * 0.5,
			y + chart->font * 0.35, share * 100);
	}
}

static void print_steps(const struct chart *chart, const struct report_series *series)
{
	__u32 bucket;
	double y;
	int fill;

	/* The area first, closed along the base; then the line over it. */
	for (fill = 1; fill >= 0; fill--) {
		fprintf(chart->file, "<path class=\"%s s%u\" d=\"M%.1f %.1f",
			fill ? "area" : "line", series->colour, chart->left, chart->bottom);
		for (bucket = chart->first; bucket <= chart->last; bucket++) {
			y = y_of(chart, density(series->row, bucket));
			fprintf(chart->file, "L%.1f %.1fL%.1f %.1f",
				x_of(chart, octave(bucket)), y,
				x_of(chart, octave(bucket + 1)), y);
		}
		fprintf(chart->file, "L%.1f %.1f%s\"/>\n", chart->right, chart->bottom,
			fill ? "Z" : "");
	}
}

static double median_x(const struct chart *chart, const struct report_series *series)
{
	__u64 median = series->row->summary.raw.percentiles[P50];

	return x_of(chart, median ? log2((double)median) : -1);
}

/* Each label has a line of its own, so that none collide. */
static double median_y(const struct chart *chart, size_t i)
{
	return chart->font * (1.1 + 1.35 * (double)i);
}

static void print_median_line(const struct chart *chart, size_t i)
{
	const struct report_series *series = &chart->panel->series[i];
	double x = median_x(chart, series);

	fprintf(chart->file, "<line class=\"median s%u\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" "
		"y2=\"%.1f\"/>\n", series->colour, x, x, median_y(chart, i) - chart->font * 0.7,
		chart->bottom);
}

static void print_median_label(const struct chart *chart, size_t i)
{
	const struct report_series *series = &chart->panel->series[i];
	double x = median_x(chart, series);
	bool end = x > (chart->left + chart->right) / 2;

	fprintf(chart->file, "<text class=\"label s%u\" x=\"%.1f\" y=\"%.1f\" "
		"text-anchor=\"%s\">p50 ", series->colour, x + (end ? -5 : 5),
		median_y(chart, i), end ? "end" : "start");
	html__number(chart->file, series->row->summary.raw.percentiles[P50]);
	fprintf(chart->file, "</text>\n");
}

/* More labels than that would be higher than the chart. */
static size_t label_lines(const struct report_panel *panel)
{
	return panel->nr_series <= REPORT_COLOURS ? panel->nr_series : 0;
}

/* The labels after all lines: they hide what they cover. */
static void print_medians(const struct chart *chart)
{
	size_t i;

	if (!label_lines(chart->panel))
		return;

	for (i = 0; i < chart->panel->nr_series; i++) {
		if (chart->panel->series[i].row->summary.count)
			print_median_line(chart, i);
	}
	for (i = 0; i < chart->panel->nr_series; i++) {
		if (chart->panel->series[i].row->summary.count)
			print_median_label(chart, i);
	}
}

/* Invisible columns whose titles browsers show when pointed at. */
static void print_tips(const struct chart *chart)
{
	const struct report_panel *panel = chart->panel;
	__u64 count, here;
	__u32 bucket;
	double x;
	size_t i;

	for (bucket = chart->first; bucket <= chart->last; bucket++) {
		for (i = here = 0; i < panel->nr_series; i++)
			here += hist__bucket(panel->series[i].row->cycles, bucket);
		if (!here)
			continue;
		x = x_of(chart, octave(bucket));
		fprintf(chart->file, "<rect class=\"tip\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
			"height=\"%.1f\"><title>%llu to %llu cycles", x, chart->top,
			x_of(chart, octave(bucket + 1)) - x, chart->bottom - chart->top,
			hist_bucket_ge(bucket), hist_bucket_le(bucket));
		for (i = 0; i < panel->nr_series; i++) {
			here = hist__bucket(panel->series[i].row->cycles, bucket);
			count = panel->series[i].row->summary.count;
			fprintf(chart->file, "\n");
			html__text(chart->file, panel->series[i].label);
			fprintf(chart->file, ": %llu (%.2f %%)", here,
				count ? 100.0 * (double)here / (double)count : 0.0);
		}
		fprintf(chart->file, "</title></rect>\n");
	}
}

static void print_titles(const struct chart *chart, unsigned int number)
{
	const struct report_panel *panel = chart->panel;
	const struct summary_cycles *cycles;
	size_t i;

	fprintf(chart->file, "<title id=\"title-%u\">Histogram: cycles of %s, ", number,
		panel->event->subject);
	html__text(chart->file, panel->title);
	fprintf(chart->file, "</title>\n<desc id=\"desc-%u\">", number);
	for (i = 0; i < panel->nr_series; i++) {
		cycles = &panel->series[i].row->summary.raw;
		html__text(chart->file, panel->series[i].label);
		fprintf(chart->file, ": median %llu cycles, 99th percentile %llu. ",
			cycles->percentiles[P50], cycles->percentiles[P99]);
	}
	fprintf(chart->file, "</desc>\n");
}

void report_chart__print(FILE *file, const struct report_panel *panel, unsigned int number,
			 bool narrow)
{
	struct chart chart = { .file = file, .panel = panel, .font = 13 };
	size_t i;

	if (!find_domain(&chart)) {
		if (!narrow)
			fprintf(file, "<p class=\"empty\">No undisturbed sample.</p>\n");
		return;
	}

	chart.width = narrow ? 360 : 960;
	chart.left = narrow ? 48 : 56;
	chart.right = chart.width - (narrow ? 8 : 16);
	chart.top = chart.font * (1.1 + 1.35 * (double)label_lines(panel));
	chart.bottom = chart.top + (narrow ? 200 : 260);
	chart.height = chart.bottom + chart.font * 3.4;

	fprintf(file, "<svg class=\"%s\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
		"aria-labelledby=\"title-%u desc-%u\">\n", narrow ? "narrow" : "wide",
		chart.width, chart.height, number, number);
	print_titles(&chart, number);
	print_y_axis(&chart);
	print_x_axis(&chart);
	for (i = 0; i < panel->nr_series; i++)
		print_steps(&chart, &panel->series[i]);
	print_medians(&chart);
	print_tips(&chart);
	fprintf(file, "</svg>\n");
}
