// SPDX-License-Identifier: GPL-2.0-only
/* A snapshot for the terminal: what it is of, a table, histograms, what was lost. */
#include "snapshot_text.h"

#define BASELINE_WIDTH	116	/* below, its line is broken */

static void print_vm(const struct snapshot *snapshot, const struct vm *vm, FILE *file)
{
	const char *index = vm__index(vm, snapshot->event);

	fprintf(file, "VM %llu: %s, pid %d", vm->id, vm->name, vm->pid);
	if (*index)
		fprintf(file, ", %s %s", index, snapshot->event->index.noun);
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

void snapshot__print_text(const struct snapshot *snapshot, FILE *file, unsigned int width,
			  bool utf8)
{
	print_head(snapshot, file, width);
	if (snapshot->nr_rows) {
		snapshot__print_table(snapshot, file, width);
		snapshot__print_histograms(snapshot, file, width, utf8);
	} else {
		fprintf(file, "no %ss\n", snapshot->event->sample);
	}
	print_losses(snapshot, file);
	fputc('\n', file);
}
