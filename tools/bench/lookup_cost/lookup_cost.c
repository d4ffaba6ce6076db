// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures KVM's gfn lookup by means of the kernel module, for each index that
 * kvm.memslot_index offers, and prints a JSON object per measurement.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/kvm.h>

#include "lookup_cost.h"

#define PARAM_PATH	"/sys/module/kvm/parameters/memslot_index"
#define MAX_INDEXES	16
#define MAX_NAME	32

#define PAGE		4096
#define SLOT_PAGES	2
#define SLOT_STRIDE	4	/* so that each slot has a hole behind it */
#define FIRST_GFN	0x100
#define LOOKUPS		8192

static const unsigned int slot_counts[] = { 1, 13, 117, 509 };
#define NR_COUNTS	(sizeof(slot_counts) / sizeof(slot_counts[0]))
#define MAX_SLOTS	509

enum pattern { CACHED, TWO, ALL, MISSING, NR_PATTERNS };

static const char * const pattern_names[] = { "cached", "two", "all", "absent" };
static const char * const function_names[] = { "vm", "vcpu" };

struct vm {
	const char *index;
	unsigned int nr_slots;
	int fd;
	int vcpu_fd;
};

static char index_names[MAX_INDEXES][MAX_NAME];
static char default_index[MAX_NAME] = "default";
static int nr_indexes;

static void read_indexes(void)
{
	FILE *file = fopen(PARAM_PATH, "r");
	char name[MAX_NAME];

	if (!file) {
		if (errno != ENOENT)
			err(1, PARAM_PATH);
		/* A stock kernel has one index and no parameter to choose it. */
		strcpy(index_names[nr_indexes++], default_index);
		return;
	}
	while (nr_indexes < MAX_INDEXES && fscanf(file, "%31s", name) == 1) {
		if (name[0] == '[') {
			name[strcspn(name, "]")] = '\0';
			memmove(name, name + 1, strlen(name));
			strcpy(default_index, name);
		}
		strcpy(index_names[nr_indexes++], name);
	}
	fclose(file);
}

static void select_index(const char *name)
{
	int fd = open(PARAM_PATH, O_WRONLY);

	if (fd < 0 && errno == ENOENT)
		return;
	if (fd < 0 || write(fd, name, strlen(name)) < 0)
		err(1, "cannot select index '%s' in %s", name, PARAM_PATH);
	close(fd);
}

/* The same sequence on each kernel, or trees would differ in shape. */
static unsigned int random_below(unsigned int *state, unsigned int limit)
{
	*state = *state * 1103515245u + 12345u;
	return (*state >> 8) % limit;
}

static void shuffled(unsigned int *numbers, unsigned int nr)
{
	unsigned int i, other, number, state = nr;

	for (i = 0; i < nr; i++)
		numbers[i] = i;
	for (i = nr - 1; i > 0; i--) {
		other = random_below(&state, i + 1);
		number = numbers[i];
		numbers[i] = numbers[other];
		numbers[other] = number;
	}
}

static __u64 slot_gfn(unsigned int slot)
{
	return FIRST_GFN + (__u64)slot * SLOT_STRIDE;
}

static void create_vm(struct vm *vm, int kvm_fd, void *memory)
{
	struct kvm_userspace_memory_region region = {
		.memory_size = SLOT_PAGES * PAGE,
		.userspace_addr = (__u64)memory,
	};
	unsigned int order[MAX_SLOTS], i;

	vm->fd = ioctl(kvm_fd, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		err(1, "KVM_CREATE_VM");
	vm->vcpu_fd = ioctl(vm->fd, KVM_CREATE_VCPU, 0);
	if (vm->vcpu_fd < 0)
		err(1, "KVM_CREATE_VCPU");

	shuffled(order, vm->nr_slots);
	for (i = 0; i < vm->nr_slots; i++) {
		region.slot = order[i];
		region.guest_phys_addr = slot_gfn(order[i]) * PAGE;
		if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region))
			err(1, "KVM_SET_USER_MEMORY_REGION");
	}
}

/* Returns the number of gfns, and how many of them a slot backs. */
static unsigned int fill_gfns(__u64 *gfns, enum pattern pattern, unsigned int nr_slots,
			      unsigned int *nr_found)
{
	unsigned int order[MAX_SLOTS], i;

	shuffled(order, nr_slots);
	*nr_found = pattern == MISSING ? 0 : nr_slots;

	switch (pattern) {
	case CACHED:
		gfns[0] = slot_gfn(nr_slots / 2);
		*nr_found = 1;
		return 1;
	case TWO:
		/* Slots far apart, the last of which is deep in a tree. */
		gfns[0] = slot_gfn(nr_slots / 3);
		gfns[1] = slot_gfn(nr_slots - 1);
		*nr_found = 2;
		return 2;
	default:
		for (i = 0; i < nr_slots; i++)
			gfns[i] = slot_gfn(order[i]) + (pattern == MISSING ? SLOT_PAGES : 0);
		return nr_slots;
	}
}

static void measure(int fd, const struct vm *vm, enum lookup_function function,
		    enum pattern pattern, int run)
{
	__u64 gfns[MAX_SLOTS];
	struct lookup_cost cost = {
		.vm_fd = vm->fd,
		.function = function,
		.gfns = (__u64)gfns,
	};
	unsigned int nr_found;
	double lookups;

	cost.nr_gfns = fill_gfns(gfns, pattern, vm->nr_slots, &nr_found);
	cost.rounds = LOOKUPS / cost.nr_gfns;
	lookups = (double)cost.nr_gfns * cost.rounds;

	if (ioctl(fd, LOOKUP_COST_MEASURE, &cost))
		err(1, "LOOKUP_COST_MEASURE");
	if (cost.found != (__u64)nr_found * cost.rounds)
		errx(1, "%s, %u slots, %s: %llu lookups found a slot, %llu should",
		     vm->index, vm->nr_slots, pattern_names[pattern], cost.found,
		     (__u64)nr_found * cost.rounds);

	printf("{\"index\": \"%s\", \"default\": %s, \"function\": \"%s\", \"pattern\": \"%s\", \"slots\": %u, \"run\": %d, \"instructions\": %.4f}\n",
	       vm->index, strcmp(vm->index, default_index) ? "false" : "true",
	       function_names[function], pattern_names[pattern], vm->nr_slots, run,
	       ((double)cost.cycles - (double)cost.cycles_empty) / lookups);
}

/*
 * VMs of one index only: as long as any VM has an index that is not the
 * default, lookups in all VMs cost more.
 */
static void measure_index(int fd, int kvm_fd, void *memory, const char *index,
			  int runs)
{
	struct vm vms[NR_COUNTS];
	int run, function, pattern;
	struct vm *vm;

	select_index(index);
	for (vm = vms; vm < vms + NR_COUNTS; vm++) {
		vm->index = index;
		vm->nr_slots = slot_counts[vm - vms];
		create_vm(vm, kvm_fd, memory);
	}

	/* Runs are interleaved, so that a disturbance does not hit just one row. */
	for (run = 0; run < runs; run++) {
		for (vm = vms; vm < vms + NR_COUNTS; vm++) {
			for (function = LOOKUP_VM; function <= LOOKUP_VCPU; function++) {
				for (pattern = CACHED; pattern < NR_PATTERNS; pattern++) {
					/* One slot has no other to alternate with. */
					if (vm->nr_slots == 1 && (pattern == TWO || pattern == ALL))
						continue;
					measure(fd, vm, function, pattern, run);
				}
			}
		}
	}

	for (vm = vms; vm < vms + NR_COUNTS; vm++) {
		close(vm->vcpu_fd);
		close(vm->fd);
	}
}

int main(int argc, char *argv[])
{
	int kvm_fd, fd, i, runs;
	void *memory;

	runs = argc == 2 ? atoi(argv[1]) : 0;
	if (runs < 1)
		errx(2, "usage: lookup_cost RUNS");

	kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm_fd < 0)
		err(1, "/dev/kvm");
	fd = open("/dev/lookup_cost", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		err(1, "/dev/lookup_cost (the kernel module)");
	memory = mmap(NULL, SLOT_PAGES * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		err(1, "mmap");

	read_indexes();
	for (i = 0; i < nr_indexes; i++)
		measure_index(fd, kvm_fd, memory, index_names[i], runs);
	select_index(default_index);
	return 0;
}
