/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_MEMSLOT_H
#define KVMSCOPE_MEMSLOT_H

/*
 * What memslot.bpf.c and user space share.  A slot's work is the memslots or
 * nodes that were compared.
 */

/* enum kvm_memslot_lookup_outcome; also the kinds of struct hist_slot */
enum memslot_outcome {
	MEMSLOT_CACHED,
	MEMSLOT_FOUND,
	MEMSLOT_ABSENT,
	MEMSLOT_OUTCOMES,
};

#endif /* KVMSCOPE_MEMSLOT_H */
