// SPDX-License-Identifier: GPL-2.0-only
/*
 * From samples to sums: the BPF programs, compiled as plain C, fill the slots of
 * pretended CPUs, and the tally reads them.  What programs share is tested with
 * gfn lookups, and what depends on the number of kinds with each.
 */
#include <linux/types.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "hist.h"
#include "ktap.h"
#include "snapshot.h"
#include "tally.h"

/* The programs' constants are set by libbpf, here by the tests. */
#include <bpf/bpf_helpers.h>
#define const
#include "io_bus.bpf.c"
#include "memslot.bpf.c"
#include "mmu_sync.bpf.c"
#undef const

#define CPUS		3
#define ORDINALS	4
#define MOST_LANES	6
#define MOST_KEYS	(ORDINALS * MOST_LANES * IO_BUS_KINDS)

#define FOUND_KEY	hist_key(0, 0, MEMSLOT_FOUND, 1, MEMSLOT_OUTCOMES)

static struct hist_slot slots[CPUS][MOST_KEYS];
static unsigned int current_cpu;
static struct tally *tally;
static const struct event *event;
static __u64 sent, sent_disturbed;

static __u32 nr_keys(void)
{
	return ORDINALS * config.lanes * event__kinds(event);
}

void *shim_map_lookup_elem(void *map, const void *key)
{
	static void *const maps[NR_EVENTS] = {
		[EVENT_memslot] = &memslot_lookup,
		[EVENT_io_bus] = &io_bus_lookup,
		[EVENT_mmu_sync] = &mmu_sync,
	};
	__u32 i = *(const __u32 *)key;

	check(map == maps[event__number(event)], "another program's map");
	return i < nr_keys() ? &slots[current_cpu][i] : NULL;
}

/* The ring buffer: slots wait here until they are read, unless it is full. */
static struct hist_slot ring[64];
static size_t ring_used, ring_size;

long bpf_ringbuf_output(void *map __attribute__((unused)), void *data, __u64 size, __u64 flags)
{
	check(size == sizeof(*ring) && flags == BPF_RB_NO_WAKEUP, "%llu bytes, flags %llu", size,
	      flags);
	if (ring_used == ring_size)
		return -1;
	ring[ring_used++] = *(struct hist_slot *)data;
	return 0;
}

__u32 bpf_get_smp_processor_id(void)
{
	return current_cpu;
}

static void start_event(const struct event *with_event, __u32 with_lanes)
{
	memset(slots, 0, sizeof(slots));
	event = with_event;
	config = (struct hist_config){ .ordinals = ORDINALS, .lanes = with_lanes };
	state = (struct hist_state){};
	ring_used = 0;
	ring_size = 64;
	sent = sent_disturbed = 0;
	tally__free(tally);
	tally = tally__new(ORDINALS, with_lanes, event__kinds(event), CPUS);
}

static void start(__u32 with_lanes)
{
	start_event(&event_memslot, with_lanes);
}

/* What the kernel would do on @cpu. */
static void send(unsigned int cpu, struct kvm_memslot_lookup *lookup)
{
	current_cpu = cpu;
	kvm_memslot_lookup(NULL, lookup);
	sent++;
	sent_disturbed += lookup->disturbed;
}

static void send_access(unsigned int cpu, struct kvm_io_bus_lookup *lookup)
{
	current_cpu = cpu;
	kvm_io_bus_lookup(NULL, lookup);
	sent++;
	sent_disturbed += lookup->disturbed;
}

static void send_sync(unsigned int cpu, struct kvm_mmu_sync *sync)
{
	current_cpu = cpu;
	kvm_mmu_sync(NULL, sync);
	sent++;
	sent_disturbed += sync->disturbed;
}

static void send_cycles(unsigned int cpu, __u64 vm_id, __u32 ordinal, __u64 cycles)
{
	struct kvm_memslot_lookup lookup = {
		.vm_id = vm_id, .vm_ordinal = ordinal, .cycles = cycles, .vcpu_id = -1,
		.outcome = MEMSLOT_FOUND, .steps = 3, .index = 1,
	};

	send(cpu, &lookup);
}

static void read_ring(__u64 at_epoch)
{
	size_t i;

	for (i = 0; i < ring_used; i++)
		check(!tally__retire(tally, &ring[i], at_epoch), "refused");
	ring_used = 0;
}

static void read_slots(__u64 at_epoch)
{
	unsigned int cpu;
	__u32 key;

	read_ring(at_epoch);
	for (key = 0; key < nr_keys(); key++) {
		for (cpu = 0; cpu < CPUS; cpu++)
			tally__add(tally, key, cpu, &slots[cpu][key], at_epoch);
	}
}

static const struct series *find(enum span span, __u64 vm_id, __u32 lane, __u32 kind)
{
	const struct series *series;
	size_t i;

	for (i = 0; i < tally__count(tally); i++) {
		series = tally__get(tally, span, i);
		if (series->vm_id == vm_id && series->lane == lane && series->kind == kind)
			return series;
	}
	return NULL;
}

static __u64 counted(void)
{
	const struct series *series;
	__u64 count = 0;
	size_t i;

	for (i = 0; i < tally__count(tally); i++) {
		series = tally__get(tally, SPAN_TOTAL, i);
		count += hist__count(series->cycles) + series->disturbed;
	}
	return count;
}

static void sum_over_cpus(void)
{
	const struct series *series;
	unsigned int cpu;

	start(1);
	for (cpu = 0; cpu < CPUS; cpu++) {
		send_cycles(cpu, 7, 2, 100 + cpu);
		send_cycles(cpu, 7, 2, 5000);
	}
	read_slots(0);

	series = find(SPAN_TOTAL, 7, 0, MEMSLOT_FOUND);
	check(tally__count(tally) == 1 && series, "one series");
	if (!series)
		return;
	check(hist__count(series->cycles) == 2 * CPUS, "count %llu", hist__count(series->cycles));
	check(hist__sum(series->cycles) == 100 + 101 + 102 + 3 * 5000, "sum %llu",
	      hist__sum(series->cycles));
	check(hist__max(series->cycles) == 5000, "max %llu", hist__max(series->cycles));
	check(series->work == 3 * 2 * CPUS, "steps %llu", series->work);
	check(series->index == 1, "index %u", series->index);
}

static void differences(void)
{
	const struct series *interval, *total;

	start(1);
	send_cycles(0, 1, 0, 10);
	send_cycles(1, 1, 0, 20);
	read_slots(state.epoch++);
	interval = find(SPAN_INTERVAL, 1, 0, MEMSLOT_FOUND);
	check(interval && hist__count(interval->cycles) == 2, "first interval");

	tally__begin(tally);
	send_cycles(1, 1, 0, 30);
	/* Read twice within the interval: the second adds nothing. */
	read_slots(state.epoch);
	read_slots(state.epoch++);
	interval = find(SPAN_INTERVAL, 1, 0, MEMSLOT_FOUND);
	total = find(SPAN_TOTAL, 1, 0, MEMSLOT_FOUND);
	check(interval && hist__count(interval->cycles) == 1 && hist__sum(interval->cycles) == 30 &&
	      interval->work == 3, "second interval");
	check(total && hist__count(total->cycles) == 3 && hist__sum(total->cycles) == 60, "total");

	tally__begin(tally);
	read_slots(state.epoch++);
	interval = find(SPAN_INTERVAL, 1, 0, MEMSLOT_FOUND);
	check(interval && !hist__count(interval->cycles) && !hist__max(interval->cycles),
	      "empty interval");
}

/* The maximum is the interval's, although the slots' counters only grow. */
static void maximum_per_interval(void)
{
	static const __u64 largest[] = { 900, 50, 70000, 3 };
	const struct series *interval, *total;
	size_t i;

	start(1);
	for (i = 0; i < 4; i++) {
		tally__begin(tally);
		send_cycles(i % CPUS, 1, 0, 2);
		send_cycles(i % CPUS, 1, 0, largest[i]);
		/* Already the next epoch's: must not touch the closed peak. */
		state.epoch++;
		read_slots(state.epoch - 1);
		interval = find(SPAN_INTERVAL, 1, 0, MEMSLOT_FOUND);
		check(interval && hist__max(interval->cycles) == largest[i],
		      "interval %zu: %llu", i, interval ? hist__max(interval->cycles) : 0);
	}
	total = find(SPAN_TOTAL, 1, 0, MEMSLOT_FOUND);
	check(total && hist__max(total->cycles) == 70000, "total");
}

static void peak_of_next_epoch_is_apart(void)
{
	const struct series *interval;

	start(1);
	send_cycles(0, 1, 0, 1000);
	state.epoch++;
	send_cycles(0, 1, 0, 1001);
	read_slots(state.epoch - 1);
	check(slots[0][FOUND_KEY].peak[0].cycles == 1000, "closed peak");
	check(slots[0][FOUND_KEY].peak[1].cycles == 1001, "open peak");

	tally__begin(tally);
	send_cycles(0, 1, 0, 16);
	state.epoch++;
	read_slots(state.epoch - 1);
	interval = find(SPAN_INTERVAL, 1, 0, MEMSLOT_FOUND);
	check(interval && hist__count(interval->cycles) == 1, "count");
	check(interval && hist__max(interval->cycles) <= 17, "within its bucket");
}

static void disturbed_apart(void)
{
	struct kvm_memslot_lookup lookup = {
		.vm_id = 1, .cycles = 99999, .vcpu_id = 0, .outcome = MEMSLOT_ABSENT, .steps = 8,
		.index = 2, .disturbed = true,
	};
	const struct series *series;

	start(1);
	send(0, &lookup);
	read_slots(0);
	series = find(SPAN_TOTAL, 1, 0, MEMSLOT_ABSENT);
	check(series && series->disturbed == 1 && !hist__count(series->cycles) &&
	      !hist__sum(series->cycles) && !series->work, "only counted");
}

static void lanes_by_vcpu(void)
{
	struct kvm_memslot_lookup lookup = { .vm_id = 1, .cycles = 5, .outcome = MEMSLOT_CACHED };
	static const struct {
		__s32 vcpu;
		__u32 lane;
	} known[] = { { -1, 0 }, { 0, 1 }, { 3, 4 }, { 4, 5 }, { 5, 5 }, { 2147483647, 5 } };
	const struct series *series;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		check(hist_lane(known[i].vcpu, MOST_LANES) == known[i].lane, "vCPU %d",
		      known[i].vcpu);
		check(hist_lane(known[i].vcpu, 1) == 0, "vCPU %d, no split", known[i].vcpu);
	}

	start(MOST_LANES);
	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		lookup.vcpu_id = known[i].vcpu;
		send(0, &lookup);
	}
	read_slots(0);
	series = find(SPAN_TOTAL, 1, 5, MEMSLOT_CACHED);
	check(series && hist__count(series->cycles) == 3, "the others share a lane");
	check(counted() == sent, "all counted");
}

static void filter_and_limits(void)
{
	struct kvm_memslot_lookup lookup = { .vm_id = 2, .cycles = 5, .vcpu_id = -1 };

	start(1);
	config.only_vm = 1;
	send_cycles(0, 2, 0, 10);
	send_cycles(0, 1, 1, 10);
	read_slots(0);
	check(counted() == 1, "only VM 1: %llu", counted());

	start(1);
	send_cycles(0, 1, ORDINALS, 10);
	send_cycles(0, 1, 0xffffffff, 10);
	/* Times 3 this is 2 in 32 bits, the key of another VM's slot. */
	send_cycles(0, 1, 0x55555556, 10);
	lookup.outcome = MEMSLOT_OUTCOMES;
	send(0, &lookup);
	read_slots(0);
	check(counted() == 0 && state.beyond_map == 3 && state.unknown_kind == 1,
	      "%llu beyond the map, %llu unknown", state.beyond_map, state.unknown_kind);
}

static void rekeyed_after_reading(void)
{
	const struct series *old, *new;

	start(1);
	send_cycles(0, 1, 0, 10);
	send_cycles(0, 1, 0, 2000);
	read_slots(0);
	send_cycles(0, 2, 0, 30);
	read_slots(0);

	old = find(SPAN_TOTAL, 1, 0, MEMSLOT_FOUND);
	new = find(SPAN_TOTAL, 2, 0, MEMSLOT_FOUND);
	check(old && hist__count(old->cycles) == 2 && hist__sum(old->cycles) == 2010, "dead VM");
	check(new && hist__count(new->cycles) == 1 && hist__max(new->cycles) == 30 &&
	      new->work == 3, "new VM");
	check(tally__lost(tally) == 0, "lost %llu", tally__lost(tally));
}

static void rekeyed_before_reading(void)
{
	start(1);
	send_cycles(0, 1, 0, 10);
	read_slots(0);
	send_cycles(0, 1, 0, 11);
	send_cycles(0, 2, 0, 12);
	send_cycles(0, 2, 0, 13);
	send_cycles(0, 3, 0, 14);
	send_cycles(1, 2, 0, 15);	/* CPU 1 never saw VM 3 */
	check(ring_used == 2, "%zu slots in the ring buffer", ring_used);
	read_slots(0);
	check(tally__lost(tally) == 0, "lost %llu", tally__lost(tally));
	check(counted() == sent, "counted %llu", counted());
	check(hist__count(find(SPAN_TOTAL, 2, 0, MEMSLOT_FOUND)->cycles) == 3, "the VM between");
}

/* With the ring buffer full, the loss is counted. */
static void rekeyed_unseen(void)
{
	start(1);
	ring_size = 0;
	send_cycles(0, 1, 0, 10);
	read_slots(0);
	send_cycles(0, 1, 0, 11);	/* lost */
	send_cycles(0, 2, 0, 12);	/* lost */
	send_cycles(0, 2, 0, 13);	/* lost */
	send_cycles(0, 3, 0, 14);
	read_slots(0);
	check(tally__lost(tally) == 3, "lost %llu", tally__lost(tally));
	check(counted() + tally__lost(tally) == sent, "nothing vanishes");
}

/* A slot is copied, then re-keyed, and its last state is read before the copy. */
static void copy_older_than_retired(void)
{
	const __u32 key = FOUND_KEY;
	struct hist_slot copy;

	start(1);
	send_cycles(0, 1, 0, 10);
	copy = slots[0][key];
	send_cycles(0, 1, 0, 11);
	send_cycles(0, 2, 0, 12);
	read_ring(0);
	tally__add(tally, key, 0, &copy, 0);
	check(counted() == 2, "counted %llu of the dead VM", counted());
	read_slots(0);
	check(counted() == 3 && !tally__lost(tally), "counted %llu", counted());
}

static void retired_out_of_bounds(void)
{
	struct hist_slot slot = { .head = 1, .vm_id = 1, .key = MOST_KEYS };

	start(1);
	check(tally__retire(tally, &slot, 0), "key %u", slot.key);
	slot.key = 0;
	slot.cpu = CPUS;
	check(tally__retire(tally, &slot, 0), "CPU %u", slot.cpu);
}

/* Head and tail differ while a slot is re-keyed, and only then. */
static void generations(void)
{
	const struct hist_slot *slot = &slots[0][FOUND_KEY];

	start(1);
	check(slot->head == 0 && slot->tail == 0, "unused");
	send_cycles(0, 1, 0, 10);
	check(slot->head == 1 && slot->tail == 1, "first VM");
	send_cycles(0, 1, 0, 10);
	check(slot->head == 1 && slot->tail == 1, "same VM");
	send_cycles(0, 2, 0, 10);
	check(slot->head == 2 && slot->tail == 2, "second VM");
}

static void buses_and_outcomes(void)
{
	const struct series *series;
	__u32 bus, found;

	start_event(&event_io_bus, MOST_LANES);
	for (bus = 0; bus < IO_BUSES; bus++) {
		for (found = 0; found < 2; found++) {
			struct kvm_io_bus_lookup lookup = {
				.vm_id = 1, .vcpu_id = (__s32)bus - 1, .index = 2,
				.cycles = 100 + 10 * bus + found,
				.candidates = 2 * bus + found, .bus = bus, .found = found,
			};

			send_access(bus % CPUS, &lookup);
			send_access(bus % CPUS, &lookup);
		}
	}
	read_slots(0);
	check(tally__count(tally) == 10, "%zu series", tally__count(tally));
	for (bus = 0; bus < IO_BUSES; bus++) {
		for (found = 0; found < 2; found++) {
			series = find(SPAN_TOTAL, 1, bus, io_bus_kind(bus, found));
			check(series && hist__sum(series->cycles) == 2 * (100 + 10 * bus + found) &&
			      series->work == 2 * (2 * bus + found) && series->index == 2,
			      "bus %u, found %u", bus, found);
		}
	}
	check(!strcmp(event__bus(event, io_bus_kind(IO_BUS_FAST_MMIO, true)), "fast-mmio"), "bus");
	check(!strcmp(event__outcome(event, io_bus_kind(IO_BUS_FAST_MMIO, true)), "claimed"),
	      "found is claimed");
	check(!strcmp(event__outcome(event, io_bus_kind(IO_BUS_FAST_MMIO, false)), "absent"),
	      "not found is absent");
}

static void unknown_buses(void)
{
	struct kvm_io_bus_lookup lookup = { .vm_id = 1, .cycles = 5, .vcpu_id = -1, .found = true };

	start_event(&event_io_bus, 1);
	lookup.bus = IO_BUSES;
	send_access(0, &lookup);
	lookup.bus = 255;
	lookup.found = false;
	send_access(0, &lookup);
	read_slots(0);
	check(!counted() && state.unknown_kind == 2, "%llu unknown", state.unknown_kind);
}

static void causes_of_syncs(void)
{
	static const char *const names[] = { "root", "cached-roots", "link" };
	struct kvm_mmu_sync sync = { .vm_id = 1, .vcpu_id = 0, .index = 3 };
	const struct series *series;
	__u32 cause;

	start_event(&event_mmu_sync, MOST_LANES);
	for (cause = 0; cause <= MMU_SYNC_CAUSES; cause++) {
		sync.cause = cause;
		sync.cycles = 1000 + cause;
		sync.synced = 10 * cause + 1;
		send_sync(cause % CPUS, &sync);
	}
	read_slots(0);
	check(tally__count(tally) == MMU_SYNC_CAUSES && state.unknown_kind == 1,
	      "%zu series, %llu unknown", tally__count(tally), state.unknown_kind);
	for (cause = 0; cause < MMU_SYNC_CAUSES; cause++) {
		series = find(SPAN_TOTAL, 1, 1, cause);
		check(series && hist__sum(series->cycles) == 1000 + cause &&
		      series->work == 10 * cause + 1, "cause %u", cause);
		check(series && !strcmp(event__index(event, series->index), "list-all"), "mode");
		check(!strcmp(event__outcome(event, cause), names[cause]), "cause %u is %s", cause,
		      event__outcome(event, cause));
	}
}

/* Rows of a snapshot: by bus and outcome, in the kernel's order of buses. */
static void rows_of_buses(void)
{
	static const struct {
		const char *bus, *outcome, *index;
		__u64 vm, count, work;
	} wanted[] = {
		{ "mmio", "absent", "hash", 1, 1, 2 },
		{ "pio", "claimed", "hash", 1, 2, 6 },
		{ "pio", "claimed", "linear", 2, 1, 4 },
		{ "fast-mmio", "claimed", "linear", 2, 1, 5 },
	};
	static const struct kvm_io_bus_lookup lookups[] = {
		{ .vm_id = 2, .vm_ordinal = 1, .bus = IO_BUS_FAST_MMIO, .found = true,
		  .candidates = 5 },
		{ .vm_id = 2, .vm_ordinal = 1, .bus = IO_BUS_PIO, .found = true, .candidates = 4 },
		{ .vm_id = 1, .bus = IO_BUS_PIO, .found = true, .candidates = 3, .index = 2 },
		{ .vm_id = 1, .bus = IO_BUS_PIO, .found = true, .candidates = 3, .index = 2 },
		{ .vm_id = 1, .bus = IO_BUS_MMIO, .candidates = 2, .index = 2 },
	};
	struct vm vm = {
		.id = 2, .index = { [EVENT_memslot] = "rbtree", [EVENT_io_bus] = "linear" },
	};
	struct snapshot snapshot = {
		.event = &event_io_bus, .by = BY_VM | BY_BUS | BY_INDEX | BY_OUTCOME,
		.nr_vms = 1, .vms = &vm,
	};
	const struct row *row;
	size_t i;

	start_event(&event_io_bus, 1);
	for (i = 0; i < sizeof(lookups) / sizeof(*lookups); i++) {
		struct kvm_io_bus_lookup lookup = lookups[i];

		send_access(i % CPUS, &lookup);
	}
	read_slots(0);
	check(!snapshot__add_series(&snapshot, tally, SPAN_TOTAL, 1), "out of memory");
	check(snapshot.nr_rows == sizeof(wanted) / sizeof(*wanted), "%zu rows", snapshot.nr_rows);
	for (i = 0; i < snapshot.nr_rows && i < sizeof(wanted) / sizeof(*wanted); i++) {
		row = &snapshot.rows[i];
		check(!strcmp(row->bus, wanted[i].bus) && row->vm == wanted[i].vm &&
		      !strcmp(row->outcome, wanted[i].outcome) &&
		      !strcmp(row->index, wanted[i].index), "row %zu: %s, %s, %s, VM %llu", i,
		      row->bus, row->outcome, row->index, row->vm);
		check(hist__count(row->cycles) == wanted[i].count && row->work == wanted[i].work,
		      "row %zu: %llu samples, %llu candidates", i, hist__count(row->cycles),
		      row->work);
	}

	/* Without the bus its rows fall together. */
	snapshot.vms = NULL;
	snapshot__release(&snapshot);
	snapshot.by = BY_OUTCOME;
	check(!snapshot__add_series(&snapshot, tally, SPAN_TOTAL, 1), "out of memory");
	check(snapshot.nr_rows == 2 && hist__count(snapshot.rows[0].cycles) == 4 &&
	      snapshot.rows[0].work == 15 && !*snapshot.rows[0].bus, "%zu rows by outcome",
	      snapshot.nr_rows);
	snapshot__release(&snapshot);
}

/* One sample of a VM, of the event under test, with all else at random. */
static void send_random(__u64 vm_id, __u32 ordinal)
{
	struct kvm_memslot_lookup lookup = {
		.vm_id = vm_id, .vm_ordinal = ordinal,
		.cycles = (__u64)random() << (random() % 33),
		.vcpu_id = random() % 8 - 1, .steps = random() % 20,
		.outcome = random() % MEMSLOT_OUTCOMES,
		.disturbed = random() % 10 == 0,
	};
	struct kvm_io_bus_lookup access = {
		.vm_id = vm_id, .vm_ordinal = ordinal, .cycles = lookup.cycles,
		.vcpu_id = lookup.vcpu_id, .candidates = lookup.steps,
		.bus = random() % IO_BUSES, .found = random() % 2,
		.disturbed = lookup.disturbed,
	};
	struct kvm_mmu_sync sync = {
		.vm_id = vm_id, .vm_ordinal = ordinal, .cycles = lookup.cycles,
		.vcpu_id = lookup.vcpu_id, .synced = lookup.steps,
		.cause = random() % MMU_SYNC_CAUSES,
		.disturbed = lookup.disturbed,
	};

	switch (event__number(event)) {
	case EVENT_memslot:
		send(random() % CPUS, &lookup);
		break;
	case EVENT_io_bus:
		send_access(random() % CPUS, &access);
		break;
	case EVENT_mmu_sync:
		send_sync(random() % CPUS, &sync);
		break;
	default:
		check(false, "%s is not tested", event->name);
	}
}

/* Whatever happens in whatever order: counted and lost add up to what was sent. */
static void random_histories_of(const struct event *with_event)
{
	static __u64 next_id;
	__u64 vm_of[ORDINALS];
	unsigned int seed, step, i;

	for (seed = 1; seed <= 200; seed++) {
		srandom(seed);
		start_event(with_event, seed % 2 ? 1 : MOST_LANES);
		ring_size = seed % 64;
		for (i = 0; i < ORDINALS; i++)
			vm_of[i] = ++next_id;

		for (step = 0; step < 500; step++) {
			i = random() % ORDINALS;
			switch (random() % 20) {
			case 0:
				vm_of[i] = ++next_id;
				break;
			case 1:
				read_slots(state.epoch++);
				tally__begin(tally);
				break;
			default:
				send_random(vm_of[i], i);
			}
		}
		read_slots(state.epoch++);
		check(counted() + tally__lost(tally) == sent,
		      "%s, seed %u: %llu counted, %llu lost, %llu sent", event->name, seed,
		      counted(), tally__lost(tally), sent);
	}
}

static void random_histories(void)
{
	const struct event *each;
	size_t i;

	for (i = 0; (each = event__get(i)); i++)
		random_histories_of(each);
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "sum over CPUs", sum_over_cpus },
		{ "differences of readings", differences },
		{ "maximum per interval", maximum_per_interval },
		{ "the next epoch's peak is apart", peak_of_next_epoch_is_apart },
		{ "disturbed samples are only counted", disturbed_apart },
		{ "lanes by vCPU", lanes_by_vcpu },
		{ "filter and limits", filter_and_limits },
		{ "re-keyed after reading: nothing lost", rekeyed_after_reading },
		{ "re-keyed before reading: the ring buffer has it", rekeyed_before_reading },
		{ "re-keyed with the ring buffer full: the loss is counted", rekeyed_unseen },
		{ "a copy older than the retired slot", copy_older_than_retired },
		{ "retired slots out of bounds", retired_out_of_bounds },
		{ "generations of a slot", generations },
		{ "I/O buses and outcomes are told apart", buses_and_outcomes },
		{ "unknown I/O buses are counted", unknown_buses },
		{ "rows of I/O buses", rows_of_buses },
		{ "causes of syncs are told apart", causes_of_syncs },
		{ "random histories of every event add up", random_histories },
		{}
	};
	int status = ktap_run_all(tests);

	tally__free(tally);
	return status;
}
