// SPDX-License-Identifier: GPL-2.0-only
/* The rows of a snapshot as a table for the terminal. */
#include "snapshot_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define CELL		24

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

void snapshot__print_table(const struct snapshot *snapshot, FILE *file, unsigned int width)
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
