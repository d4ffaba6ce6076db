// SPDX-License-Identifier: GPL-2.0
/*
 * From samples to sums: the BPF program, compiled as plain C, fills the slots of
 * pretended CPUs, and the tally reads them.
 */
#include <linux/types.h>
#include <stdlib.h>
#include <string.h>

#include "hist.h"
#include "ktap.h"
#include "memslot_tally.h"

/* The program's constants are set by libbpf, here by the tests. */
#include <bpf/bpf_helpers.h>
#define const
#include "memslot.bpf.c"
#undef const

#define CPUS		3
#define ORDINALS	4
#define MOST_LANES	6
#define MOST_KEYS	(ORDINALS * MOST_LANES * MEMSLOT_OUTCOMES)

static struct memslot_slot slots[CPUS][MOST_KEYS];
static unsigned int current_cpu;
static struct memslot_tally *tally;
static __u64 sent, sent_disturbed;

void *shim_map_lookup_elem(void *map __attribute__((unused)), const void *key)
{
	__u32 i = *(const __u32 *)key;

	return i < ORDINALS * lanes * MEMSLOT_OUTCOMES ? &slots[current_cpu][i] : NULL;
}

/* The ring buffer: slots wait here until they are read, unless it is full. */
static struct memslot_slot ring[64];
static size_t ring_used, ring_size;

long bpf_ringbuf_output(void *map __attribute__((unused)), void *data, __u64 size, __u64 flags)
{
	check(size == sizeof(*ring) && flags == BPF_RB_NO_WAKEUP, "%llu bytes, flags %llu", size,
	      flags);
	if (ring_used == ring_size)
		return -1;
	ring[ring_used++] = *(struct memslot_slot *)data;
	return 0;
}

__u32 bpf_get_smp_processor_id(void)
{
	return current_cpu;
}

static void start(__u32 with_lanes)
{
	memset(slots, 0, sizeof(slots));
	ordinals = ORDINALS;
	lanes = with_lanes;
	only_vm = 0;
	ring_used = 0;
	ring_size = 64;
	epoch = beyond_map = unknown_outcome = sent = sent_disturbed = 0;
	memslot_tally__free(tally);
	tally = memslot_tally__new(ORDINALS, with_lanes, CPUS);
}

/* What the kernel would do on @cpu. */
static void send(unsigned int cpu, struct kvm_memslot_lookup *lookup)
{
	current_cpu = cpu;
	kvm_memslot_lookup(NULL, lookup);
	sent++;
	sent_disturbed += lookup->disturbed;
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
		check(!memslot_tally__retire(tally, &ring[i], at_epoch), "refused");
	ring_used = 0;
}

static void read_slots(__u64 at_epoch)
{
	unsigned int cpu;
	__u32 key;

	read_ring(at_epoch);
	for (key = 0; key < ORDINALS * lanes * MEMSLOT_OUTCOMES; key++) {
		for (cpu = 0; cpu < CPUS; cpu++)
			memslot_tally__add(tally, key, cpu, &slots[cpu][key], at_epoch);
	}
}

static const struct memslot_series *find(enum memslot_span span, __u64 vm_id, __u32 lane,
					 __u32 outcome)
{
	const struct memslot_series *series;
	size_t i;

	for (i = 0; i < memslot_tally__count(tally); i++) {
		series = memslot_tally__get(tally, span, i);
		if (series->vm_id == vm_id && series->lane == lane && series->outcome == outcome)
			return series;
	}
	return NULL;
}

static __u64 counted(void)
{
	const struct memslot_series *series;
	__u64 count = 0;
	size_t i;

	for (i = 0; i < memslot_tally__count(tally); i++) {
		series = memslot_tally__get(tally, SPAN_TOTAL, i);
		count += hist__count(series->cycles) + series->disturbed;
	}
	return count;
}

static void sum_over_cpus(void)
{
	const struct memslot_series *series;
	unsigned int cpu;

	start(1);
	for (cpu = 0; cpu < CPUS; cpu++) {
		send_cycles(cpu, 7, 2, 100 + cpu);
		send_cycles(cpu, 7, 2, 5000);
	}
	read_slots(0);

	series = find(SPAN_TOTAL, 7, 0, MEMSLOT_FOUND);
	check(memslot_tally__count(tally) == 1 && series, "one series");
	if (!series)
		return;
	check(hist__count(series->cycles) == 2 * CPUS, "count %llu", hist__count(series->cycles));
	check(hist__sum(series->cycles) == 100 + 101 + 102 + 3 * 5000, "sum %llu",
	      hist__sum(series->cycles));
	check(hist__max(series->cycles) == 5000, "max %llu", hist__max(series->cycles));
	check(series->steps == 3 * 2 * CPUS, "steps %llu", series->steps);
	check(series->index == 1, "index %u", series->index);
}

static void differences(void)
{
	const struct memslot_series *interval, *total;

	start(1);
	send_cycles(0, 1, 0, 10);
	send_cycles(1, 1, 0, 20);
	read_slots(epoch++);
	interval = find(SPAN_INTERVAL, 1, 0, MEMSLOT_FOUND);
	check(interval && hist__count(interval->cycles) == 2, "first interval");

	memslot_tally__begin(tally);
	send_cycles(1, 1, 0, 30);
	/* Read twice within the interval: the second adds nothing. */
	read_slots(epoch);
	read_slots(epoch++);
	interval = find(SPAN_INTERVAL, 1, 0, MEMSLOT_FOUND);
	total = find(SPAN_TOTAL, 1, 0, MEMSLOT_FOUND);
	check(interval && hist__count(interval->cycles) == 1 && hist__sum(interval->cycles) == 30 &&
	      interval->steps == 3, "second interval");
	check(total && hist__count(total->cycles) == 3 && hist__sum(total->cycles) == 60, "total");

	memslot_tally__begin(tally);
	read_slots(epoch++);
	interval = find(SPAN_INTERVAL, 1, 0, MEMSLOT_FOUND);
	check(interval && !hist__count(interval->cycles) && !hist__max(interval->cycles),
	      "empty interval");
}

/* The maximum is the interval's, although the slots' counters only grow. */
static void maximum_per_interval(void)
{
	static const __u64 largest[] = { 900, 50, 70000, 3 };
	const struct memslot_series *interval, *total;
	size_t i;

	start(1);
	for (i = 0; i < 4; i++) {
		memslot_tally__begin(tally);
		send_cycles(i % CPUS, 1, 0, 2);
		send_cycles(i % CPUS, 1, 0, largest[i]);
		/* Already the next epoch's: must not touch the closed peak. */
		epoch++;
		read_slots(epoch - 1);
		interval = find(SPAN_INTERVAL, 1, 0, MEMSLOT_FOUND);
		check(interval && hist__max(interval->cycles) == largest[i], "interval %zu: %llu", i,
		      interval ? hist__max(interval->cycles) : 0);
	}
	total = find(SPAN_TOTAL, 1, 0, MEMSLOT_FOUND);
	check(total && hist__max(total->cycles) == 70000, "total");
}

static void peak_of_next_epoch_is_apart(void)
{
	const struct memslot_series *interval;

	start(1);
	send_cycles(0, 1, 0, 1000);
	epoch++;
	send_cycles(0, 1, 0, 1001);
	read_slots(epoch - 1);
	check(slots[0][memslot_key(0, 0, MEMSLOT_FOUND, 1)].peak[0].cycles == 1000, "closed peak");
	check(slots[0][memslot_key(0, 0, MEMSLOT_FOUND, 1)].peak[1].cycles == 1001, "open peak");

	memslot_tally__begin(tally);
	send_cycles(0, 1, 0, 16);
	epoch++;
	read_slots(epoch - 1);
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
	const struct memslot_series *series;

	start(1);
	send(0, &lookup);
	read_slots(0);
	series = find(SPAN_TOTAL, 1, 0, MEMSLOT_ABSENT);
	check(series && series->disturbed == 1 && !hist__count(series->cycles) &&
	      !hist__sum(series->cycles) && !series->steps, "only counted");
}

static void lanes_by_vcpu(void)
{
	struct kvm_memslot_lookup lookup = { .vm_id = 1, .cycles = 5, .outcome = MEMSLOT_CACHED };
	static const struct {
		__s32 vcpu;
		__u32 lane;
	} known[] = { { -1, 0 }, { 0, 1 }, { 3, 4 }, { 4, 5 }, { 5, 5 }, { 2147483647, 5 } };
	const struct memslot_series *series;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		check(memslot_lane(known[i].vcpu, MOST_LANES) == known[i].lane, "vCPU %d",
		      known[i].vcpu);
		check(memslot_lane(known[i].vcpu, 1) == 0, "vCPU %d, no split", known[i].vcpu);
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
	only_vm = 1;
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
	check(counted() == 0 && beyond_map == 3 && unknown_outcome == 1,
	      "%llu beyond the map, %llu unknown", beyond_map, unknown_outcome);
}

static void rekeyed_after_reading(void)
{
	const struct memslot_series *old, *new;

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
	      new->steps == 3, "new VM");
	check(memslot_tally__lost(tally) == 0, "lost %llu", memslot_tally__lost(tally));
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
	check(memslot_tally__lost(tally) == 0, "lost %llu", memslot_tally__lost(tally));
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
	check(memslot_tally__lost(tally) == 3, "lost %llu", memslot_tally__lost(tally));
	check(counted() + memslot_tally__lost(tally) == sent, "nothing vanishes");
}

/* A slot is copied, then re-keyed, and its last state is read before the copy. */
static void copy_older_than_retired(void)
{
	const __u32 key = memslot_key(0, 0, MEMSLOT_FOUND, 1);
	struct memslot_slot copy;

	start(1);
	send_cycles(0, 1, 0, 10);
	copy = slots[0][key];
	send_cycles(0, 1, 0, 11);
	send_cycles(0, 2, 0, 12);
	read_ring(0);
	memslot_tally__add(tally, key, 0, &copy, 0);
	check(counted() == 2, "counted %llu of the dead VM", counted());
	read_slots(0);
	check(counted() == 3 && !memslot_tally__lost(tally), "counted %llu", counted());
}

static void retired_out_of_bounds(void)
{
	struct memslot_slot slot = { .head = 1, .vm_id = 1, .key = MOST_KEYS };

	start(1);
	check(memslot_tally__retire(tally, &slot, 0), "key %u", slot.key);
	slot.key = 0;
	slot.cpu = CPUS;
	check(memslot_tally__retire(tally, &slot, 0), "CPU %u", slot.cpu);
}

/* Head and tail differ while a slot is re-keyed, and only then. */
static void generations(void)
{
	const struct memslot_slot *slot = &slots[0][memslot_key(0, 0, MEMSLOT_FOUND, 1)];

	start(1);
	check(slot->head == 0 && slot->tail == 0, "unused");
	send_cycles(0, 1, 0, 10);
	check(slot->head == 1 && slot->tail == 1, "first VM");
	send_cycles(0, 1, 0, 10);
	check(slot->head == 1 && slot->tail == 1, "same VM");
	send_cycles(0, 2, 0, 10);
	check(slot->head == 2 && slot->tail == 2, "second VM");
}

/* Whatever happens in whatever order: counted and lost add up to what was sent. */
static void random_histories(void)
{
	static __u64 next_id;
	__u64 vm_of[ORDINALS];
	struct kvm_memslot_lookup lookup;
	unsigned int seed, step, i;

	for (seed = 1; seed <= 200; seed++) {
		srandom(seed);
		start(seed % 2 ? 1 : MOST_LANES);
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
				read_slots(epoch++);
				memslot_tally__begin(tally);
				break;
			default:
				lookup = (struct kvm_memslot_lookup){
					.vm_id = vm_of[i], .vm_ordinal = i,
					.cycles = (__u64)random() << (random() % 33),
					.vcpu_id = random() % 8 - 1, .steps = random() % 20,
					.outcome = random() % MEMSLOT_OUTCOMES,
					.disturbed = random() % 10 == 0,
				};
				send(random() % CPUS, &lookup);
			}
		}
		read_slots(epoch++);
		check(counted() + memslot_tally__lost(tally) == sent,
		      "seed %u: %llu counted, %llu lost, %llu sent", seed, counted(),
		      memslot_tally__lost(tally), sent);
	}
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
		{ "random histories add up", random_histories },
		{}
	};
	int status = ktap_run_all(tests);

	memslot_tally__free(tally);
	return status;
}
