// SPDX-License-Identifier: GPL-2.0-only
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(1);
}

void create_vm(struct vm *vm)
{
	vm->kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm_fd < 0)
		die("cannot open /dev/kvm");
	vm->fd = ioctl(vm->kvm_fd, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		die("KVM_CREATE_VM");
}

void *allocate(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		die("cannot allocate guest memory");
	return memory;
}

void add_slot(const struct vm *vm, uint32_t id, uint64_t gpa, void *host, size_t size)
{
	struct kvm_userspace_memory_region region = {
		.slot = id,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)host,
	};

	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region))
		die("KVM_SET_USER_MEMORY_REGION");
}

void add_slot0(struct vm *vm, const void *code, size_t code_size, size_t table_size)
{
	size_t size = TABLE_GPA + (table_size + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;

	vm->slot0 = allocate(size);
	memcpy(vm->slot0 + CODE_GPA, code, code_size);
	add_slot(vm, 0, CODE_GPA, vm->slot0, size);
}

/* 4 GiB with one set of segments. */
static void enter_flat_mode(struct kvm_sregs *sregs)
{
	struct kvm_segment flat = {
		.limit = 0xffffffff,
		.present = 1,
		.db = 1,
		.s = 1,
		.g = 1,
	};

	sregs->cr0 |= 1;
	flat.type = 0xb;
	flat.selector = 0x8;
	sregs->cs = flat;
	flat.type = 0x3;
	flat.selector = 0x10;
	sregs->ds = sregs->es = sregs->ss = flat;
}

void create_vcpu(struct vm *vm, unsigned long entries)
{
	struct kvm_regs regs = {
		.rip = CODE_GPA,
		.rsi = TABLE_GPA,
		.rdi = entries,
		.rflags = 2,
	};
	struct kvm_sregs sregs;
	int run_size;

	vm->vcpu_fd = ioctl(vm->fd, KVM_CREATE_VCPU, 0);
	if (vm->vcpu_fd < 0)
		die("KVM_CREATE_VCPU");
	run_size = ioctl(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (run_size < 0)
		die("KVM_GET_VCPU_MMAP_SIZE");
	vm->run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		       vm->vcpu_fd, 0);
	if (vm->run == MAP_FAILED)
		die("cannot map the vCPU");

	if (ioctl(vm->vcpu_fd, KVM_GET_SREGS, &sregs))
		die("KVM_GET_SREGS");
	enter_flat_mode(&sregs);
	if (ioctl(vm->vcpu_fd, KVM_SET_SREGS, &sregs))
		die("KVM_SET_SREGS");
	if (ioctl(vm->vcpu_fd, KVM_SET_REGS, &regs))
		die("KVM_SET_REGS");
}

uint32_t run_vcpu(const struct vm *vm)
{
	while (ioctl(vm->vcpu_fd, KVM_RUN, 0))
		if (errno != EINTR)
			die("KVM_RUN");
	return vm->run->exit_reason;
}

void die_of_exit(const struct vm *vm)
{
	fprintf(stderr, "%s: the guest left with exit reason %u\n",
		program_invocation_short_name, vm->run->exit_reason);
	exit(1);
}
