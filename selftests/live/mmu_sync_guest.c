// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmu_sync_guest - a guest that makes an exact number of syncs of shadow pages
 *
 * Creates a VM through /dev/kvm, without QEMU, whose guest runs in long mode with
 * page tables of its own.  Each operation of it begins with a write to every leaf
 * page table.  If KVM shadows page tables, their shadow pages are unsync then, and
 * how they are synced depends on the operation:
 *
 *   flush    CR3 is loaded with the same value: one sync of the root, which syncs
 *            all of them
 *   switch   CR3 is loaded with another top table, which shares all that is below,
 *            then with the first one again: a sync of either root, of which the
 *            second one finds nothing left.  They are written to again, and CR4.PGE
 *            is changed, which flushes for all values of CR3: one more sync of the
 *            root, and one of cached roots, which drops the other root
 *   relink   the page directory above them is taken away, and put back after INVLPG:
 *            its next use is one sync because it is linked, which syncs all of them
 *
 * After each the guest reads through all of the leaf tables.  What it gets must be
 * what it wrote to them.
 */
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest.h"
#include "vm.h"

/* The guest's page tables, and the pages that they map; a slot of their own. */
#define PAGING_GPA	0x1000000
#define TOP_GPA		0x1000000
#define OTHER_TOP_GPA	0x1001000
#define POINTERS_GPA	0x1002000	/* of the page directories */
#define LOW_GPA		0x1003000	/* directory: all of the guest's memory, 1:1 */
#define HIGH_GPA	0x1004000	/* directory: the leaf tables */
#define STACK_GPA	0x1006000	/* grows down from here */
/* What the leaf tables map, in turn: they differ in one bit. */
#define DATA_GPA	0x1006000
#define OTHER_DATA	0x1000
#define LEAVES_GPA	0x1008000

/* Where the leaf tables map it, each in its first entry. */
#define HIGH_GVA	0x40000000
#define LARGE_PAGE	0x200000
#define ENTRIES		512

/* Present, writable, accessed and dirty: KVM need not change it. */
#define ENTRY		0x63
#define LARGE		0x80

#define MAX_TABLES	ENTRIES
#define MAX_OPERATIONS	100000

enum operation { FLUSH, SWITCH, RELINK, OPERATIONS };

#define TEXT(number)	TEXT_OF(number)
#define TEXT_OF(number)	#number

/*
 * rsi: operations of 8 bytes, rdi: how many, r12d: leaf tables, r13: CR3, r14: the
 * other CR3, rbx: what is in the leaf tables, r15: wrong reads.
 */
asm(".pushsection .rodata\n"
    ".code64\n"
    "guest_code:\n"
    /* What is read first is not unsync yet. */
    "	call	read\n"
    "	mov	%r14, %cr3\n"
    "	call	read\n"
    "	mov	%r13, %cr3\n"

    "1:	call	write\n"
    "	cmpl	$1, (%rsi)\n"		/* SWITCH */
    "	je	2f\n"
    "	ja	3f\n"
    "	mov	%r13, %cr3\n"
    "	jmp	4f\n"

    "2:	mov	%r14, %cr3\n"
    "	call	read\n"
    "	mov	%r13, %cr3\n"
    "	call	write\n"
    "	mov	%cr4, %rax\n"
    "	xor	$0x80, %rax\n"		/* PGE */
    "	mov	%rax, %cr4\n"
    "	xor	$0x80, %rax\n"
    "	mov	%rax, %cr4\n"
    "	jmp	4f\n"

    "3:	mov	" TEXT(POINTERS_GPA) " + 8, %rax\n"
    "	movq	$0, " TEXT(POINTERS_GPA) " + 8\n"
    /* Of what is not mapped now, INVLPG syncs nothing. */
    "	call	invalidate\n"
    "	mov	%rax, " TEXT(POINTERS_GPA) " + 8\n"

    "4:	call	read\n"
    "	add	$8, %rsi\n"
    "	dec	%rdi\n"
    "	jnz	1b\n"
    "	hlt\n"

    "write:\n"
    "	xor	$" TEXT(OTHER_DATA) ", %rbx\n"
    "	mov	$" TEXT(LEAVES_GPA) ", %edx\n"
    "	mov	%r12d, %ecx\n"
    "1:	mov	%rbx, (%rdx)\n"
    "	add	$0x1000, %edx\n"
    "	dec	%ecx\n"
    "	jnz	1b\n"
    "	ret\n"

    "read:\n"
    "	mov	$" TEXT(HIGH_GVA) ", %edx\n"
    "	mov	%r12d, %ecx\n"
    "1:	cmp	%rbx, (%rdx)\n"
    "	je	2f\n"
    "	inc	%r15\n"
    "2:	add	$" TEXT(LARGE_PAGE) ", %rdx\n"
    "	dec	%ecx\n"
    "	jnz	1b\n"
    "	ret\n"

    "invalidate:\n"
    "	mov	$" TEXT(HIGH_GVA) ", %edx\n"
    "	mov	%r12d, %ecx\n"
    "1:	invlpg	(%rdx)\n"
    "	add	$" TEXT(LARGE_PAGE) ", %rdx\n"
    "	dec	%ecx\n"
    "	jnz	1b\n"
    "	ret\n"
    "guest_code_end:\n"
    ".popsection\n");
_Static_assert(FLUSH == 0 && SWITCH == 1 && RELINK == 2, "guest_code's operations");

struct arguments {
	unsigned long operations[OPERATIONS];
	unsigned long tables;
	struct guest_options common;
};

/* By cause, those that sync all leaf tables, and those that find nothing left. */
struct syncs {
	unsigned long root, root_empty;
	unsigned long cached_roots;
	unsigned long link;
};

static struct syncs expect(const struct arguments *arguments)
{
	const unsigned long *operations = arguments->operations;

	return (struct syncs){
		.root = operations[FLUSH] + 2 * operations[SWITCH],
		.root_empty = operations[SWITCH],
		.cached_roots = operations[SWITCH],
		.link = operations[RELINK],
	};
}

/* The memory of a page table, or of what one maps. */
static uint64_t *page(uint8_t *memory, uint64_t gpa)
{
	return (uint64_t *)(memory + gpa - PAGING_GPA);
}

static void add_paging(const struct vm *vm, unsigned long tables)
{
	size_t size = LEAVES_GPA - PAGING_GPA + tables * PAGE_SIZE;
	uint8_t *memory = allocate(size);
	uint64_t data;

	page(memory, TOP_GPA)[0] = page(memory, OTHER_TOP_GPA)[0] = POINTERS_GPA | ENTRY;
	page(memory, POINTERS_GPA)[0] = LOW_GPA | ENTRY;
	page(memory, POINTERS_GPA)[1] = HIGH_GPA | ENTRY;
	for (uint64_t i = 0; i < ENTRIES; i++)
		page(memory, LOW_GPA)[i] = i * LARGE_PAGE | ENTRY | LARGE;
	for (unsigned long i = 0; i < tables; i++) {
		uint64_t leaf = LEAVES_GPA + i * PAGE_SIZE;

		page(memory, HIGH_GPA)[i] = leaf | ENTRY;
		page(memory, leaf)[0] = DATA_GPA | ENTRY;
	}
	for (data = DATA_GPA; data <= DATA_GPA + OTHER_DATA; data += OTHER_DATA)
		*page(memory, data) = data | ENTRY;
	add_slot(vm, 1, PAGING_GPA, memory, size);
}

#define MAX_CPUID	256

/* Without it the vCPU has no long mode. */
static void set_cpuid(const struct vm *vm)
{
	struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) + MAX_CPUID * sizeof(*cpuid->entries));

	if (!cpuid)
		die("calloc");
	cpuid->nent = MAX_CPUID;
	if (ioctl(vm->kvm_fd, KVM_GET_SUPPORTED_CPUID, cpuid))
		die("KVM_GET_SUPPORTED_CPUID");
	if (ioctl(vm->vcpu_fd, KVM_SET_CPUID2, cpuid))
		die("KVM_SET_CPUID2");
	free(cpuid);
}

static void enter_long_mode(const struct vm *vm, unsigned long tables)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	if (ioctl(vm->vcpu_fd, KVM_GET_SREGS, &sregs))
		die("KVM_GET_SREGS");
	sregs.cr3 = TOP_GPA;
	sregs.cr4 |= 0x20;		/* PAE */
	sregs.efer |= 0x500;		/* LME, LMA */
	sregs.cr0 |= 0x80000000;	/* PG */
	sregs.cs.l = 1;
	sregs.cs.db = 0;
	if (ioctl(vm->vcpu_fd, KVM_SET_SREGS, &sregs))
		die("KVM_SET_SREGS");

	if (ioctl(vm->vcpu_fd, KVM_GET_REGS, &regs))
		die("KVM_GET_REGS");
	regs.rsp = STACK_GPA;
	regs.r12 = tables;
	regs.r13 = TOP_GPA;
	regs.r14 = OTHER_TOP_GPA;
	regs.rbx = DATA_GPA | ENTRY;
	if (ioctl(vm->vcpu_fd, KVM_SET_REGS, &regs))
		die("KVM_SET_REGS");
}

static unsigned long total(const struct arguments *arguments)
{
	unsigned long operations = 0;

	for (enum operation operation = 0; operation < OPERATIONS; operation++)
		operations += arguments->operations[operation];
	return operations;
}

/* In random order, so that each follows each. */
static void plan(const struct arguments *arguments, uint64_t *table)
{
	unsigned long done = 0;
	uint64_t random = arguments->common.seed;

	for (enum operation operation = 0; operation < OPERATIONS; operation++) {
		for (unsigned long i = 0; i < arguments->operations[operation]; i++)
			table[done++] = operation;
	}
	for (unsigned long i = done; i > 1; i--) {
		unsigned long other = next_random(&random) % i;
		uint64_t swapped = table[i - 1];

		table[i - 1] = table[other];
		table[other] = swapped;
	}
}

static unsigned long wrong_reads(const struct vm *vm)
{
	struct kvm_regs regs;

	if (ioctl(vm->vcpu_fd, KVM_GET_REGS, &regs))
		die("KVM_GET_REGS");
	return regs.r15;
}

static void report(const char *state, const struct arguments *arguments, const struct vm *vm)
{
	struct syncs syncs = expect(arguments);

	printf("{\"state\":\"%s\",\"pid\":%d,\"fd\":%d,\"tables\":%lu,\"syncs\":{"
	       "\"root\":%lu,\"root-empty\":%lu,\"cached-roots\":%lu,\"link\":%lu}}\n",
	       state, getpid(), vm->fd, arguments->tables, syncs.root, syncs.root_empty,
	       syncs.cached_roots, syncs.link);
	end_report(&arguments->common);
}

static const char doc[] =
	"Make an exact number of syncs of shadow pages in a VM of its own."
	"\vPrints a line of JSON when the VM is ready and one when the guest is done, each "
	"with the syncs that KVM makes with shadow paging, by cause: \"root\" and \"link\" sync "
	"a shadow page for each leaf table, \"root-empty\" has the cause root and syncs none, "
	"nor does \"cached-roots\". Exits 0, 1 when KVM refuses or the guest reads what it should "
	"not, 64 on a usage error.";

enum { OPTION_OPERATIONS = 0x100, OPTION_TABLES = OPTION_OPERATIONS + OPERATIONS };

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->common;
		break;
	case OPTION_OPERATIONS ... OPTION_OPERATIONS + OPERATIONS - 1:
		arguments->operations[key - OPTION_OPERATIONS] =
			parse_number(text, 0, MAX_OPERATIONS, state);
		break;
	case OPTION_TABLES:
		arguments->tables = parse_number(text, 1, MAX_TABLES, state);
		break;
	case ARGP_KEY_END:
		if (!total(arguments))
			argp_error(state, "nothing to do: give at least one of --flush, …");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp_option options[] = {
	{ "flush", OPTION_OPERATIONS + FLUSH, "N", 0, "loads of CR3", 1 },
	{ "switch", OPTION_OPERATIONS + SWITCH, "N", 0,
	  "loads of another CR3 and back, and flushes for both", 1 },
	{ "relink", OPTION_OPERATIONS + RELINK, "N", 0,
	  "page directories taken away and put back", 1 },
	{ "tables", OPTION_TABLES, "N", 0, "leaf tables that are written to (default 8)", 2 },
	{ 0 }
};

int main(int argc, char **argv)
{
	struct arguments arguments = { .tables = 8 };
	unsigned long wrong;
	struct vm vm;

	parse_arguments(options, parse, doc, argc, argv, &arguments);

	create_vm(&vm);
	add_slot0(&vm, guest_code, guest_code_end - guest_code,
		  total(&arguments) * sizeof(uint64_t));
	plan(&arguments, (uint64_t *)(vm.slot0 + TABLE_GPA));
	add_paging(&vm, arguments.tables);
	create_vcpu(&vm, total(&arguments));
	set_cpuid(&vm);
	enter_long_mode(&vm, arguments.tables);

	report("ready", &arguments, &vm);
	if (run_vcpu(&vm) != KVM_EXIT_HLT)
		die_of_exit(&vm);
	wrong = wrong_reads(&vm);
	if (wrong) {
		fprintf(stderr, "mmu_sync_guest: %lu reads were wrong\n", wrong);
		return 1;
	}
	report("done", &arguments, &vm);
	return 0;
}
