// SPDX-License-Identifier: GPL-2.0-only
#include "snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hist.h"

struct row *snapshot__add_row(struct snapshot *snapshot)
{
	struct row *rows, *row;

	rows = reallocarray(snapshot->rows, snapshot->nr_rows + 1, sizeof(*rows));
	if (!rows)
		return NULL;
	snapshot->rows = rows;

	row = &rows[snapshot->nr_rows];
	memset(row, 0, sizeof(*row));
	row->cycles = hist__new();
	if (!row->cycles)
		return NULL;
	snapshot->nr_rows++;
	return row;
}

void snapshot__summarize(struct snapshot *snapshot)
{
	struct row *row;
	size_t i;

	for (i = 0; i < snapshot->nr_rows; i++) {
		row = &snapshot->rows[i];
		summary__make(&row->summary, row->cycles, row->work, &snapshot->baseline);
	}
}

void snapshot__release(struct snapshot *snapshot)
{
	size_t i;

	for (i = 0; i < snapshot->nr_rows; i++)
		hist__free(snapshot->rows[i].cycles);
	free(snapshot->rows);
	free(snapshot->vms);
	snapshot->rows = NULL;
	snapshot->vms = NULL;
	snapshot->nr_rows = 0;
	snapshot->nr_vms = 0;
}

static const struct vm *find_vm(const struct snapshot *snapshot, __u64 id)
{
	size_t i;

	for (i = 0; i < snapshot->nr_vms; i++) {
		if (snapshot->vms[i].id == id)
			return &snapshot->vms[i];
	}
	return NULL;
}

static int lane_vcpu(__u32 lane, __u32 lanes)
{
	if (lane == HIST_LANE_NO_VCPU)
		return VCPU_NONE;
	return lane == lanes - 1 ? VCPU_OTHER : (int)lane - 1;
}

static void name_index(const struct snapshot *snapshot, const struct series *series,
		       char *name, size_t size)
{
	const struct vm *vm = find_vm(snapshot, series->vm_id);
	const struct event *event = snapshot->event;

	/* debugfs has the last word: the kernel may know more than this program. */
	if (vm && *vm__index(vm, event))
		snprintf(name, size, "%s", vm__index(vm, event));
	else if (event__index(event, series->index))
		snprintf(name, size, "%s", event__index(event, series->index));
	else
		snprintf(name, size, "#%u", series->index);
}

static bool same_row(const struct row *a, const struct row *b)
{
	return a->vm == b->vm && a->vcpu == b->vcpu && !strcmp(a->bus, b->bus) &&
	       !strcmp(a->index, b->index) && !strcmp(a->outcome, b->outcome);
}

static struct row *find_row(struct snapshot *snapshot, const struct series *series,
			    __u32 lanes)
{
	struct row wanted = {}, *row;
	struct hist *hist;
	size_t i;

	if (snapshot->by & BY_VM)
		wanted.vm = series->vm_id;
	if (snapshot->by & BY_VCPU)
		wanted.vcpu = lane_vcpu(series->lane, lanes);
	if (snapshot->by & BY_BUS)
		strcpy(wanted.bus, event__bus(snapshot->event, series->kind));
	if (snapshot->by & BY_INDEX)
		name_index(snapshot, series, wanted.index, sizeof(wanted.index));
	if (snapshot->by & BY_OUTCOME)
		strcpy(wanted.outcome, event__outcome(snapshot->event, series->kind));

	for (i = 0; i < snapshot->nr_rows; i++) {
		if (same_row(&snapshot->rows[i], &wanted))
			return &snapshot->rows[i];
	}

	row = snapshot__add_row(snapshot);
	if (!row)
		return NULL;
	hist = row->cycles;
	*row = wanted;
	row->cycles = hist;
	return row;
}

/* The vCPUs by id, then the others, then none. */
static unsigned int vcpu_order(int vcpu)
{
	return vcpu >= 0 ? (unsigned int)vcpu : 0x80000000U + (vcpu == VCPU_NONE);
}

static int compare_rows(const void *a, const void *b, void *context)
{
	const struct event *event = context;
	const struct row *x = a, *y = b;
	size_t i, j;

	i = event__bus_order(event, x->bus);
	j = event__bus_order(event, y->bus);
	if (i != j)
		return i < j ? -1 : 1;
	i = event__outcome_order(event, x->outcome);
	j = event__outcome_order(event, y->outcome);
	if (i != j)
		return i < j ? -1 : 1;
	if (x->vcpu != y->vcpu)
		return vcpu_order(x->vcpu) < vcpu_order(y->vcpu) ? -1 : 1;
	if (x->vm != y->vm)
		return x->vm < y->vm ? -1 : 1;
	return strcmp(x->index, y->index);
}

int snapshot__add_series(struct snapshot *snapshot, const struct tally *tally,
			 enum span span, __u32 lanes)
{
	const struct series *series;
	struct row *row;
	size_t i;

	for (i = 0; i < tally__count(tally); i++) {
		series = tally__get(tally, span, i);
		if (!hist__count(series->cycles) && !series->disturbed)
			continue;
		row = find_row(snapshot, series, lanes);
		if (!row)
			return -ENOMEM;
		hist__merge(row->cycles, series->cycles);
		row->work += series->work;
		row->disturbed += series->disturbed;
	}
	if (snapshot->nr_rows)
		qsort_r(snapshot->rows, snapshot->nr_rows, sizeof(*snapshot->rows), compare_rows,
			(void *)snapshot->event);
	snapshot__summarize(snapshot);
	return 0;
}

static bool same_panel(const struct row *a, const struct row *b)
{
	return a->vcpu == b->vcpu && !strcmp(a->bus, b->bus) && !strcmp(a->outcome, b->outcome);
}

size_t snapshot__panels(const struct snapshot *snapshot, size_t *panel)
{
	size_t i, j, panels = 0;

	for (i = 0; i < snapshot->nr_rows; i++) {
		for (j = 0; j < i; j++) {
			if (same_panel(&snapshot->rows[i], &snapshot->rows[j]))
				break;
		}
		panel[i] = j < i ? panel[j] : panels++;
	}
	return panels;
}

void snapshot__panel_title(const struct snapshot *snapshot, const struct row *row,
			   char *title, size_t size)
{
	const char *outcome = snapshot->by & BY_OUTCOME ? row->outcome : "all outcomes";
	char what[40];

	snprintf(what, sizeof(what), "%s%s%s", row->bus, *row->bus ? ", " : "", outcome);
	if (!(snapshot->by & BY_VCPU))
		snprintf(title, size, "%s", what);
	else if (row->vcpu == VCPU_NONE)
		snprintf(title, size, "%s, no vCPU", what);
	else if (row->vcpu == VCPU_OTHER)
		snprintf(title, size, "%s, other vCPUs", what);
	else
		snprintf(title, size, "%s, vCPU %d", what, row->vcpu);
}

void snapshot__row_title(const struct snapshot *snapshot, const struct row *row,
			 char *title, size_t size)
{
	const struct vm *vm = snapshot->by & BY_VM ? find_vm(snapshot, row->vm) : NULL;
	const char *index = snapshot->by & BY_INDEX ? row->index : "";

	/* The name last: it is what can best be cut off. */
	if (snapshot->by & BY_VM)
		snprintf(title, size, "VM %llu%s%s%s%s", row->vm, *index ? " " : "", index,
			 vm ? ", " : "", vm ? vm->name : "");
	else
		snprintf(title, size, "%s", *index ? index : "all VMs");
}
