// SPDX-License-Identifier: GPL-2.0-only
/*
 * io_bus_limits - what somebody who may open /dev/kvm can do by ioeventfds
 *
 * Tries one of
 *
 *   stuck      register, remove and destroy while readers never finish
 *   colliding  register what a hash function may put into one bucket
 *   many       register very many, and see whether their memory comes back
 *   hoard      register until memory is short, which a stuck reader keeps
 *
 * and prints what came of it as lines of JSON, which io_bus_limits.py judges.
 *
 * A step that isn't done by its deadline is ended by SIGALRM, even if it waits in
 * the kernel for a reader, because the signal kills all threads, readers too.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGE_SIZE	4096ul

/* Seconds that memory may take to come back. */
#define MEMORY_DEADLINE	30

#define IOEVENTFD_GPA	0x10000000ull
#define IOEVENTFD_SIZE	8
#define ZONE_GPA	0xd0000000ull
#define ZONE_SIZE	8

struct vm {
	int fd;
	int vcpu_fd;
};

static int kvm_fd;
/* No guest runs, hence all ioeventfds can have the same one. */
static int event_fd;
/* Seconds that a step may take. */
static unsigned int deadline;

static void die(const char *what)
{
	fprintf(stderr, "io_bus_limits: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* Say what comes next, so that one can see what took how long, or for ever. */
__attribute__((format(printf, 1, 2)))
static void step(const char *format, ...)
{
	static double start;
	va_list arguments;

	if (!start)
		start = now();

	va_start(arguments, format);
	fprintf(stderr, "%6.2f s: ", now() - start);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);

	alarm(deadline);
}

static void create_vm(struct vm *vm)
{
	vm->fd = ioctl(kvm_fd, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		die("KVM_CREATE_VM");

	vm->vcpu_fd = ioctl(vm->fd, KVM_CREATE_VCPU, 0);
	if (vm->vcpu_fd < 0)
		die("KVM_CREATE_VCPU");
}

/* Copy what KVM says in the VM's folder of debugfs, or nothing. */
static void read_index(const struct vm *vm, char *text, size_t size)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%d-%d/io_bus_index", getpid(), vm->fd);
	text[0] = '\0';
	file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(text, size, file))
		text[strcspn(text, "\n")] = '\0';
	fclose(file);
}

static bool vm_exists(int fd)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%d-%d", getpid(), fd);
	return !access(path, F_OK);
}

/* Return whether this destroys the VM, rather than that a thread still uses it. */
static bool close_vm(const struct vm *vm)
{
	bool existed = vm_exists(vm->fd);

	close(vm->vcpu_fd);
	close(vm->fd);
	return existed && !vm_exists(vm->fd);
}

/* Return 0 or an error number. */
static int ioctl_ioeventfd(const struct vm *vm, uint32_t flags, uint64_t addr, uint64_t datamatch)
{
	struct kvm_ioeventfd ioeventfd = {
		.datamatch = datamatch,
		.addr = addr,
		.len = IOEVENTFD_SIZE,
		.fd = event_fd,
		.flags = flags,
	};

	return ioctl(vm->fd, KVM_IOEVENTFD, &ioeventfd) ? errno : 0;
}

/* Register @nr ioeventfds that take any data. */
static void add_ioeventfds(const struct vm *vm, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++) {
		errno = ioctl_ioeventfd(vm, 0, IOEVENTFD_GPA + i * IOEVENTFD_SIZE, 0);
		if (errno)
			die("KVM_IOEVENTFD");
	}
}

static void remove_ioeventfds(const struct vm *vm, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++) {
		errno = ioctl_ioeventfd(vm, KVM_IOEVENTFD_FLAG_DEASSIGN,
					IOEVENTFD_GPA + i * IOEVENTFD_SIZE, 0);
		if (errno)
			die("KVM_IOEVENTFD, deassign");
	}
}

/* Register @nr devices that aren't ioeventfds. */
static void add_zones(const struct vm *vm, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++) {
		struct kvm_coalesced_mmio_zone zone = {
			.addr = ZONE_GPA + i * ZONE_SIZE,
			.size = ZONE_SIZE,
		};

		if (ioctl(vm->fd, KVM_REGISTER_COALESCED_MMIO, &zone))
			die("KVM_REGISTER_COALESCED_MMIO");
	}
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

/* Return the sum of the numbers behind @name, where lines of the file begin with it. */
static long sum_numbers(const char *path, const char *name)
{
	char line[128], *text;
	long sum = 0;
	FILE *file;

	file = fopen(path, "re");
	if (!file)
		die(path);
	while (fgets(line, sizeof(line), file)) {
		text = line + strspn(line, " ");
		if (!strncmp(text, name, strlen(name)))
			sum += strtol(text + strlen(name), NULL, 10);
	}
	fclose(file);

	return sum;
}

/* In KiB, including what the kernel could free at once. */
static long available_memory(void)
{
	write_file("/proc/sys/vm/drop_caches", "3");

	/* Each CPU has a list of free pages, which aren't counted as available. */
	return sum_numbers("/proc/meminfo", "MemAvailable:") +
	       sum_numbers("/proc/zoneinfo", "count:") * (long)PAGE_SIZE / 1024;
}

/* Wait until no more memory comes back. */
static long settled_memory(void)
{
	long before, kib = available_memory();

	do {
		before = kib;
		usleep(200000);
		kib = available_memory();
	} while (kib > before);

	return kib;
}

/*
 * Print how much memory was taken while @run returned what was available, and how
 * much of it is kept when all is over.  Wait for at most a @part to be kept.  The
 * first time is not measured: the kernel keeps some of what it allocates then.
 */
static void measure_memory(const char *what, long (*run)(unsigned long), unsigned long argument,
			   unsigned long part)
{
	long before, taken, kept;
	double end;

	run(argument);
	before = settled_memory();
	taken = before - run(argument);

	end = now() + MEMORY_DEADLINE;
	do {
		kept = before - settled_memory();
	} while (kept * (long)part > taken && now() < end);

	printf("{\"what\":\"%s\",\"taken\":%ld,\"kept\":%ld}\n", what, taken, kept);
}

/*
 * Case stuck.
 *
 * A vCPU ioctl that reads memory of userspace does so as a reader of kvm->srcu.
 * Here that memory is userfaultfd's, and nobody serves it.  FUSE would do, too.
 */

#define STUCK_VMS	40
#define STUCK_IOEVENTFDS	3000
/*
 * As many ioeventfds and as many zones are in each of the other VMs.  A registration
 * replaces the array of its kind; hashed ioeventfds have none.  KVM doesn't put off
 * to free more than 64 KiB, and the arrays of zones alone are more: entries have at
 * least 16 bytes, and 1 + 2 + ... + 99 entries are replaced.
 */
#define OTHER_DEVICES	100
/* In the VM without a reader. */
#define FREE_IOEVENTFDS	1000
#define FREE_REMOVED	100

struct pager {
	int fd;
	uint8_t *pages;
	size_t size;
};

struct reader {
	struct vm vm;
	pthread_t thread;
	void *page;
};

struct remover {
	const struct vm *vm;
	pthread_t thread;
	atomic_bool done;
};

static void create_pager(struct pager *pager, size_t nr)
{
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };

	pager->size = nr * PAGE_SIZE;
	pager->pages = mmap(NULL, pager->size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pager->pages == MAP_FAILED)
		die("mmap");

	pager->fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (pager->fd < 0)
		die("userfaultfd");
	if (ioctl(pager->fd, UFFDIO_API, &api))
		die("UFFDIO_API");

	reg.range.start = (uintptr_t)pager->pages;
	reg.range.len = pager->size;
	if (ioctl(pager->fd, UFFDIO_REGISTER, &reg))
		die("UFFDIO_REGISTER");
}

static void destroy_pager(const struct pager *pager)
{
	close(pager->fd);
	munmap(pager->pages, pager->size);
}

static void wait_for_fault(const struct pager *pager)
{
	struct uffd_msg message;

	if (read(pager->fd, &message, sizeof(message)) != sizeof(message) ||
	    message.event != UFFD_EVENT_PAGEFAULT)
		die("reading userfaultfd");
}

static void serve_faults(const struct pager *pager)
{
	struct uffdio_zeropage zero = {
		.range.start = (uintptr_t)pager->pages,
		.range.len = pager->size,
	};

	if (ioctl(pager->fd, UFFDIO_ZEROPAGE, &zero))
		die("UFFDIO_ZEROPAGE");
}

static void *read_page(void *argument)
{
	const struct reader *reader = argument;

	/* Once it is served, the page says that no MSRs are wanted. */
	if (ioctl(reader->vm.vcpu_fd, KVM_GET_MSRS, reader->page))
		die("KVM_GET_MSRS");
	return NULL;
}

/* Return when the reader is stuck. */
static void start_reader(struct reader *reader, const struct pager *pager, size_t page)
{
	reader->page = pager->pages + page * PAGE_SIZE;
	create_vm(&reader->vm);
	errno = pthread_create(&reader->thread, NULL, read_page, reader);
	if (errno)
		die("pthread_create");
	wait_for_fault(pager);
}

static bool end_reader(const struct reader *reader)
{
	pthread_join(reader->thread, NULL);
	return close_vm(&reader->vm);
}

static void *remove_one(void *argument)
{
	struct remover *remover = argument;

	remove_ioeventfds(remover->vm, 1);
	remover->done = true;
	return NULL;
}

/* KVM must wait for readers here: that it does shows that the reader is one. */
static void start_remover(struct remover *remover, const struct vm *vm)
{
	remover->vm = vm;
	remover->done = false;
	errno = pthread_create(&remover->thread, NULL, remove_one, remover);
	if (errno)
		die("pthread_create");
}

static bool is_retiring(const char *pid)
{
	char path[64], stack[4096];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.16s/stack", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, stack, sizeof(stack) - 1);
	close(fd);

	stack[length < 0 ? 0 : length] = '\0';
	return strstr(stack, "kvm_retired_work_fn");
}

/* Return the number of kernel threads that wait to free replaced arrays. */
static unsigned long count_workers(void)
{
	unsigned long workers = 0;
	struct dirent *entry;
	DIR *proc;

	proc = opendir("/proc");
	if (!proc)
		die("/proc");
	while ((entry = readdir(proc)))
		workers += entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
			   is_retiring(entry->d_name);
	closedir(proc);

	return workers;
}

static void wait_for_workers(unsigned long wanted)
{
	while (count_workers() != wanted)
		usleep(100000);
}

/* Return what memory is available while all are stuck. */
static long try_stuck(unsigned long workers)
{
	struct reader reader, others[STUCK_VMS];
	bool waited, destroyed;
	struct remover remover;
	struct pager pager;
	struct vm vm;
	long memory;
	size_t i;

	create_pager(&pager, 1 + STUCK_VMS);

	step("a reader gets stuck, and its VM gets %d ioeventfds", STUCK_IOEVENTFDS);
	start_reader(&reader, &pager, 0);
	add_ioeventfds(&reader.vm, STUCK_IOEVENTFDS);
	add_zones(&reader.vm, OTHER_DEVICES);
	printf("{\"what\":\"stuck\",\"registered\":%d}\n", STUCK_IOEVENTFDS);

	step("%d more VMs get a stuck reader and devices", STUCK_VMS);
	start_remover(&remover, &reader.vm);
	for (i = 0; i < STUCK_VMS; i++) {
		start_reader(&others[i], &pager, 1 + i);
		add_ioeventfds(&others[i].vm, OTHER_DEVICES);
		add_zones(&others[i].vm, OTHER_DEVICES);
	}
	step("%lu workers wait for readers", workers);
	wait_for_workers(workers);

	step("a VM without reader gets devices");
	create_vm(&vm);
	add_ioeventfds(&vm, FREE_IOEVENTFDS);
	add_zones(&vm, OTHER_DEVICES);
	step("it loses some");
	remove_ioeventfds(&vm, FREE_REMOVED);
	step("it is destroyed");
	destroyed = close_vm(&vm);
	memory = settled_memory();
	waited = !remover.done && count_workers() == workers;

	step("the readers go on");
	serve_faults(&pager);
	pthread_join(remover.thread, NULL);
	step("all VMs are destroyed");
	destroyed &= end_reader(&reader);
	for (i = 0; i < STUCK_VMS; i++)
		destroyed &= end_reader(&others[i]);
	step("no worker is left");
	wait_for_workers(0);
	destroy_pager(&pager);

	printf("{\"what\":\"others\",\"vms\":%d,\"workers\":%lu,\"waited\":%s,\"destroyed\":%s}\n",
	       STUCK_VMS, workers, waited ? "true" : "false", destroyed ? "true" : "false");
	return memory;
}

/* Arguments: the number of workers to expect; what part of memory may be kept. */
static void run_stuck(const unsigned long *arguments)
{
	measure_memory("stuck memory", try_stuck, arguments[0], arguments[1]);
}

/*
 * Case colliding.
 *
 * Many ioeventfds at one address, that differ in their data.
 */

/* hash_64() of the kernel multiplies by it, and takes the high bits. */
#define GOLDEN_RATIO_64	0x61c8864680b583ebull

static uint64_t inverse_of_golden_ratio(void)
{
	uint64_t inverse = GOLDEN_RATIO_64;
	int i;

	/* An odd number is its own inverse modulo 8.  Each step doubles the bits. */
	for (i = 0; i < 5; i++)
		inverse *= 2 - GOLDEN_RATIO_64 * inverse;

	return inverse;
}

/* What multiplying by the golden ratio turns into small numbers: high bits of 0. */
static uint64_t golden_data(unsigned long i)
{
	return i * inverse_of_golden_ratio();
}

/* All low bits are 0. */
static uint64_t high_data(unsigned long i)
{
	return (uint64_t)i << 51;
}

/* The same, but with only 256 different ones. */
static uint64_t few_data(unsigned long i)
{
	return (uint64_t)i << 56;
}

/* How often which answer was given. */
struct answers {
	unsigned long done;
	unsigned long exist;
	unsigned long absent;
	/* Neither of these; the last one is @error. */
	unsigned long others;
	int error;
};

static struct answers ask(const struct vm *vm, uint32_t flags, uint64_t (*data)(unsigned long),
			  unsigned long nr)
{
	struct answers answers = { 0 };
	unsigned long i;
	int error;

	for (i = 0; i < nr; i++) {
		error = ioctl_ioeventfd(vm, flags | KVM_IOEVENTFD_FLAG_DATAMATCH, IOEVENTFD_GPA,
					data(i));
		switch (error) {
		case 0:
			answers.done++;
			break;
		case EEXIST:
			answers.exist++;
			break;
		case ENOENT:
			answers.absent++;
			break;
		default:
			answers.others++;
			answers.error = error;
		}
	}

	if (answers.others)
		fprintf(stderr, "%lu unexpected answers, the last: %s\n", answers.others,
			strerror(answers.error));
	return answers;
}

static void print_answers(const char *name, const struct answers *answers)
{
	printf(",\"%s\":[%lu,%lu,%lu,%lu]", name, answers->done, answers->exist, answers->absent,
	       answers->others);
}

static void collide(const char *name, uint64_t (*data)(unsigned long), unsigned long nr)
{
	struct answers added, again, removed, gone;
	struct vm vm;

	create_vm(&vm);
	step("%s: %lu ioeventfds are registered", name, nr);
	added = ask(&vm, 0, data, nr);
	step("%s: and again", name);
	again = ask(&vm, 0, data, nr);
	step("%s: they are removed", name);
	removed = ask(&vm, KVM_IOEVENTFD_FLAG_DEASSIGN, data, nr);
	step("%s: and again", name);
	gone = ask(&vm, KVM_IOEVENTFD_FLAG_DEASSIGN, data, nr);
	step("%s: the VM is destroyed", name);
	close_vm(&vm);

	printf("{\"what\":\"%s\"", name);
	print_answers("added", &added);
	print_answers("again", &again);
	print_answers("removed", &removed);
	print_answers("gone", &gone);
	printf("}\n");
}

/* Argument: how many to register of each kind. */
static void run_colliding(const unsigned long *arguments)
{
	collide("golden", golden_data, arguments[0]);
	collide("high", high_data, arguments[0]);
	collide("few", few_data, arguments[0]);
}

/*
 * Case many.
 */

/* Return what memory is available while they are registered. */
static long try_many(unsigned long nr)
{
	struct vm vm;
	long memory;

	create_vm(&vm);
	step("%lu ioeventfds are registered", nr);
	add_ioeventfds(&vm, nr);
	memory = settled_memory();
	step("the VM is destroyed");
	close_vm(&vm);
	step("memory comes back");

	return memory;
}

/* Arguments: how many to register; what part of memory may be kept. */
static void run_many(const unsigned long *arguments)
{
	measure_memory("many", try_many, arguments[0], arguments[1]);
}

/*
 * Case hoard.
 */

/* Return how many tasks the OOM killer has killed. */
static long count_oom_kills(void)
{
	return sum_numbers("/proc/vmstat", "oom_kill ");
}

/* Memory for all else that goes on once there is no more. */
#define RESERVE		(32ul << 20)

/* Argument: how many to register, if there is memory for what they replace. */
static void run_hoard(const unsigned long *arguments)
{
	struct reader reader;
	struct pager pager;
	unsigned long i;
	void *reserve;
	bool destroyed;
	int error = 0;
	long kills;

	reserve = mmap(NULL, RESERVE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (reserve == MAP_FAILED)
		die("mmap");

	create_pager(&pager, 1);
	step("a reader gets stuck, and its VM gets up to %lu ioeventfds", arguments[0]);
	start_reader(&reader, &pager, 0);
	kills = count_oom_kills();
	for (i = 0; i < arguments[0] && !error; i++)
		error = ioctl_ioeventfd(&reader.vm, 0, IOEVENTFD_GPA + i * IOEVENTFD_SIZE, 0);
	munmap(reserve, RESERVE);
	kills = count_oom_kills() - kills;

	step("the reader goes on, and the VM is destroyed");
	serve_faults(&pager);
	destroyed = end_reader(&reader);
	step("no worker is left");
	wait_for_workers(0);
	destroy_pager(&pager);

	printf("{\"what\":\"hoard\",\"registered\":%lu,\"error\":%d,\"kills\":%ld,\"destroyed\":%s}\n",
	       i - !!error, error, kills, destroyed ? "true" : "false");
}

struct test {
	const char *name;
	void (*run)(const unsigned long *arguments);
	int nr_arguments;
	unsigned int deadline;
};

static const struct test tests[] = {
	{ "stuck", run_stuck, 2, 60 },
	/* These do more than a slow machine may do in a minute. */
	{ "colliding", run_colliding, 1, 300 },
	{ "many", run_many, 2, 300 },
	{ "hoard", run_hoard, 1, 300 },
};

static void run(const struct test *test, char **words)
{
	unsigned long arguments[2];
	char index[32];
	struct vm vm;
	int i;

	for (i = 0; i < test->nr_arguments; i++)
		arguments[i] = strtoul(words[i], NULL, 10);
	deadline = test->deadline;

	kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm_fd < 0)
		die("/dev/kvm");
	event_fd = eventfd(0, EFD_CLOEXEC);
	if (event_fd < 0)
		die("eventfd");

	create_vm(&vm);
	read_index(&vm, index, sizeof(index));
	printf("{\"what\":\"index\",\"index\":\"%s\"}\n", index);
	close_vm(&vm);

	test->run(arguments);
}

int main(int argc, char **argv)
{
	size_t i;

	/* Lose nothing when a deadline passes. */
	setvbuf(stdout, NULL, _IOLBF, 0);

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (argc == 2 + tests[i].nr_arguments && !strcmp(argv[1], tests[i].name)) {
			run(&tests[i], argv + 2);
			return 0;
		}
	}

	fprintf(stderr, "usage: io_bus_limits stuck WORKERS PART | colliding COUNT | many COUNT PART | hoard COUNT\n");
	return 2;
}
