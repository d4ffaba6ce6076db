// SPDX-License-Identifier: GPL-2.0-only
/*
 * guest - init of the Linux guests inside the VM
 *
 * Gives KVM's gfn lookup something to do: reads pages behind every hotplugged
 * DIMM, and pages that nothing backs, in one random order.  KVM looks a gfn up
 * when the guest touches a page for the first time (later accesses hit the
 * nested page tables), so no page is ever read twice.
 *
 * Reading is enough, and is all that is safe: the pages belong to a running
 * kernel.  A page that was only read also costs the host no memory, because it
 * maps its zero page.
 *
 * Parameters on the kernel command line:
 *   kvmscope.seed=N     seed of the random order
 *   kvmscope.rounds=N   how many rounds
 *   kvmscope.pages=N    pages read behind each DIMM in a round
 *   kvmscope.absent=N   unbacked pages read in a round
 *   kvmscope.dimms=N    DIMMs that must be online before the first round
 *   kvmscope.settle=N   seconds between "guest: ready" and the first round
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PAGE_SIZE	4096ul
#define GIB		(1ull << 30)

/* The PC's hotplug area starts above the 32-bit PCI hole. */
#define DIMM_FLOOR	(4 * GIB)
/*
 * Far above maxmem= and any PCI window, within the 40 bits of physical address
 * that QEMU's EPYC has.
 */
#define ABSENT_BASE	(256 * GIB)

#define MAX_DIMMS	256
#define ONLINE_SECONDS	60

#define MEMORY_DIR	"/sys/devices/system/memory"

struct settings {
	unsigned long seed;
	unsigned long rounds;
	unsigned long pages;
	unsigned long absent;
	unsigned long dimms;
	unsigned long settle;
};

struct memory {
	uint64_t dimm[MAX_DIMMS];	/* physical addresses */
	size_t nr_dimms;
	uint64_t dimm_size;
	const volatile uint8_t *unbacked;
	int mem_fd;
};

/* One read: a page behind a DIMM, or an unbacked page when dimm is NO_DIMM. */
struct visit {
	uint32_t dimm;
	uint32_t page;
};

#define NO_DIMM	UINT32_MAX

static void power_off(void)
{
	fflush(NULL);
	sync();
	reboot(RB_POWER_OFF);
	/* Only a kernel without ACPI gets here; init must not return. */
	for (;;)
		pause();
}

__attribute__((format(printf, 1, 2)))
static void die(const char *fmt, ...)
{
	va_list args;

	printf("guest: FAILED: ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	power_off();
}

/* splitmix64: any seed is a good seed, 0 included. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static void shuffle(struct visit *visits, size_t nr, uint64_t *random)
{
	for (size_t i = nr; i > 1; i--) {
		size_t j = next_random(random) % i;
		struct visit swap = visits[i - 1];

		visits[i - 1] = visits[j];
		visits[j] = swap;
	}
}

static void read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t len;

	if (fd < 0)
		die("cannot open %s: %s", path, strerror(errno));
	len = read(fd, text, size - 1);
	if (len < 0)
		die("cannot read %s: %s", path, strerror(errno));
	text[len] = '\0';
	close(fd);
}

static void mount_or_die(const char *type, const char *where)
{
	mkdir(where, 0755);
	if (mount(type, where, type, 0, NULL) && errno != EBUSY)
		die("cannot mount %s on %s: %s", type, where, strerror(errno));
}

static unsigned long parameter(const char *cmdline, const char *name,
			       unsigned long fallback)
{
	const char *at = strstr(cmdline, name);

	return at ? strtoul(at + strlen(name), NULL, 0) : fallback;
}

static struct settings read_settings(void)
{
	char cmdline[4096];

	read_text("/proc/cmdline", cmdline, sizeof(cmdline));
	return (struct settings) {
		.seed = parameter(cmdline, "kvmscope.seed=", 1),
		.rounds = parameter(cmdline, "kvmscope.rounds=", 10),
		.pages = parameter(cmdline, "kvmscope.pages=", 16),
		.absent = parameter(cmdline, "kvmscope.absent=", 512),
		.dimms = parameter(cmdline, "kvmscope.dimms=", 1),
		.settle = parameter(cmdline, "kvmscope.settle=", 0),
	};
}

/* Returns whether block @nr exists and is online. */
static bool block_is_online(unsigned long nr)
{
	char path[64], state[16];

	snprintf(path, sizeof(path), MEMORY_DIR "/memory%lu/state", nr);
	if (access(path, R_OK))
		return false;
	read_text(path, state, sizeof(state));
	return !strncmp(state, "online", strlen("online"));
}

static void find_dimms(struct memory *memory, unsigned long first_block,
		       unsigned long nr_blocks)
{
	memory->nr_dimms = 0;
	for (unsigned long nr = first_block; nr < first_block + nr_blocks; nr++)
		if (block_is_online(nr))
			memory->dimm[memory->nr_dimms++] = nr * memory->dimm_size;
}

/* ACPI adds the DIMMs while the guest boots; memhp_default_state onlines them. */
static void wait_for_dimms(struct memory *memory, unsigned long wanted)
{
	char text[32];

	if (!wanted || wanted > MAX_DIMMS)
		die("kvmscope.dimms must be 1 to %d", MAX_DIMMS);

	read_text(MEMORY_DIR "/block_size_bytes", text, sizeof(text));
	memory->dimm_size = strtoull(text, NULL, 16);
	if (!memory->dimm_size)
		die("no memory block size: is this kernel built with MEMORY_HOTPLUG?");

	for (int waited = 0; waited < ONLINE_SECONDS; waited++) {
		find_dimms(memory, DIMM_FLOOR / memory->dimm_size, wanted);
		if (memory->nr_dimms == wanted)
			return;
		sleep(1);
	}
	die("only %zu of %lu DIMMs came online in %d s", memory->nr_dimms,
	    wanted, ONLINE_SECONDS);
}

static void open_memory(struct memory *memory, unsigned long unbacked_pages)
{
	void *map;

	memory->mem_fd = open("/dev/mem", O_RDONLY);
	if (memory->mem_fd < 0)
		die("cannot open /dev/mem: %s", strerror(errno));
	if (!unbacked_pages)
		return;
	map = mmap(NULL, unbacked_pages * PAGE_SIZE, PROT_READ, MAP_SHARED,
		   memory->mem_fd, ABSENT_BASE);
	if (map == MAP_FAILED)
		die("cannot map %lu unbacked pages: %s", unbacked_pages,
		    strerror(errno));
	memory->unbacked = map;
}

static void read_dimm_page(const struct memory *memory,
			   const struct visit *visit)
{
	uint64_t address = memory->dimm[visit->dimm] + visit->page * PAGE_SIZE;
	uint64_t word;

	if (pread(memory->mem_fd, &word, sizeof(word), address) != sizeof(word))
		die("cannot read physical address %#llx: %s",
		    (unsigned long long)address, strerror(errno));
}

static void read_page(const struct memory *memory, const struct visit *visit)
{
	if (visit->dimm == NO_DIMM)
		(void)memory->unbacked[visit->page * PAGE_SIZE];
	else
		read_dimm_page(memory, visit);
}

/*
 * The page of DIMM @dimm that visit @nr reads.  An odd factor makes this a
 * permutation of the (power of two) pages: scattered, and none comes twice.
 */
static uint32_t scattered_page(const struct memory *memory, uint64_t seed,
			       size_t dimm, uint64_t nr)
{
	uint64_t state = seed + dimm;
	uint64_t factor = next_random(&state) | 1;
	uint64_t offset = next_random(&state);

	return (nr * factor + offset) & (memory->dimm_size / PAGE_SIZE - 1);
}

static size_t plan_round(const struct settings *settings,
			 const struct memory *memory, unsigned long round,
			 struct visit *visits, uint64_t *random)
{
	size_t nr = 0;

	for (size_t dimm = 0; dimm < memory->nr_dimms; dimm++)
		for (unsigned long page = 0; page < settings->pages; page++)
			visits[nr++] = (struct visit) {
				.dimm = dimm,
				.page = scattered_page(memory, settings->seed, dimm,
						       round * settings->pages + page),
			};
	for (unsigned long page = 0; page < settings->absent; page++)
		visits[nr++] = (struct visit) {
			.dimm = NO_DIMM,
			.page = round * settings->absent + page,
		};
	shuffle(visits, nr, random);
	return nr;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void check_settings(const struct settings *settings,
			   const struct memory *memory)
{
	unsigned long pages_per_dimm = memory->dimm_size / PAGE_SIZE;

	if (settings->rounds * settings->pages > pages_per_dimm)
		die("%lu rounds of %lu pages exceed the %lu pages of a DIMM",
		    settings->rounds, settings->pages, pages_per_dimm);
}

static void run(const struct settings *settings, const struct memory *memory)
{
	size_t max_visits = memory->nr_dimms * settings->pages + settings->absent;
	struct visit *visits = calloc(max_visits, sizeof(*visits));
	uint64_t random = settings->seed;
	double start = seconds();

	if (!visits)
		die("no memory for a plan of %zu reads", max_visits);

	for (unsigned long round = 0; round < settings->rounds; round++) {
		size_t nr = plan_round(settings, memory, round, visits, &random);

		for (size_t i = 0; i < nr; i++)
			read_page(memory, &visits[i]);
		printf("guest: round %lu/%lu, %lu DIMM pages and %lu unbacked pages read, %.1f s\n",
		       round + 1, settings->rounds,
		       (round + 1) * settings->pages * memory->nr_dimms,
		       (round + 1) * settings->absent, seconds() - start);
	}
	free(visits);
}

int main(void)
{
	struct memory memory = { 0 };
	struct settings settings;

	setvbuf(stdout, NULL, _IOLBF, 0);
	mount_or_die("devtmpfs", "/dev");
	mount_or_die("proc", "/proc");
	mount_or_die("sysfs", "/sys");

	/*
	 * Without page faults of its own, what the guest does to KVM is what it
	 * reads.
	 */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		die("cannot lock memory: %s", strerror(errno));

	settings = read_settings();
	wait_for_dimms(&memory, settings.dimms);
	check_settings(&settings, &memory);
	open_memory(&memory, settings.rounds * settings.absent);
	printf("guest: ready: %zu DIMMs of %llu MiB online, seed %lu, %lu rounds of %lu pages per DIMM and %lu unbacked pages\n",
	       memory.nr_dimms, (unsigned long long)memory.dimm_size >> 20,
	       settings.seed, settings.rounds, settings.pages, settings.absent);
	sleep(settings.settle);
	run(&settings, &memory);
	printf("guest: done: %lu DIMM pages and %lu unbacked pages read\n",
	       settings.rounds * settings.pages * memory.nr_dimms,
	       settings.rounds * settings.absent);
	power_off();
}
