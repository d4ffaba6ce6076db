// SPDX-License-Identifier: GPL-2.0-only
#include "probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "event.h"
#include "fail.h"
#include "hist_slot.h"
#include "tally.h"

/* A re-keying lasts microseconds; a reading that met one is repeated. */
#define READ_ATTEMPTS	100

struct probe {
	struct probe_options options;
	struct bpf_object *object;
	struct bpf_program *program;
	struct bpf_link *link;
	struct bpf_map *slots;
	volatile struct hist_state *state;	/* the program's own, mapped */
	struct tally *tally;
	__u32 lanes;
	unsigned int cpus;
	struct hist_slot *copies;	/* of one key, by CPU */
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

struct probe *probe__new(const struct probe_options *options)
{
	struct probe *probe = calloc(1, sizeof(*probe));

	if (!probe)
		return NULL;
	probe->options = *options;
	probe->lanes = options->vcpus ? options->vcpus + HIST_EXTRA_LANES : 1;

	libbpf_is_verbose = options->verbose;
	libbpf_set_print(print_libbpf);
	return probe;
}

static int load_error(const struct probe *probe, int err)
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
	struct probe *probe = context;
	const struct hist_slot *slot = data;

	if (size < sizeof(*slot))
		return 0;
	return tally__retire(probe->tally, slot, probe->epoch);
}

/* Variables of the program, in the section @name. */
static void *variables(const struct probe *probe, const char *name, size_t wanted)
{
	struct bpf_map *map = bpf_object__find_map_by_name(probe->object, name);
	size_t size = 0;
	void *value = map ? bpf_map__initial_value(map, &size) : NULL;

	return size == wanted ? value : NULL;
}

static __u32 nr_keys(const struct probe *probe)
{
	return probe->options.ordinals * probe->lanes * event__kinds(probe->options.event);
}

static int load(struct probe *probe)
{
	const struct probe_options *options = &probe->options;
	const struct event *event = options->event;
	struct hist_config *config;
	size_t size;
	const void *file = event->object(&size);
	int err;

	probe->object = bpf_object__open_mem(file, size, NULL);
	if (!probe->object)
		return -errno;

	probe->program = bpf_object__find_program_by_name(probe->object, event->tracepoint);
	probe->slots = bpf_object__find_map_by_name(probe->object, event->metric);
	config = variables(probe, ".rodata", sizeof(*config));
	if (!probe->program || !probe->slots || !config)
		return -ENOENT;

	config->ordinals = options->ordinals;
	config->lanes = probe->lanes;
	config->only_vm = options->only_vm;

	err = bpf_map__set_max_entries(probe->slots, nr_keys(probe));
	if (!err)
		err = bpf_object__load(probe->object);
	if (err)
		return err;

	/* Only now is it the map's own memory. */
	probe->state = variables(probe, ".bss", sizeof(*probe->state));
	return probe->state ? 0 : -ENOENT;
}

/* The kernel would try, and meanwhile kill others for their memory. */
static int check_memory(const struct probe *probe)
{
	const struct probe_options *options = &probe->options;
	__u64 memory = (__u64)sysconf(_SC_PHYS_PAGES) * (__u64)sysconf(_SC_PAGESIZE);
	__u64 wanted = (__u64)nr_keys(probe) * probe->cpus * sizeof(struct hist_slot);

	wanted *= options->probes;
	if (wanted <= memory / 4)
		return STATUS_OK;
	return fail(STATUS_ERROR, "histograms of %u VMs, split by %u, on %u CPUs would take "
		    "%llu MiB, over a quarter of the memory: lower --max-vms or --max-vcpus",
		    options->ordinals, probe->lanes, probe->cpus, wanted >> 20);
}

int probe__open(struct probe *probe)
{
	const struct probe_options *options = &probe->options;
	struct bpf_map *retired;
	int status, cpus, err;

	cpus = libbpf_num_possible_cpus();
	if (cpus < 0)
		return fail(STATUS_ERROR, "cannot tell the number of CPUs: %s", strerror(-cpus));
	probe->cpus = cpus;

	status = check_memory(probe);
	if (status)
		return status;

	probe->copies = calloc(probe->cpus, sizeof(*probe->copies));
	probe->tally = tally__new(options->ordinals, probe->lanes, event__kinds(options->event),
				  probe->cpus);
	if (!probe->copies || !probe->tally)
		return fail(STATUS_ERROR, "out of memory");

	err = load(probe);
	if (err)
		return load_error(probe, err);

	retired = bpf_object__find_map_by_name(probe->object, options->event->retired);
	probe->retired = ring_buffer__new(bpf_map__fd(retired), read_retired, probe, NULL);
	if (!probe->retired)
		return fail(STATUS_ERROR, "cannot map the ring buffer: %s", strerror(errno));
	return STATUS_OK;
}

int probe__attach(struct probe *probe)
{
	probe->link = bpf_program__attach(probe->program);
	if (!probe->link)
		return fail(STATUS_KERNEL, "cannot attach to kvm:%s (%s): is kvm being unloaded?",
			    probe->options.event->tracepoint, strerror(errno));
	return STATUS_OK;
}

static bool is_whole(const struct hist_slot *copies, unsigned int cpus)
{
	unsigned int cpu;

	for (cpu = 0; cpu < cpus; cpu++) {
		if (copies[cpu].head != copies[cpu].tail)
			return false;
	}
	return true;
}

static int read_key(struct probe *probe, __u32 key)
{
	size_t size = probe->cpus * sizeof(*probe->copies);
	unsigned int cpu, attempt;
	int err;

	for (attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
		err = bpf_map__lookup_elem(probe->slots, &key, sizeof(key), probe->copies, size, 0);
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
		err = tally__add(probe->tally, key, cpu, &probe->copies[cpu], probe->epoch);
		if (err)
			return err;
	}
	return 0;
}

static int read_all(struct probe *probe, __u64 epoch)
{
	__u32 key;
	int err;

	probe->epoch = epoch;
	for (key = 0; key < nr_keys(probe); key++) {
		err = read_key(probe, key);
		if (err)
			return fail(STATUS_ERROR, "cannot read the histograms: %s", strerror(-err));
	}
	return STATUS_OK;
}

int probe__read(struct probe *probe)
{
	return read_all(probe, probe->state->epoch);
}

int probe__end_interval(struct probe *probe)
{
	return read_all(probe, probe->state->epoch++);
}

void probe__begin_interval(struct probe *probe)
{
	tally__begin(probe->tally);
}

void probe__detach(struct probe *probe)
{
	bpf_link__destroy(probe->link);
	probe->link = NULL;

	/* Wait for the CPUs that are still running the program. */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

void probe__free(struct probe *probe)
{
	if (!probe)
		return;
	bpf_link__destroy(probe->link);
	ring_buffer__free(probe->retired);
	bpf_object__close(probe->object);
	tally__free(probe->tally);
	free(probe->copies);
	free(probe);
}

const struct event *probe__event(const struct probe *probe)
{
	return probe->options.event;
}

__u32 probe__lanes(const struct probe *probe)
{
	return probe->lanes;
}

const struct tally *probe__tally(const struct probe *probe)
{
	return probe->tally;
}

void probe__losses(const struct probe *probe, struct losses *losses)
{
	int fd = bpf_program__fd(probe->program);
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	memset(losses, 0, sizeof(*losses));
	if (!bpf_prog_get_info_by_fd(fd, &info, &size))
		losses->missed = info.recursion_misses;
	losses->rekeyed = tally__lost(probe->tally);
	losses->beyond_map = probe->state->beyond_map;
	losses->unknown_kind = probe->state->unknown_kind;
}
