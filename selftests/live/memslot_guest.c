// SPDX-License-Identifier: GPL-2.0-only
/*
 * memslot_guest - a guest that makes an exact number of gfn lookups
 *
 * Creates a VM with a given number of memslots through /dev/kvm, without QEMU,
 * and runs a guest that writes MSR_KVM_WALL_CLOCK_NEW once per address given.
 * KVM answers in kvm_write_wall_clock() (arch/x86/kvm/msrs.c), whose number of
 * gfn lookups is known:
 *
 *   a backed address    4: kvm_read_guest() and three kvm_write_guest(), each
 *                          of one page, so one gfn_to_memslot() each
 *   an unbacked one     1: kvm_read_guest() fails and the function returns
 *
 * They are made for the VM, not for its vCPU: in the tracepoint's terms,
 * vcpu_id is -1.  Lookups with vcpu_id 0 (page faults, instruction fetches of
 * the emulator) also happen and depend on the processor; nothing is promised
 * about them, except that none is `absent`.
 *
 * The outcome of each lookup follows from gfn_to_memslot() checking the slot
 * that was last used before it searches.
 */
#include <linux/kvm_para.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <asm/kvm_para.h>

#include "guest.h"
#include "vm.h"

/* The other slots have one page each, and a hole of one page behind it. */
#define SLOTS_GPA		(1ul << 30)
#define SLOT_STRIDE		(2 * PAGE_SIZE)

#define LOOKUPS_PER_BACKED	4
#define LOOKUPS_PER_UNBACKED	1

/* KVM_USER_MEM_SLOTS */
#define MAX_SLOTS		32764
#define MAX_WRITES		1000000

/* The table is of addresses. */
GUEST_LOOP(
	"	mov	(%esi), %eax\n"
	"	mov	4(%esi), %edx\n"
	"	mov	$0x4b564d00, %ecx\n"	/* MSR_KVM_WALL_CLOCK_NEW */
	"	wrmsr\n"
);
_Static_assert(MSR_KVM_WALL_CLOCK_NEW == 0x4b564d00, "guest_code's MSR");

struct arguments {
	unsigned long slots;
	unsigned long found;
	unsigned long absent;
	struct guest_options common;
};

struct lookups {
	uint64_t cached;
	uint64_t found;
	uint64_t absent;
};

/* Slot 0 is not among them. */
static void add_slots(const struct vm *vm, unsigned long slots)
{
	uint8_t *pages = allocate(slots * PAGE_SIZE);

	for (unsigned long slot = 1; slot < slots; slot++)
		add_slot(vm, slot, SLOTS_GPA + (slot - 1) * SLOT_STRIDE,
			 pages + slot * PAGE_SIZE, PAGE_SIZE);
}

static uint64_t slot_address(uint64_t *random, unsigned long slots)
{
	return SLOTS_GPA + next_random(random) % (slots - 1) * SLOT_STRIDE;
}

/* Writes the table of addresses; returns the lookups that they will cause. */
static struct lookups plan(const struct arguments *arguments, uint64_t *table)
{
	unsigned long found = arguments->found, absent = arguments->absent;
	struct lookups lookups = { 0 };
	uint64_t random = arguments->common.seed;
	uint64_t last_used = 0;

	while (found + absent) {
		uint64_t address = slot_address(&random, arguments->slots);

		if (next_random(&random) % (found + absent) < absent) {
			/* the hole behind the slot */
			*table++ = address + PAGE_SIZE;
			lookups.absent += LOOKUPS_PER_UNBACKED;
			absent--;
			continue;
		}
		*table++ = address;
		lookups.cached += LOOKUPS_PER_BACKED;
		if (address != last_used) {
			lookups.found++;
			lookups.cached--;
		}
		last_used = address;
		found--;
	}
	return lookups;
}

static void report(const char *state, const struct arguments *arguments,
		   const struct vm *vm, const struct lookups *lookups)
{
	printf("{\"state\":\"%s\",\"pid\":%d,\"fd\":%d,\"slots\":%lu,\"seed\":%lu,"
	       "\"lookups\":{\"cached\":%lu,\"found\":%lu,\"absent\":%lu,\"total\":%lu}}\n",
	       state, getpid(), vm->fd, arguments->slots, arguments->common.seed,
	       lookups->cached, lookups->found, lookups->absent,
	       lookups->cached + lookups->found + lookups->absent);
	end_report(&arguments->common);
}

static const char doc[] =
	"Run a guest that makes an exact number of gfn lookups."
	"\vPrints a line of JSON when the VM exists and one when the lookups are made, both "
	"with the lookups that KVM makes by outcome: 4 for a backed "
	"address, 1 for an unbacked one. Exits 0, 1 when KVM refuses, 64 on a usage error.";

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->common;
		break;
	case 's':
		arguments->slots = parse_number(text, 2, MAX_SLOTS, state);
		break;
	case 'f':
		arguments->found = parse_number(text, 0, MAX_WRITES, state);
		break;
	case 'a':
		arguments->absent = parse_number(text, 0, MAX_WRITES, state);
		break;
	case ARGP_KEY_END:
		if (!arguments->found && !arguments->absent)
			argp_error(state, "--found or --absent must be at least 1");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp_option options[] = {
	{ "slots", 's', "N", 0, "memslots of the VM (default 13)", 0 },
	{ "found", 'f', "N", 0, "writes to backed addresses (default 0)", 0 },
	{ "absent", 'a', "N", 0, "writes to unbacked addresses (default 0)", 0 },
	{ 0 }
};

int main(int argc, char **argv)
{
	struct arguments arguments = { .slots = 13 };
	struct lookups lookups;
	struct vm vm;
	unsigned long writes;

	parse_arguments(options, parse, doc, argc, argv, &arguments);
	writes = arguments.found + arguments.absent;

	create_vm(&vm);
	add_slot0(&vm, guest_code, guest_code_end - guest_code, writes * sizeof(uint64_t));
	add_slots(&vm, arguments.slots);
	lookups = plan(&arguments, (uint64_t *)(vm.slot0 + TABLE_GPA));
	create_vcpu(&vm, writes);

	report("ready", &arguments, &vm, &lookups);
	if (run_vcpu(&vm) != KVM_EXIT_HLT)
		die_of_exit(&vm);
	report("done", &arguments, &vm, &lookups);
	return 0;
}
