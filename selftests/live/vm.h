/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_LIVE_VM_H
#define KVMSCOPE_LIVE_VM_H

#include <stddef.h>
#include <stdint.h>

#include <linux/kvm.h>

/*
 * A VM with one vCPU, made through /dev/kvm without QEMU, for guests of a dozen
 * instructions.  What fails ends the program with exit status 1.
 */

#define PAGE_SIZE	4096ul
/* Slot 0: the guest's code and, a page behind it, its table. */
#define CODE_GPA	0ul
#define TABLE_GPA	PAGE_SIZE

/*
 * Defines guest_code: @body for each of edi entries of 8 bytes, to which esi points,
 * then HLT.
 */
extern const char guest_code[], guest_code_end[];
#define GUEST_LOOP(body)		\
	asm(".pushsection .rodata\n"	\
	    ".code32\n"			\
	    "guest_code:\n"		\
	    "1:\n"			\
	    body			\
	    "	add	$8, %esi\n"	\
	    "	dec	%edi\n"		\
	    "	jnz	1b\n"		\
	    "	hlt\n"			\
	    "guest_code_end:\n"		\
	    ".code64\n"			\
	    ".popsection\n")

struct vm {
	int kvm_fd;
	int fd;
	int vcpu_fd;
	struct kvm_run *run;
	uint8_t *slot0;
};

void die(const char *what);

void create_vm(struct vm *vm);
void *allocate(size_t size);
void add_slot(const struct vm *vm, uint32_t id, uint64_t gpa, void *host, size_t size);

/* Slot 0 with @code; the table is to be filled in by the caller. */
void add_slot0(struct vm *vm, const void *code, size_t code_size, size_t table_size);

/*
 * In flat 32-bit protected mode without paging, about to run the code with
 * esi: the table, edi: @entries.
 */
void create_vcpu(struct vm *vm, unsigned long entries);

/* Run until the vCPU leaves KVM; the reason. */
uint32_t run_vcpu(const struct vm *vm);
/* The reason was not one of those that the guest can have. */
void die_of_exit(const struct vm *vm);

#endif /* KVMSCOPE_LIVE_VM_H */
