// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rows of a snapshot as histograms for the terminal, in which the VMs that are
 * to be compared stand side by side over the same cycles.
 */
#include "snapshot_text.h"

#include <stdlib.h>

#include "hist.h"
#include "text.h"

#define MAX_LINES	18	/* of one histogram */
#define MIN_COLUMN	26	/* characters for one VM's histogram */
#define COUNT_WIDTH	9

/* The lines that a group of histograms shares. */
struct axis {
	__u32 first;		/* bucket of the first line */
	__u32 last;		/* last bucket of the last line */
	__u32 step;		/* buckets per line */
};

/*
 * From the lowest sample to the 99.5th percentile of any member: the few samples
 * beyond are shown as one line, or they would squeeze all others into two.
 */
static bool find_axis(const struct row *const *rows, size_t nr, struct axis *axis)
{
	__u32 first, last, high;
	bool any = false;
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!hist__range(rows[i]->cycles, &first, &last))
			continue;
		high = hist_bucket(rows[i]->summary.high);
		axis->first = any && axis->first < first ? axis->first : first;
		axis->last = any && axis->last > high ? axis->last : high;
		any = true;
	}
	if (!any)
		return false;

	for (axis->step = 1; axis->step < HIST_PER_OCTAVE; axis->step *= 2) {
		if ((axis->last - axis->first) / axis->step < MAX_LINES)
			break;
	}
	/* Lines of whole octaves, or of whole parts of them. */
	axis->first -= axis->first % axis->step;
	return true;
}

static __u64 count_between(const struct hist *hist, __u32 first, __u32 last)
{
	__u64 count = 0;
	__u32 i;

	for (i = first; i <= last && i < HIST_BUCKETS; i++)
		count += hist__bucket(hist, i);
	return count;
}

/*
 * Eighths of a character are shown where the character set has them.  Returns
 * the characters printed.
 */
static unsigned int print_bar(double share, unsigned int width, bool utf8, FILE *file)
{
	static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	unsigned int units = (unsigned int)(share * width * 8 + 0.5), i;

	if (!units && share > 0)
		units = 1;
	if (!utf8)
		units = (units + 7) / 8 * 8;

	for (i = 0; i < units / 8; i++)
		fputs(utf8 ? "█" : "#", file);
	fputs(eighths[units % 8], file);
	return i + !!(units % 8);
}

struct panel {
	const struct row *const *rows;
	size_t nr;
	struct axis axis;
	double peak;		/* the largest share of any line in any column */
	unsigned int column;	/* width */
	bool utf8;
	FILE *file;
};

static double share_of(const struct row *row, __u32 first, __u32 last)
{
	__u64 count = row->summary.count;

	return count ? (double)count_between(row->cycles, first, last) / (double)count : 0;
}

static void find_peak(struct panel *panel)
{
	double share;
	__u32 bucket;
	size_t i;

	panel->peak = 0;
	for (i = 0; i < panel->nr; i++) {
		for (bucket = panel->axis.first; bucket <= panel->axis.last;
		     bucket += panel->axis.step) {
			share = share_of(panel->rows[i], bucket, bucket + panel->axis.step - 1);
			panel->peak = share > panel->peak ? share : panel->peak;
		}
		share = share_of(panel->rows[i], bucket, HIST_LAST);
		panel->peak = share > panel->peak ? share : panel->peak;
	}
}

static void print_line(const struct panel *panel, __u32 first, __u32 last)
{
	unsigned int bar = panel->column - COUNT_WIDTH - 4, length;
	FILE *file = panel->file;
	__u64 count;
	size_t i;

	for (i = 0; i < panel->nr; i++) {
		count = count_between(panel->rows[i]->cycles, first, last);
		length = 0;
		if (count) {
			fprintf(file, " %*llu ", COUNT_WIDTH, count);
			length = print_bar(share_of(panel->rows[i], first, last) / panel->peak, bar,
					   panel->utf8, file);
		} else if (i + 1 < panel->nr) {
			fprintf(file, "%*s", COUNT_WIDTH + 2, "");
		}
		if (i + 1 < panel->nr)
			fprintf(file, "%*s%s ", (int)(bar - length), "", panel->utf8 ? "▏" : "|");
	}
	fputc('\n', file);
}

static void print_panel(struct panel *panel)
{
	const struct axis *axis = &panel->axis;
	__u64 beyond;
	__u32 bucket;
	size_t i;

	find_peak(panel);
	for (bucket = axis->first; bucket <= axis->last; bucket += axis->step) {
		fprintf(panel->file, "%10llu -%11llu", hist_bucket_ge(bucket),
			hist_bucket_le(bucket + axis->step - 1));
		print_line(panel, bucket, bucket + axis->step - 1);
	}
	for (i = beyond = 0; i < panel->nr; i++)
		beyond += count_between(panel->rows[i]->cycles, bucket, HIST_LAST);
	if (beyond) {
		fprintf(panel->file, "%10llu %-12s", hist_bucket_ge(bucket), "and more");
		print_line(panel, bucket, HIST_LAST);
	}
}

/* Titles and histograms of as many rows as the width holds at a time. */
static void print_group(const struct snapshot *snapshot, const struct row *const *rows,
			size_t nr, unsigned int width, bool utf8, FILE *file)
{
	const unsigned int label = 23;
	struct panel panel = { .utf8 = utf8, .file = file };
	size_t fit = width > label ? (width - label) / MIN_COLUMN : 1, done, i, bytes;
	char title[128];

	if (!find_axis(rows, nr, &panel.axis))
		return;

	fit = fit < 1 ? 1 : fit > nr ? nr : fit;
	panel.column = width > label ? (width - label) / (unsigned int)fit : MIN_COLUMN;
	if (panel.column < MIN_COLUMN)
		panel.column = MIN_COLUMN;
	if (panel.column > 2 * MIN_COLUMN)
		panel.column = 2 * MIN_COLUMN;

	for (done = 0; done < nr; done += panel.nr) {
		panel.rows = rows + done;
		panel.nr = nr - done < fit ? nr - done : fit;

		snapshot__panel_title(snapshot, rows[0], title, sizeof(title));
		fputc('\n', file);
		if (text__width(title) > label) {
			fprintf(file, "%s\n", title);
			*title = '\0';
		}
		fprintf(file, "%-*s", (int)label, title);
		for (i = 0; i < panel.nr; i++) {
			snapshot__row_title(snapshot, panel.rows[i], title, sizeof(title));
			bytes = text__bytes(title, panel.column - 3);
			fprintf(file, "  %.*s", (int)bytes, title);
			title[bytes] = '\0';
			if (i + 1 < panel.nr)
				fprintf(file, "%*s",
					(int)(panel.column - 2 - text__width(title)), "");
		}
		fputc('\n', file);
		print_panel(&panel);
	}
}

void snapshot__print_histograms(const struct snapshot *snapshot, FILE *file, unsigned int width,
				bool utf8)
{
	size_t *panel = calloc(snapshot->nr_rows, sizeof(*panel)), panels, nr, i, j;
	const struct row **rows = calloc(snapshot->nr_rows, sizeof(*rows));

	if (panel && rows) {
		panels = snapshot__panels(snapshot, panel);
		for (i = 0; i < panels; i++) {
			for (j = nr = 0; j < snapshot->nr_rows; j++) {
				if (panel[j] == i)
					rows[nr++] = &snapshot->rows[j];
			}
			print_group(snapshot, rows, nr, width, utf8, file);
		}
	}
	free(panel);
	free(rows);
}
