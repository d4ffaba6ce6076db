// SPDX-License-Identifier: GPL-2.0
#include "memslot_probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fail.h"
#include "kernel_check.h"
#include "memslot.h"
#include "memslot.skel.h"
#include "memslot_tally.h"

/* A re-keying lasts microseconds; a reading that met one is repeated. */
#define READ_ATTEMPTS	100

struct memslot_probe {
	struct memslot_probe_options options;
	struct memslot_bpf *skel;
	struct bpf_link *link;
	struct memslot_tally *tally;
	__u32 lanes;
	unsigned int cpus;
	struct memslot_slot *copies;	/* of one key, by CPU */
	struct ring_buffer *retired;
	__u64 epoch;			/* that is being read */
};

static bool libbpf_is_verbose;

/* libbpf's warnings repeat what kvmscope says in its own words. */
static int print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	if (!libbpf_is_verbose || level == LIBBPF_DEBUG)
		return 0;
	return vfprintf(stderr, format, args);
}

struct memslot_probe *memslot_probe__new(const struct memslot_probe_options *options)
{
	struct memslot_probe *probe = calloc(1, sizeof(*probe));

	if (!probe)
		return NULL;
	probe->options = *options;
	probe->lanes = options->vcpus ? options->vcpus + MEMSLOT_EXTRA_LANES : 1;

	libbpf_is_verbose = options->verbose;
	libbpf_set_print(print_libbpf);
	return probe;
}

static int load_error(const struct memslot_probe *probe, int err)
{
	/* The verifier's refusals are EACCES, and no question of privilege. */
	if (err == -EPERM)
		return fail(STATUS_PRIVILEGE, "the kernel does not allow BPF programs (%s): run as "
			    "root, without lockdown; --verbose shows more", strerror(-err));
	if (err == -ENOMEM || err == -E2BIG)
		return fail(STATUS_ERROR, "no memory for histograms of %u VMs on %u CPUs: lower "
			    "--max-vms or --max-vcpus", probe->options.ordinals, probe->cpus);
	return fail(STATUS_KERNEL, "cannot load the BPF program (%s): --verbose shows why",
		    strerror(-err));
}

/* A slot that another VM took over, as it was just before. */
static int read_retired(void *context, void *data, size_t size)
{
	struct memslot_probe *probe = context;
	const struct memslot_slot *slot = data;

	if (size < sizeof(*slot))
		return 0;
	return memslot_tally__retire(probe->tally, slot, probe->epoch);
}

static int load(struct memslot_probe *probe)
{
	const struct memslot_probe_options *options = &probe->options;
	int err;

	probe->skel->rodata->ordinals = options->ordinals;
	probe->skel->rodata->lanes = probe->lanes;
	probe->skel->rodata->only_vm = options->only_vm;

	err = bpf_map__set_max_entries(probe->skel->maps.memslot_lookup,
				       options->ordinals * probe->lanes * MEMSLOT_OUTCOMES);
	return err ? err : memslot_bpf__load(probe->skel);
}

/* The kernel would try, and meanwhile kill others for their memory. */
static int check_memory(const struct memslot_probe *probe)
{
	const struct memslot_probe_options *options = &probe->options;
	__u64 memory = (__u64)sysconf(_SC_PHYS_PAGES) * (__u64)sysconf(_SC_PAGESIZE);
	__u64 wanted = (__u64)options->ordinals * probe->lanes * MEMSLOT_OUTCOMES *
		       probe->cpus * sizeof(struct memslot_slot);

	if (wanted <= memory / 4)
		return STATUS_OK;
	return fail(STATUS_ERROR, "histograms of %u VMs, split by %u, on %u CPUs would take %llu MiB, "
		    "over a quarter of the memory: lower --max-vms or --max-vcpus",
		    options->ordinals, probe->lanes, probe->cpus, wanted >> 20);
}

int memslot_probe__open(struct memslot_probe *probe)
{
	const struct memslot_probe_options *options = &probe->options;
	int status, cpus, err;

	status = kernel_check__tracepoint(options->root, "kvm_memslot_lookup");
	if (status)
		return status;

	cpus = libbpf_num_possible_cpus();
	if (cpus < 0)
		return fail(STATUS_ERROR, "cannot tell the number of CPUs: %s", strerror(-cpus));
	probe->cpus = cpus;

	status = check_memory(probe);
	if (status)
		return status;

	probe->copies = calloc(probe->cpus, sizeof(*probe->copies));
	probe->tally = memslot_tally__new(options->ordinals, probe->lanes, probe->cpus);
	if (!probe->copies || !probe->tally)
		return fail(STATUS_ERROR, "out of memory");

	probe->skel = memslot_bpf__open();
	if (!probe->skel)
		return load_error(probe, -errno);

	err = load(probe);
	if (err)
		return load_error(probe, err);

	probe->retired = ring_buffer__new(bpf_map__fd(probe->skel->maps.memslot_retired),
					  read_retired, probe, NULL);
	if (!probe->retired)
		return fail(STATUS_ERROR, "cannot map the ring buffer: %s", strerror(errno));
	return STATUS_OK;
}

int memslot_probe__attach(struct memslot_probe *probe)
{
	probe->link = bpf_program__attach(probe->skel->progs.kvm_memslot_lookup);
	if (!probe->link)
		return fail(STATUS_KERNEL, "cannot attach to kvm:kvm_memslot_lookup (%s): is kvm "
			    "being unloaded?", strerror(errno));
	return STATUS_OK;
}

static bool is_whole(const struct memslot_slot *copies, unsigned int cpus)
{
	unsigned int cpu;

	for (cpu = 0; cpu < cpus; cpu++) {
		if (copies[cpu].head != copies[cpu].tail)
			return false;
	}
	return true;
}

static int read_key(struct memslot_probe *probe, __u32 key)
{
	size_t size = probe->cpus * sizeof(*probe->copies);
	unsigned int cpu, attempt;
	int err;

	for (attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
		err = bpf_map__lookup_elem(probe->skel->maps.memslot_lookup, &key, sizeof(key),
					   probe->copies, size, 0);
		if (err)
			return err;
		if (is_whole(probe->copies, probe->cpus))
			break;
	}

	/* The slots' earlier contents come first: of those copied, all are there. */
	err = ring_buffer__consume(probe->retired);
	if (err < 0)
		return err;

	for (cpu = 0; cpu < probe->cpus; cpu++) {
		/* A CPU that stopped amid a re-keying: the next reading has it. */
		if (probe->copies[cpu].head != probe->copies[cpu].tail)
			continue;
		err = memslot_tally__add(probe->tally, key, cpu, &probe->copies[cpu],
					 probe->epoch);
		if (err)
			return err;
	}
	return 0;
}

static int read_all(struct memslot_probe *probe, __u64 epoch)
{
	__u32 keys = probe->options.ordinals * probe->lanes * MEMSLOT_OUTCOMES;
	__u32 key;
	int err;

	probe->epoch = epoch;
	for (key = 0; key < keys; key++) {
		err = read_key(probe, key);
		if (err)
			return fail(STATUS_ERROR, "cannot read the histograms: %s", strerror(-err));
	}
	return STATUS_OK;
}

int memslot_probe__read(struct memslot_probe *probe)
{
	return read_all(probe, probe->skel->bss->epoch);
}

int memslot_probe__end_interval(struct memslot_probe *probe)
{
	return read_all(probe, probe->skel->bss->epoch++);
}

void memslot_probe__begin_interval(struct memslot_probe *probe)
{
	memslot_tally__begin(probe->tally);
}

void memslot_probe__detach(struct memslot_probe *probe)
{
	bpf_link__destroy(probe->link);
	probe->link = NULL;

	/* Wait for the CPUs that are still running the program. */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

void memslot_probe__free(struct memslot_probe *probe)
{
	if (!probe)
		return;
	bpf_link__destroy(probe->link);
	ring_buffer__free(probe->retired);
	memslot_bpf__destroy(probe->skel);
	memslot_tally__free(probe->tally);
	free(probe->copies);
	free(probe);
}

__u32 memslot_probe__lanes(const struct memslot_probe *probe)
{
	return probe->lanes;
}

const struct memslot_tally *memslot_probe__tally(const struct memslot_probe *probe)
{
	return probe->tally;
}

void memslot_probe__losses(const struct memslot_probe *probe, struct memslot_losses *losses)
{
	int fd = bpf_program__fd(probe->skel->progs.kvm_memslot_lookup);
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	memset(losses, 0, sizeof(*losses));
	if (!bpf_prog_get_info_by_fd(fd, &info, &size))
		losses->missed = info.recursion_misses;
	losses->rekeyed = memslot_tally__lost(probe->tally);
	losses->beyond_map = probe->skel->bss->beyond_map;
	losses->unknown_outcome = probe->skel->bss->unknown_outcome;
}
