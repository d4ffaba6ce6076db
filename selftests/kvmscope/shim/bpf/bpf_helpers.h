/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_SELFTESTS_SHIM_BPF_HELPERS_H
#define KVMSCOPE_SELFTESTS_SHIM_BPF_HELPERS_H

/*
 * Just enough of libbpf's header for the programs to compile as plain C, so that
 * the very code that runs in the kernel is tested without one.  Tests define the
 * helpers.
 */
#define SEC(name)		__attribute__((unused))
#define __uint(name, value)	int (*name)[value]
#define __type(name, value)	value *name
#define barrier()		__asm__ volatile("" : : : "memory")
#define barrier_var(var)	__asm__ volatile("" : "+r"(var))

/* The name is libbpf's, too, and the tests link libbpf. */
#define bpf_map_lookup_elem	shim_map_lookup_elem
void *shim_map_lookup_elem(void *map, const void *key);
long bpf_ringbuf_output(void *map, void *data, __u64 size, __u64 flags);
__u32 bpf_get_smp_processor_id(void);

#endif /* KVMSCOPE_SELFTESTS_SHIM_BPF_HELPERS_H */
