// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms of KVM's gfn lookups, from the tracepoint kvm:kvm_memslot_lookup.
 *
 * The kernel measured the cycles; this only sorts and counts.  The program
 * never nests on one CPU (the kernel skips and counts such a run), so a CPU's
 * slot has one writer and needs no atomics.
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "kvm_types.h"
#include "memslot.h"

char LICENSE[] SEC("license") = "GPL";

/* Set before loading; max_entries is ordinals * lanes * MEMSLOT_OUTCOMES. */
const volatile __u32 ordinals = 1;
const volatile __u32 lanes = 1;
const volatile __u64 only_vm;		/* 0: every VM */

/* Advanced by user space, see struct memslot_peak. */
volatile __u64 epoch;

/* Samples that have no slot: too many VMs, or an outcome unknown here. */
__u64 beyond_map;
__u64 unknown_outcome;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MEMSLOT_OUTCOMES);
	__type(key, __u32);
	__type(value, struct memslot_slot);
} memslot_lookup SEC(".maps");

/* Slots as they were before another VM took them over. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} memslot_retired SEC(".maps");

static void slot_rekey(struct memslot_slot *slot, __u32 key,
		       const struct kvm_memslot_lookup *lookup)
{
	__u64 retired = slot->disturbed;
	__u64 generation = slot->head + 1;
	__u32 i;

	/* A full buffer drops it: user space misses what is in @retired. */
	if (slot->vm_id)
		bpf_ringbuf_output(&memslot_retired, slot, sizeof(*slot),
				   BPF_RB_NO_WAKEUP);

	*(volatile __u64 *)&slot->tail = generation;
	barrier();

	for (i = 0; i < HIST_BUCKETS; i++) {
		retired += slot->buckets[i];
		slot->buckets[i] = 0;
		/* Else this becomes a call of memset(), which BPF lacks. */
		barrier();
	}
	slot->retired += retired;
	slot->key = key;
	slot->cpu = bpf_get_smp_processor_id();
	slot->vm_id = lookup->vm_id;
	slot->index = lookup->index;
	slot->sum = 0;
	slot->steps = 0;
	slot->max = 0;
	slot->disturbed = 0;
	slot->peak[0].cycles = 0;
	slot->peak[1].cycles = 0;

	barrier();
	*(volatile __u64 *)&slot->head = generation;
}

static void slot_count(struct memslot_slot *slot, __u64 cycles, __u32 steps)
{
	__u64 now = epoch;
	struct memslot_peak *peak = &slot->peak[now & 1];
	__u32 bucket = hist_bucket(cycles);

	/* For the verifier, which cannot follow hist_bucket() to its bound. */
	barrier_var(bucket);
	if (bucket >= HIST_BUCKETS)
		return;

	slot->buckets[bucket]++;
	slot->sum += cycles;
	slot->steps += steps;
	if (slot->max < cycles)
		slot->max = cycles;

	if (peak->epoch != now) {
		peak->epoch = now;
		peak->cycles = cycles;
	} else if (peak->cycles < cycles) {
		peak->cycles = cycles;
	}
}

SEC("tp_btf/kvm_memslot_lookup")
int BPF_PROG(kvm_memslot_lookup, struct kvm *kvm,
	     const struct kvm_memslot_lookup *lookup)
{
	struct memslot_slot *slot;
	__u32 ordinal, outcome, key;

	/* Never NULL, but of a module's tracepoint the verifier cannot know. */
	if (!lookup)
		return 0;

	ordinal = lookup->vm_ordinal;
	outcome = lookup->outcome;

	if (only_vm && lookup->vm_id != only_vm)
		return 0;

	if (outcome >= MEMSLOT_OUTCOMES) {
		__sync_fetch_and_add(&unknown_outcome, 1);
		return 0;
	}

	key = memslot_key(ordinal, memslot_lane(lookup->vcpu_id, lanes),
			  outcome, lanes);
	slot = ordinal < ordinals ? bpf_map_lookup_elem(&memslot_lookup, &key) : 0;
	if (!slot) {
		__sync_fetch_and_add(&beyond_map, 1);
		return 0;
	}

	if (slot->vm_id != lookup->vm_id)
		slot_rekey(slot, key, lookup);

	if (lookup->disturbed)
		slot->disturbed++;
	else
		slot_count(slot, lookup->cycles, lookup->steps);
	return 0;
}
