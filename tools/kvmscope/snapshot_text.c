// SPDX-License-Identifier: GPL-2.0-only
/*
 * A snapshot for the terminal: a table, then histograms in which the VMs that
 * are to be compared stand side by side over the same cycles.
 */
#include "snapshot_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "hist.h"
#include "text.h"

#define CELL		24
#define MAX_LINES	18	/* of one histogram */
#define MIN_COLUMN	26	/* characters for one VM's histogram */
#define COUNT_WIDTH	9
#define BASELINE_WIDTH	116	/* below, its line is broken */

struct table {
	size_t columns;
	size_t rows;
	char (*cells)[CELL];	/* row by row, the first row is the heading */
};

static void table_add(struct table *table, const char *cell)
{
	snprintf(table->cells[table->columns++], CELL, "%s", cell);
}

static void table_number(struct table *table, __u64 number)
{
	char cell[CELL];

	snprintf(cell, sizeof(cell), "%llu", number);
	table_add(table, cell);
}

static void table_figure(struct table *table, const struct figure *figure)
{
	char cell[CELL] = "-";

	if (figure->kind == FIGURE_COUNT)
		snprintf(cell, sizeof(cell), "%llu", figure->count);
	else if (figure->kind == FIGURE_REAL)
		snprintf(cell, sizeof(cell), "%.1f", figure->real);
	table_add(table, cell);
}

static void table_capitals(struct table *table, const char *word)
{
	char cell[CELL];
	size_t i;

	for (i = 0; word[i] && i + 1 < sizeof(cell); i++)
		cell[i] = (char)toupper((unsigned char)word[i]);
	cell[i] = '\0';
	table_add(table, cell);
}

static void add_heading(struct table *table, const struct snapshot *snapshot)
{
	size_t i;

	for (i = 0; i < NR_BY; i++) {
		if (snapshot->by & (1U << i))
			table_capitals(table, by_names[i]);
	}
	table_add(table, "COUNT");
	table_add(table, "MEAN");
	for (i = 0; i < NR_PERCENTILES; i++)
		table_capitals(table, summary_percentiles[i].title);
	table_add(table, "MAX");
	table_add(table, "NET");
	table_capitals(table, snapshot->event->work.name);
	table_add(table, "DISTURBED");
}

static void add_vcpu(struct table *table, int vcpu)
{
	if (vcpu == VCPU_NONE)
		table_add(table, "none");
	else if (vcpu == VCPU_OTHER)
		table_add(table, "other");
	else
		table_number(table, vcpu);
}

static void add_row(struct table *table, const struct snapshot *snapshot, const struct row *row)
{
	struct figure figures[NR_FIGURES];
	size_t i;

	if (snapshot->by & BY_VM)
		table_number(table, row->vm);
	if (snapshot->by & BY_VCPU)
		add_vcpu(table, row->vcpu);
	if (snapshot->by & BY_BUS)
		table_add(table, row->bus);
	if (snapshot->by & BY_INDEX)
		table_add(table, row->index);
	if (snapshot->by & BY_OUTCOME)
		table_add(table, row->outcome);

	summary__figures(&row->summary, figures);
	for (i = 0; i < NR_FIGURES; i++)
		table_figure(table, &figures[i]);
	table_number(table, row->disturbed);
}

static const char *table_cell(const struct table *table, size_t row, size_t column)
{
	return table->cells[row * (table->columns / table->rows) + column];
}

static size_t column_width(const struct table *table, size_t column)
{
	size_t width = 0, length, row;

	for (row = 0; row < table->rows; row++) {
		length = text__width(table_cell(table, row, column));
		width = length > width ? length : width;
	}
	return width;
}

/* Words to the left, numbers to the right. */
static void print_cell(const struct table *table, size_t row, size_t column, FILE *file)
{
	static const char *const words[] = { "BUS", "INDEX", "OUTCOME" };
	const char *cell = table_cell(table, row, column);
	int padding = (int)(column_width(table, column) - text__width(cell));
	bool word = false;
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		word |= !strcmp(table_cell(table, 0, column), words[i]);
	fprintf(file, column ? "  " : "");
	if (word)
		fprintf(file, "%s%*s", cell, padding, "");
	else
		fprintf(file, "%*s%s", padding, "", cell);
}

/*
 * Columns as wide as their widest cell.  What is wider than @width is continued
 * below, after the first @keys columns again.
 */
static void print_table(const struct table *table, size_t keys, unsigned int width, FILE *file)
{
	size_t columns = table->columns / table->rows, column, end, row, used;

	for (column = keys; column < columns; column = end) {
		for (used = end = 0; end < keys; end++)
			used += column_width(table, end) + 2;
		end = column;
		do
			used += column_width(table, end++) + 2;
		while (end < columns && used + column_width(table, end) <= width);

		for (row = 0; row < table->rows; row++) {
			for (size_t key = 0; key < keys; key++)
				print_cell(table, row, key, file);
			for (size_t i = column; i < end; i++)
				print_cell(table, row, i, file);
			fputc('\n', file);
		}
	}
}

static void print_rows(const struct snapshot *snapshot, FILE *file, unsigned int width)
{
	struct table table = { .rows = snapshot->nr_rows + 1 };
	size_t i;

	table.cells = calloc(table.rows * (NR_BY + NR_FIGURES + 1), sizeof(*table.cells));
	if (!table.cells)
		return;

	add_heading(&table, snapshot);
	for (i = 0; i < snapshot->nr_rows; i++)
		add_row(&table, snapshot, &snapshot->rows[i]);
	print_table(&table, (size_t)__builtin_popcount(snapshot->by), width, file);
	free(table.cells);
}

static void print_vm(const struct snapshot *snapshot, const struct vm *vm, FILE *file)
{
	const char *index = vm__index(vm, snapshot->event);

	fprintf(file, "VM %llu: %s, pid %d", vm->id, vm->name, vm->pid);
	if (*index)
		fprintf(file, ", %s index", index);
	if (snapshot->event->slots_matter)
		fprintf(file, ", %llu memslots", vm->slots);
	fputc('\n', file);
}

static void print_head(const struct snapshot *snapshot, FILE *file, unsigned int width)
{
	const struct baseline *baseline = &snapshot->baseline;
	size_t i;

	if (snapshot->final)
		fprintf(file, "== total of %.1f s", snapshot->seconds);
	else
		fprintf(file, "== interval %u, %.1f s", snapshot->interval, snapshot->seconds);
	fprintf(file, ": %s by kvm:%s, TSC cycles\n", snapshot->event->subject,
		snapshot->event->tracepoint);

	if (baseline->nr_cpus)
		fprintf(file, "baseline: an empty pair of clock reads takes %llu cycles%s"
			"(median of %zu CPU%s, fastest %llu); NET is MEAN without it\n",
			baseline->median, width < BASELINE_WIDTH ? "\n          " : " ",
			baseline->nr_cpus, baseline->nr_cpus == 1 ? "" : "s", baseline->min);
	else
		fprintf(file, "baseline: not measured\n");

	for (i = 0; i < snapshot->nr_vms; i++)
		print_vm(snapshot, &snapshot->vms[i], file);
}

static void print_losses(const struct snapshot *snapshot, FILE *file)
{
	const struct losses *losses = &snapshot->losses;

	fprintf(file, "missed: %llu", losses->missed);
	if (losses->rekeyed)
		fprintf(file, ", lost with dead VMs: %llu", losses->rekeyed);
	if (losses->beyond_map)
		fprintf(file, ", of VMs beyond --max-vms: %llu", losses->beyond_map);
	if (losses->unknown_kind)
		fprintf(file, ", of unknown %s: %llu", snapshot->event->unknown,
			losses->unknown_kind);
	fprintf(file, " (since the start)\n");
}

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

static void print_histograms(const struct snapshot *snapshot, FILE *file, unsigned int width,
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

void snapshot__print_text(const struct snapshot *snapshot, FILE *file, unsigned int width,
			  bool utf8)
{
	print_head(snapshot, file, width);
	if (snapshot->nr_rows) {
		print_rows(snapshot, file, width);
		print_histograms(snapshot, file, width, utf8);
	} else {
		fprintf(file, "no lookups\n");
	}
	print_losses(snapshot, file);
	fputc('\n', file);
}
