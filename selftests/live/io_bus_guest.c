// SPDX-License-Identifier: GPL-2.0-only
/*
 * io_bus_guest - a guest that makes an exact number of I/O bus lookups
 *
 * Creates a VM with ioeventfds on ports and in device memory through /dev/kvm,
 * without QEMU, and runs a guest that writes to them, and to others, in random
 * order.  Each write is looked up exactly once on its bus:
 *
 *   claimed   an ioeventfd is there and wants the value
 *   refused   one is there and does not (datamatch): no device accepts
 *   missed    nothing is there
 *
 * The last two end in this program, which counts them.
 *
 * Writes to device memory may be looked up on the bus for fast MMIO before;
 * whether they are depends on the processor.  Only ioeventfds of any length are
 * on that bus, and on the other, too: a write to one of them is claimed there or
 * here, once.
 */
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest.h"
#include "vm.h"

#define CLAIMED_PORT	0x1000u
#define MISSED_PORT	0x8000u
#define CLAIMED_GPA	0xe0000000u
#define MISSED_GPA	0xe0100000u
#define FAST_GPA	0xe0200000u
#define STRIDE		8u

#define WANTED		0x5au
#define UNWANTED	0xa5u
/* What the guest tells device memory by. */
#define TO_MEMORY	0x80000000u

#define MAX_DEVICES	1000
#define MAX_WRITES	100000

/* The table is of struct write. */
GUEST_LOOP(
	"	mov	(%esi), %edx\n"
	"	mov	4(%esi), %eax\n"
	"	test	%eax, %eax\n"
	"	js	2f\n"
	"	out	%al, (%dx)\n"
	"	jmp	3f\n"
	"2:	mov	%eax, (%edx)\n"
	"3:\n"
);

struct write {
	uint32_t address;
	uint32_t value;
};

/* Writes of one kind, by where they go, the last only if claimed: */
enum bus { PIO, MMIO, FAST_MMIO, BUSES };
/* and what becomes of them: */
enum fate { CLAIMED, REFUSED, MISSED, FATES };

static const char *const bus_names[BUSES] = { "pio", "mmio", "fast-mmio" };

struct arguments {
	unsigned long writes[BUSES][FATES];
	unsigned long devices;
	struct guest_options common;
};

static uint32_t value_of(enum bus bus, enum fate fate)
{
	return (fate == REFUSED ? UNWANTED : WANTED) | (bus == PIO ? 0 : TO_MEMORY);
}

static uint32_t address_of(enum bus bus, enum fate fate, uint32_t device)
{
	static const uint32_t bases[BUSES][2] = {
		{ CLAIMED_PORT, MISSED_PORT }, { CLAIMED_GPA, MISSED_GPA }, { FAST_GPA },
	};

	return bases[bus][fate == MISSED] + device * STRIDE;
}

static void add_device(const struct vm *vm, enum bus bus, uint32_t device, int fd)
{
	static const uint32_t lengths[BUSES] = { 1, 4, 0 };
	static const uint32_t flags[BUSES] = {
		KVM_IOEVENTFD_FLAG_DATAMATCH | KVM_IOEVENTFD_FLAG_PIO,
		KVM_IOEVENTFD_FLAG_DATAMATCH,
	};
	struct kvm_ioeventfd ioeventfd = {
		.datamatch = flags[bus] ? value_of(bus, CLAIMED) : 0,
		.addr = address_of(bus, CLAIMED, device),
		.len = lengths[bus],
		.fd = fd,
		.flags = flags[bus],
	};

	if (ioctl(vm->fd, KVM_IOEVENTFD, &ioeventfd))
		die("KVM_IOEVENTFD");
}

static void add_devices(const struct vm *vm, unsigned long devices)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	if (fd < 0)
		die("eventfd");
	for (uint32_t device = 0; device < devices; device++) {
		for (enum bus bus = 0; bus < BUSES; bus++)
			add_device(vm, bus, device, fd);
	}
}

static unsigned long total(const struct arguments *arguments, enum fate fate)
{
	unsigned long writes = 0;

	for (enum bus bus = 0; bus < BUSES; bus++)
		writes += arguments->writes[bus][fate];
	return writes;
}

/* The writes kind by kind, then shuffled. */
static void plan(const struct arguments *arguments, struct write *table, unsigned long writes)
{
	uint64_t random = arguments->common.seed;
	unsigned long done = 0;

	for (enum bus bus = 0; bus < BUSES; bus++) {
		for (enum fate fate = 0; fate < FATES; fate++) {
			for (unsigned long i = 0; i < arguments->writes[bus][fate]; i++) {
				uint32_t device = next_random(&random) % arguments->devices;

				table[done].address = address_of(bus, fate, device);
				table[done++].value = value_of(bus, fate);
			}
		}
	}
	for (unsigned long i = writes; i > 1; i--) {
		unsigned long other = next_random(&random) % i;
		struct write swapped = table[i - 1];

		table[i - 1] = table[other];
		table[other] = swapped;
	}
}

/* Returns how many writes no device accepted. */
static unsigned long run_guest(const struct vm *vm)
{
	unsigned long exits = 0;

	for (;;) {
		switch (run_vcpu(vm)) {
		case KVM_EXIT_IO:
		case KVM_EXIT_MMIO:
			exits++;
			break;
		case KVM_EXIT_HLT:
			return exits;
		default:
			die_of_exit(vm);
		}
	}
}

static void report(const char *state, const struct arguments *arguments, const struct vm *vm)
{
	printf("{\"state\":\"%s\",\"pid\":%d,\"fd\":%d,\"devices\":%lu,\"lookups\":{", state,
	       getpid(), vm->fd, arguments->devices);
	for (enum bus bus = 0; bus < BUSES; bus++) {
		const unsigned long *writes = arguments->writes[bus];

		printf("%s\"%s\":{\"claimed\":%lu,\"absent\":%lu}", bus ? "," : "",
		       bus_names[bus], writes[CLAIMED], writes[REFUSED] + writes[MISSED]);
	}
	printf("}}\n");
	end_report(&arguments->common);
}

static const char doc[] =
	"Make an exact number of I/O bus lookups in a VM of its own."
	"\vPrints a line of JSON when the VM is ready and one when the guest is done, each "
	"with the lookups that KVM makes by bus and outcome. Exits 0, 1 when KVM refuses or "
	"other writes end here than should, 64 on a usage error.";

enum { OPTION_WRITES = 0x100, OPTION_DEVICES = OPTION_WRITES + BUSES * FATES };

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;
	int kind = key - OPTION_WRITES;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->common;
		break;
	case OPTION_WRITES ... OPTION_WRITES + BUSES * FATES - 1:
		arguments->writes[kind / FATES][kind % FATES] =
			parse_number(text, 0, MAX_WRITES, state);
		break;
	case OPTION_DEVICES:
		arguments->devices = parse_number(text, 1, MAX_DEVICES, state);
		break;
	case ARGP_KEY_END:
		if (!total(arguments, CLAIMED) && !total(arguments, REFUSED) &&
		    !total(arguments, MISSED))
			argp_error(state, "no writes: give at least one of --pio-claimed, …");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

#define WRITES(bus, fate) (OPTION_WRITES + (bus) * FATES + (fate))

static const struct argp_option options[] = {
	{ "pio-claimed", WRITES(PIO, CLAIMED), "N", 0, "writes to ports of devices", 1 },
	{ "pio-refused", WRITES(PIO, REFUSED), "N", 0, "the same, of values they refuse", 1 },
	{ "pio-missed", WRITES(PIO, MISSED), "N", 0, "writes to other ports", 1 },
	{ "mmio-claimed", WRITES(MMIO, CLAIMED), "N", 0, "writes to devices' memory", 2 },
	{ "mmio-refused", WRITES(MMIO, REFUSED), "N", 0, "the same, of values they refuse", 2 },
	{ "mmio-missed", WRITES(MMIO, MISSED), "N", 0, "writes to nobody's memory", 2 },
	{ "fast-claimed", WRITES(FAST_MMIO, CLAIMED), "N", 0,
	  "writes to memory of devices that take any length", 2 },
	{ "devices", OPTION_DEVICES, "N", 0, "devices on each bus (default 8)", 3 },
	{ 0 }
};

int main(int argc, char **argv)
{
	struct arguments arguments = { .devices = 8 };
	unsigned long writes, unclaimed, exits;
	struct vm vm;

	parse_arguments(options, parse, doc, argc, argv, &arguments);
	unclaimed = total(&arguments, REFUSED) + total(&arguments, MISSED);
	writes = total(&arguments, CLAIMED) + unclaimed;

	create_vm(&vm);
	add_slot0(&vm, guest_code, guest_code_end - guest_code, writes * sizeof(struct write));
	plan(&arguments, (struct write *)(vm.slot0 + TABLE_GPA), writes);
	add_devices(&vm, arguments.devices);
	create_vcpu(&vm, writes);

	report("ready", &arguments, &vm);
	exits = run_guest(&vm);
	if (exits != unclaimed) {
		fprintf(stderr, "io_bus_guest: %lu writes ended here, not %lu\n", exits, unclaimed);
		return 1;
	}
	report("done", &arguments, &vm);
	return 0;
}
