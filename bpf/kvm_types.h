/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMSCOPE_KVM_TYPES_H
#define KVMSCOPE_KVM_TYPES_H

/*
 * The kernel types the programs touch, reduced to the fields they read.
 * preserve_access_index lets libbpf look every field up by name in the running
 * kernel's BTF.  A whole vmlinux.h would need -fms-extensions since Linux 7.x and
 * has silently wrong layouts without it.
 */

#include <linux/types.h>

struct kvm;

struct kvm_memslot_lookup {
	__u64 vm_id;
	__u64 cycles;
	__u32 vm_ordinal;
	__s32 vcpu_id;
	__u32 steps;
	__u8 index;
	__u8 outcome;
	_Bool disturbed;
} __attribute__((preserve_access_index));

struct kvm_io_bus_lookup {
	__u64 vm_id;
	__u64 cycles;
	__u32 vm_ordinal;
	__s32 vcpu_id;
	__u32 candidates;
	__u8 bus;
	__u8 index;
	_Bool found;
	_Bool disturbed;
} __attribute__((preserve_access_index));

#endif /* KVMSCOPE_KVM_TYPES_H */
