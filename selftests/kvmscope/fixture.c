// SPDX-License-Identifier: GPL-2.0-only
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#include "hist.h"

/* What one VM counted. */
struct row_values {
	const char *index;
	__u64 count;
	__u64 base;		/* cycles of the fastest */
	__u64 spread;
	__u64 work;
	__u64 disturbed;
};

/* Of VM 3 and VM 4, which are compared; a VM without an index counted nothing. */
struct pair {
	const char *bus;
	const char *outcome;
	struct row_values vm3, vm4;
};

static const struct pair gfn_lookups[] = {
	{ "", "cached", { "linear", 41230, 64, 12, 0, 3 }, { "bsearch", 40871, 66, 12, 0, 0 } },
	{ "", "found", { "linear", 9120, 150, 900, 52, 41 }, { "bsearch", 9344, 130, 70, 6, 7 } },
	{ "", "absent", { "linear", 512, 1300, 300, 117, 0 }, { "bsearch", 512, 170, 40, 7, 0 } },
	{}
};

static const struct pair accesses[] = {
	{ "mmio", "claimed", { "bsearch", 512, 170, 40, 1, 0 }, { "hash", 480, 90, 20, 1, 0 } },
	{ "pio", "claimed", { "bsearch", 20410, 190, 60, 3, 12 }, { "hash", 20377, 88, 20, 1, 2 } },
	{ "pio", "absent", { "bsearch", 1204, 180, 30, 0, 0 }, {} },
	{ "fast-mmio", "absent", { "bsearch", 702, 80, 9, 0, 1 }, {} },
	{}
};

static const struct pair syncs[] = {
	{ "", "root", { "bitmap", 3120, 2600, 900, 14, 5 }, { "list-all", 2987, 1900, 700, 31, 4 } },
	{ "", "cached-roots", { "bitmap", 44, 700, 90, 0, 0 }, {} },
	{ "", "link", { "bitmap", 210, 1900, 300, 9, 0 }, { "list-all", 195, 1500, 200, 9, 1 } },
	{}
};

static const struct pair *const pairs_of[NR_EVENTS] = {
	[EVENT_memslot] = gfn_lookups,
	[EVENT_io_bus] = accesses,
	[EVENT_mmu_sync] = syncs,
};

static __u64 state;

static __u64 next_random(__u64 below)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % below;
}

/* A hump of the sum of three dice, and one sample in 300 far away. */
static __u64 sample(const struct row_values *row)
{
	__u64 cycles = row->base;
	int i;

	for (i = 0; i < 3; i++)
		cycles += next_random(row->spread / 3 + 1);
	if (!next_random(300))
		cycles *= 4 + next_random(40);
	return cycles;
}

static void add_row(struct snapshot *snapshot, const struct pair *pair, __u64 vm,
		    const struct row_values *from)
{
	struct row *row;
	__u64 i;

	if (!from->index)
		return;
	row = snapshot__add_row(snapshot);
	if (snapshot->by & BY_VM)
		row->vm = vm;
	if (snapshot->by & BY_VCPU)
		row->vcpu = vm == 3 ? VCPU_NONE : 0;
	if (snapshot->by & BY_BUS)
		strcpy(row->bus, pair->bus);
	if (snapshot->by & BY_INDEX)
		strcpy(row->index, from->index);
	if (snapshot->by & BY_OUTCOME)
		strcpy(row->outcome, pair->outcome);
	for (i = 0; i < from->count; i++)
		hist__record(row->cycles, sample(from));
	row->work = from->count * from->work;
	row->disturbed = from->disturbed;
}

void fixture__fill(struct snapshot *snapshot, const struct event *event, unsigned int by)
{
	static const struct vm vms[] = {
		{
			481, 11, true, 3, 0, 117,
			{
				[EVENT_memslot] = "linear", [EVENT_io_bus] = "bsearch",
				[EVENT_mmu_sync] = "bitmap"
			},
			"<b>\"linear\" & 'co'"
		}, {
			502, 12, true, 4, 1, 117,
			{
				[EVENT_memslot] = "bsearch", [EVENT_io_bus] = "hash",
				[EVENT_mmu_sync] = "list-all"
			},
			"bsearch-gäst"
		},
	};
	const struct pair *pair = pairs_of[event__number(event)];

	state = 42;
	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->event = event;
	snapshot->final = true;
	snapshot->interval = 5;
	snapshot->seconds = 5.001;
	snapshot->time = 1767225600;
	strcpy(snapshot->kernel, "7.3.4");
	snapshot->by = by;
	snapshot->losses.missed = 2;

	snapshot->baseline.nr_cpus = 2;
	snapshot->baseline.cpus = calloc(2, sizeof(*snapshot->baseline.cpus));
	snapshot->baseline.cpus[0] = (struct baseline_cpu){ 0, 38, 40 };
	snapshot->baseline.cpus[1] = (struct baseline_cpu){ 1, 36, 42 };
	snapshot->baseline.min = 36;
	snapshot->baseline.median = 42;

	snapshot->vms = calloc(2, sizeof(*snapshot->vms));
	memcpy(snapshot->vms, vms, sizeof(vms));
	snapshot->nr_vms = 2;

	for (; pair->outcome; pair++) {
		add_row(snapshot, pair, 3, &pair->vm3);
		add_row(snapshot, pair, 4, &pair->vm4);
	}
	snapshot__summarize(snapshot);
}

void fixture__release(struct snapshot *snapshot)
{
	snapshot__release(snapshot);
	baseline__release(&snapshot->baseline);
}
