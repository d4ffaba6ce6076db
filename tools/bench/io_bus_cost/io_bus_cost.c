// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures KVM's port I/O bus through /dev/kvm alone, and prints a JSON object
 * per measurement:
 *
 *   exits     one OUT to a port that nothing claims, from KVM_RUN to its return,
 *             with N ioeventfds on the bus
 *   bulk      registering ioeventfds in ascending order and removing them in
 *             the same order
 *   memslot   creating a VM's first memslot, with and without an ioeventfd
 *             registered just before
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include <linux/kvm.h>

#define PAGE		4096
#define CODE_GPA	0x1000

/* 10000 of them fit into 16 bits, with a hole behind each. */
#define FIRST_PORT	0x1000
#define PORT_STRIDE	4
#define PORT_BYTES	2

#define EXITS		1001
#define WARM_UP_EXITS	32

static const unsigned int exit_counts[] = { 0, 1, 2, 4, 10, 200, 1000, 10000 };
#define NR_COUNTS	(sizeof(exit_counts) / sizeof(exit_counts[0]))

static const unsigned int milestones[] = { 200, 1000, 5000, 10000 };
#define NR_MILESTONES	(sizeof(milestones) / sizeof(milestones[0]))

/* In real mode: 1: out %al, (%dx); jmp 1b */
static const unsigned char guest_code[] = { 0xee, 0xeb, 0xfd };

struct vm {
	int fd;
	int vcpu_fd;
	struct kvm_run *run;
};

struct instant {
	__u64 ticks;
	double milliseconds;
	double cpu_milliseconds;
};

static int kvm_fd, event_fd;
static void *memory;

static double clock_milliseconds(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static struct instant now(void)
{
	struct instant instant = {
		.milliseconds = clock_milliseconds(CLOCK_MONOTONIC),
		.cpu_milliseconds = clock_milliseconds(CLOCK_PROCESS_CPUTIME_ID),
	};

	instant.ticks = __rdtsc();
	return instant;
}

static int create_vm(void)
{
	int fd = ioctl(kvm_fd, KVM_CREATE_VM, 0);

	if (fd < 0)
		err(1, "KVM_CREATE_VM");
	return fd;
}

static void add_memory(int vm_fd)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = CODE_GPA,
		.memory_size = PAGE,
		.userspace_addr = (__u64)memory,
	};

	if (ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &region))
		err(1, "KVM_SET_USER_MEMORY_REGION");
}

static void change_ioeventfd(int vm_fd, unsigned int number, __u32 flags)
{
	struct kvm_ioeventfd ioeventfd = {
		.addr = FIRST_PORT + number * PORT_STRIDE,
		.len = PORT_BYTES,
		/* One for all: the number of open files is no limit here. */
		.fd = event_fd,
		.flags = KVM_IOEVENTFD_FLAG_PIO | flags,
	};

	if (ioctl(vm_fd, KVM_IOEVENTFD, &ioeventfd))
		err(1, "KVM_IOEVENTFD number %u", number);
}

static void register_ioeventfds(int vm_fd, unsigned int from, unsigned int to)
{
	for (; from < to; from++)
		change_ioeventfd(vm_fd, from, 0);
}

/* The hole a third of the way up: a binary search for it goes both ways. */
static unsigned int unclaimed_port(unsigned int nr_ioeventfds)
{
	return FIRST_PORT + nr_ioeventfds / 3 * PORT_STRIDE + PORT_BYTES;
}

static void create_guest(struct vm *vm, unsigned int nr_ioeventfds)
{
	struct kvm_regs regs = {
		.rip = CODE_GPA,
		.rdx = unclaimed_port(nr_ioeventfds),
		.rflags = 2,
	};
	struct kvm_sregs sregs;
	int size;

	vm->fd = create_vm();
	add_memory(vm->fd);
	register_ioeventfds(vm->fd, 0, nr_ioeventfds);

	vm->vcpu_fd = ioctl(vm->fd, KVM_CREATE_VCPU, 0);
	size = ioctl(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (vm->vcpu_fd < 0 || size < 0)
		err(1, "KVM_CREATE_VCPU");
	vm->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
		       vm->vcpu_fd, 0);
	if (vm->run == MAP_FAILED)
		err(1, "cannot map the vCPU");

	if (ioctl(vm->vcpu_fd, KVM_GET_SREGS, &sregs))
		err(1, "KVM_GET_SREGS");
	sregs.cs.base = sregs.cs.selector = 0;
	if (ioctl(vm->vcpu_fd, KVM_SET_SREGS, &sregs) ||
	    ioctl(vm->vcpu_fd, KVM_SET_REGS, &regs))
		err(1, "cannot set the vCPU's registers");
}

static __u64 time_exit(const struct vm *vm, unsigned int port)
{
	__u64 start, end;
	int result;

	start = __rdtsc();
	result = ioctl(vm->vcpu_fd, KVM_RUN, 0);
	end = __rdtsc();

	if (result)
		err(1, "KVM_RUN");
	if (vm->run->exit_reason != KVM_EXIT_IO || vm->run->io.port != port)
		errx(1, "the guest left with exit reason %u instead of an OUT to port %#x",
		     vm->run->exit_reason, port);
	return end - start;
}

static int compare_ticks(const void *left, const void *right)
{
	__u64 a = *(const __u64 *)left, b = *(const __u64 *)right;

	return (a > b) - (a < b);
}

/* The median of single exits leaves out those that a timer interrupt hit. */
static __u64 median_exit(const struct vm *vm, unsigned int port)
{
	static __u64 ticks[EXITS];
	int i;

	for (i = 0; i < WARM_UP_EXITS; i++)
		time_exit(vm, port);
	for (i = 0; i < EXITS; i++)
		ticks[i] = time_exit(vm, port);
	qsort(ticks, EXITS, sizeof(ticks[0]), compare_ticks);
	return ticks[EXITS / 2];
}

static void measure_exits(int runs)
{
	struct vm vms[NR_COUNTS];
	unsigned int i;
	int run;

	for (i = 0; i < NR_COUNTS; i++)
		create_guest(&vms[i], exit_counts[i]);
	/* Runs are interleaved, so that a disturbance does not hit just one row. */
	for (run = 0; run < runs; run++)
		for (i = 0; i < NR_COUNTS; i++)
			printf("{\"what\": \"exit\", \"ioeventfds\": %u, \"run\": %d, \"ticks\": %llu}\n",
			       exit_counts[i], run,
			       median_exit(&vms[i], unclaimed_port(exit_counts[i])));
}

static void print_bulk(const char *what, unsigned int nr, int run,
		       const struct instant *start)
{
	struct instant end = now();

	printf("{\"what\": \"%s\", \"ioeventfds\": %u, \"run\": %d, \"ticks\": %llu, \"ms\": %.3f, \"cpu_ms\": %.3f}\n",
	       what, nr, run, end.ticks - start->ticks,
	       end.milliseconds - start->milliseconds,
	       end.cpu_milliseconds - start->cpu_milliseconds);
}

static void measure_bulk(int runs)
{
	unsigned int i, nr;
	struct instant start;
	int run, vm_fd;

	for (run = 0; run < runs; run++) {
		vm_fd = create_vm();
		start = now();
		for (i = 0, nr = 0; i < NR_MILESTONES; nr = milestones[i++]) {
			register_ioeventfds(vm_fd, nr, milestones[i]);
			print_bulk("register", milestones[i], run, &start);
		}
		start = now();
		for (i = 0; i < nr; i++)
			change_ioeventfd(vm_fd, i, KVM_IOEVENTFD_FLAG_DEASSIGN);
		print_bulk("remove", nr, run, &start);
		close(vm_fd);
	}
}

static void measure_memslot(int runs)
{
	unsigned int nr_ioeventfds;
	double start, end;
	int run, vm_fd;

	/* The very first VM pays for things that have nothing to do with memslots. */
	vm_fd = create_vm();
	add_memory(vm_fd);
	close(vm_fd);

	for (run = 0; run < runs; run++) {
		for (nr_ioeventfds = 0; nr_ioeventfds <= 1; nr_ioeventfds++) {
			vm_fd = create_vm();
			register_ioeventfds(vm_fd, 0, nr_ioeventfds);
			start = clock_milliseconds(CLOCK_MONOTONIC);
			add_memory(vm_fd);
			end = clock_milliseconds(CLOCK_MONOTONIC);
			printf("{\"what\": \"memslot\", \"ioeventfds\": %u, \"run\": %d, \"us\": %.1f}\n",
			       nr_ioeventfds, run, (end - start) * 1e3);
			close(vm_fd);
		}
	}
}

static const struct {
	const char *name;
	void (*measure)(int runs);
} measurements[] = {
	{ "exits", measure_exits },
	{ "bulk", measure_bulk },
	{ "memslot", measure_memslot },
};

int main(int argc, char *argv[])
{
	int runs = argc == 3 ? atoi(argv[2]) : 0;
	unsigned int i;

	if (runs < 1)
		errx(2, "usage: io_bus_cost exits|bulk|memslot RUNS");

	kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm_fd < 0)
		err(1, "/dev/kvm");
	event_fd = eventfd(0, EFD_CLOEXEC);
	if (event_fd < 0)
		err(1, "eventfd");
	memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		err(1, "mmap");
	memcpy(memory, guest_code, sizeof(guest_code));

	for (i = 0; i < sizeof(measurements) / sizeof(measurements[0]); i++) {
		if (!strcmp(argv[1], measurements[i].name)) {
			measurements[i].measure(runs);
			return 0;
		}
	}
	errx(2, "unknown measurement '%s'; there are exits, bulk, memslot", argv[1]);
}
