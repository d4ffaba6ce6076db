/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_HIST_SLOT_BPF_H
#define KVMSCOPE_HIST_SLOT_BPF_H

/*
 * The counting that every histogram program does.  A program is HIST_MAPS(), its
 * maps, and HIST_PROGRAM(), which hands each sample to HIST_COUNT().
 *
 * It declares the argument of its tracepoint reduced to the fields it reads,
 * HIST_FIELDS and its own, with preserve_access_index: libbpf then looks every
 * field up by name in the running kernel's BTF.  A whole vmlinux.h would need
 * -fms-extensions since Linux 7.x and has silently wrong layouts without it.
 *
 * A program never nests on one CPU (the kernel skips and counts such a run), so
 * a CPU's slot has one writer and needs no atomics.
 */

#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "hist_slot.h"

char LICENSE[] SEC("license") = "GPL";

const volatile struct hist_config config = { .ordinals = 1, .lanes = 1 };
volatile struct hist_state state;

struct kvm;

/* What all the tracepoints tell. */
#define HIST_FIELDS		\
	__u64 vm_id;		\
	__u64 cycles;		\
	__u32 vm_ordinal;	\
	__s32 vcpu_id;		\
	__u8 index;		\
	_Bool disturbed

/*
 * @map, the slots, of which user space sets max_entries; MAP_retired, slots as they
 * were before another VM took them over.
 */
#define HIST_MAPS(map, kinds)				\
struct {						\
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);	\
	__uint(max_entries, kinds);			\
	__type(key, __u32);				\
	__type(value, struct hist_slot);		\
} map SEC(".maps");					\
struct {						\
	__uint(type, BPF_MAP_TYPE_RINGBUF);		\
	__uint(max_entries, 4 << 20);			\
} map##_retired SEC(".maps")

/* A program on @tracepoint, whose second argument is a struct of the same name. */
#define HIST_PROGRAM(tracepoint, argument)	\
SEC("tp_btf/" #tracepoint)			\
int BPF_PROG(tracepoint, struct kvm *kvm, const struct tracepoint *argument)

struct hist_sample {
	__u64 vm_id;
	__u64 cycles;
	__u32 vm_ordinal;
	__s32 vcpu_id;
	__u32 work;
	__u32 index;
	_Bool disturbed;
};

#define HIST_INLINE static inline __attribute__((always_inline))

HIST_INLINE void hist_rekey(struct hist_slot *slot, __u32 key, void *retired_slots,
			    const struct hist_sample *sample)
{
	__u64 retired = slot->disturbed;
	__u64 generation = slot->head + 1;
	__u32 i;

	/* A full buffer drops it: user space misses what is in @retired. */
	if (slot->vm_id)
		bpf_ringbuf_output(retired_slots, slot, sizeof(*slot), BPF_RB_NO_WAKEUP);

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
	slot->vm_id = sample->vm_id;
	slot->index = sample->index;
	slot->sum = 0;
	slot->work = 0;
	slot->max = 0;
	slot->disturbed = 0;
	slot->peak[0].cycles = 0;
	slot->peak[1].cycles = 0;

	barrier();
	*(volatile __u64 *)&slot->head = generation;
}

HIST_INLINE void hist_add(struct hist_slot *slot, __u64 cycles, __u32 work)
{
	__u64 now = state.epoch;
	struct hist_peak *peak = &slot->peak[now & 1];
	__u32 bucket = hist_bucket(cycles);

	/* For the verifier, which cannot follow hist_bucket() to its bound. */
	barrier_var(bucket);
	if (bucket >= HIST_BUCKETS)
		return;

	slot->buckets[bucket]++;
	slot->sum += cycles;
	slot->work += work;
	if (slot->max < cycles)
		slot->max = cycles;

	if (peak->epoch != now) {
		peak->epoch = now;
		peak->cycles = cycles;
	} else if (peak->cycles < cycles) {
		peak->cycles = cycles;
	}
}

/* @kind is below @kinds, or unknown to the program. */
HIST_INLINE int hist_count(void *slots, void *retired_slots, __u32 kind, __u32 kinds,
			   const struct hist_sample *sample)
{
	struct hist_slot *slot = 0;
	__u32 key;

	if (config.only_vm && sample->vm_id != config.only_vm)
		return 0;

	if (kind >= kinds) {
		__sync_fetch_and_add(&state.unknown_kind, 1);
		return 0;
	}

	key = hist_key(sample->vm_ordinal, hist_lane(sample->vcpu_id, config.lanes), kind,
		       config.lanes, kinds);
	if (sample->vm_ordinal < config.ordinals)
		slot = bpf_map_lookup_elem(slots, &key);
	if (!slot) {
		__sync_fetch_and_add(&state.beyond_map, 1);
		return 0;
	}

	if (slot->vm_id != sample->vm_id)
		hist_rekey(slot, key, retired_slots, sample);

	if (sample->disturbed)
		slot->disturbed++;
	else
		hist_add(slot, sample->cycles, sample->work);
	return 0;
}

/*
 * Count what a tracepoint tells in its @argument; @measure is the field that is the
 * sample's work.  @argument is never NULL, but of a module's tracepoint the verifier
 * cannot know that.
 */
#define HIST_COUNT(map, argument, measure, kind, kinds)		\
({								\
	int ret = 0;						\
								\
	if (argument) {						\
		const struct hist_sample sample = {		\
			.vm_id = (argument)->vm_id,		\
			.cycles = (argument)->cycles,		\
			.vm_ordinal = (argument)->vm_ordinal,	\
			.vcpu_id = (argument)->vcpu_id,		\
			.work = (argument)->measure,		\
			.index = (argument)->index,		\
			.disturbed = (argument)->disturbed,	\
		};						\
								\
		ret = hist_count(&map, &map##_retired, kind, kinds, &sample);	\
	}							\
	ret;							\
})

#endif /* KVMSCOPE_HIST_SLOT_BPF_H */
