// SPDX-License-Identifier: GPL-2.0-only

/*
 * Cycles per lookup and per update, and bytes per memslot, of each memslot index.
 * See the program "run" beside this file for what the figures mean.
 */

#include <errno.h>
#include <getopt.h>
#include <sys/mman.h>
#include <x86intrin.h>

#include "memslot_index_internal.h"

#define NR_QUERIES	32768
#define NR_COLD		32
#define NR_COLD_REPEATS	4
#define NR_UPDATES	2048
#define MAX_SLOTS	32764
#define MAX_ROUNDS	101
#define MAX_REPLAYED	(1 << 20)
#define MAX_CACHES	64

static u64 seed = 1;

static u64 next_random(void)
{
	u64 z = (seed += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static u64 random_below(u64 limit)
{
	return next_random() % limit;
}

/*
 * Like the kernel's allocator, round the size of a block up to a power of two, and
 * map all memory by huge pages.  Each size of blocks has a region of its own, so
 * that a block's address tells its size.
 */
#define MIN_SIZE	64UL
#define MAX_SHIFT	20
#define REGION_SIZE	(64UL << 20)
#define HUGE_PAGE_SIZE	(2UL << 20)

static struct region {
	size_t nr_used;
	void *freed;
} regions[MAX_SHIFT + 1];

static char *arena;
static size_t nr_bytes;

static void arena_init(void)
{
	size_t size = (MAX_SHIFT + 1) * REGION_SIZE;

	arena = mmap(NULL, size + HUGE_PAGE_SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (arena == MAP_FAILED)
		harness_die("mmap(): %s", strerror(errno));

	arena = (char *)(((unsigned long)arena + HUGE_PAGE_SIZE - 1) & -HUGE_PAGE_SIZE);
	if (madvise(arena, size, MADV_HUGEPAGE))
		harness_die("madvise(MADV_HUGEPAGE): %s", strerror(errno));
}

/* Forget all blocks. */
static void arena_reset(void)
{
	memset(regions, 0, sizeof(regions));
	nr_bytes = 0;
}

static void *block_alloc(size_t size)
{
	int shift = fls_long(max(size, MIN_SIZE) - 1);
	struct region *region = &regions[shift];
	void *block = region->freed;

	if (shift > MAX_SHIFT || (region->nr_used + 1) << shift > REGION_SIZE)
		harness_die("the arena is too small");

	nr_bytes += 1UL << shift;
	if (!block)
		return arena + shift * REGION_SIZE + (region->nr_used++ << shift);

	region->freed = *(void **)block;
	return block;
}

static void block_free(void *block)
{
	int shift = ((char *)block - arena) / REGION_SIZE;

	*(void **)block = regions[shift].freed;
	regions[shift].freed = block;
	nr_bytes -= 1UL << shift;
}

void *harness_alloc(size_t size, gfp_t gfp, bool is_kvmalloc)
{
	void *block = block_alloc(size);

	return gfp & __GFP_ZERO ? memset(block, 0, size) : block;
}

void harness_free(const void *ptr, bool is_kvfree)
{
	if (ptr)
		block_free((void *)ptr);
}

/* A struct kvm_memory_slot in the kernel, with all that an architecture adds. */
#define MEMSLOT_SIZE	512

static struct kvm_memory_slot *slot_alloc(void)
{
	BUILD_BUG_ON(sizeof(struct kvm_memory_slot) > MEMSLOT_SIZE);
	return memset(block_alloc(MEMSLOT_SIZE), 0, sizeof(struct kvm_memory_slot));
}

/*
 * Layouts.  Gfns have 52 bits, as has a 64-bit guest physical address.
 */
static void layout_contiguous(struct kvm_memory_slot **slots, u32 nr)
{
	for (u32 i = 0; i < nr; i++) {
		slots[i]->base_gfn = (gfn_t)i << 9;
		slots[i]->npages = 1 << 9;
	}
}

static void layout_mixed(struct kvm_memory_slot **slots, u32 nr)
{
	gfn_t gfn = 0;

	for (u32 i = 0; i < nr; i++) {
		if (!random_below(16))
			gfn += 1 + random_below(1 << 10);
		slots[i]->base_gfn = gfn;
		slots[i]->npages = 1UL << random_below(12);
		gfn += slots[i]->npages;
	}
}

static void layout_clusters(struct kvm_memory_slot **slots, u32 nr)
{
	u32 per_cluster = DIV_ROUND_UP(nr, 8);

	for (u32 i = 0; i < nr; i++) {
		slots[i]->base_gfn = ((gfn_t)(i / per_cluster) << 40) + i % per_cluster * 512UL;
		slots[i]->npages = 512;
	}
}

static int compare_base_gfns(const void *a, const void *b)
{
	const struct kvm_memory_slot *x = *(struct kvm_memory_slot **)a;
	const struct kvm_memory_slot *y = *(struct kvm_memory_slot **)b;

	return x->base_gfn < y->base_gfn ? -1 : x->base_gfn > y->base_gfn;
}

/* Single pages.  Bump those that collide. */
static void layout_pages(struct kvm_memory_slot **slots, u32 nr, gfn_t (*random_gfn)(void))
{
	for (u32 i = 0; i < nr; i++) {
		slots[i]->base_gfn = random_gfn();
		slots[i]->npages = 1;
	}

	qsort(slots, nr, sizeof(*slots), compare_base_gfns);
	for (u32 i = 1; i < nr; i++) {
		if (slots[i]->base_gfn <= slots[i - 1]->base_gfn)
			slots[i]->base_gfn = slots[i - 1]->base_gfn + 1;
	}
}

/* Each power of two from 2^11 to 2^51 is as likely as any other. */
static gfn_t random_log_uniform(void)
{
	u64 octave = 11 + random_below(40);

	return (1ULL << octave) + random_below(1ULL << octave);
}

static gfn_t random_uniform(void)
{
	return next_random() >> 12;
}

static void layout_log_uniform(struct kvm_memory_slot **slots, u32 nr)
{
	layout_pages(slots, nr, random_log_uniform);
}

static void layout_uniform(struct kvm_memory_slot **slots, u32 nr)
{
	layout_pages(slots, nr, random_uniform);
}

/*
 * A PC with RAM below and above 4 GiB, DIMMs of 128 MiB in a row, and a 64-bit BAR
 * far above.  The last one is the BAR.
 */
static void layout_pc(struct kvm_memory_slot **slots, u32 nr)
{
	static const struct {
		gfn_t base_gfn;
		unsigned long npages;
	} pc[] = {
		{ 0x0, 0xa0 }, { 0xc0, 0x20 }, { 0xe0, 0x20 }, { 0x100, 0xbff00 },
		{ 0xfd000, 0x1000 }, { 0xfeb00, 0x4 }, { 0xfffc0, 0x40 },
		{ 0x100000, 0x40000 },
	};
	u32 i;

	for (i = 0; i < nr; i++) {
		if (i < ARRAY_SIZE(pc)) {
			slots[i]->base_gfn = pc[i].base_gfn;
			slots[i]->npages = pc[i].npages;
		} else {
			slots[i]->base_gfn = 0x140000 + (i - ARRAY_SIZE(pc)) * 0x8000UL;
			slots[i]->npages = 0x8000;
		}
	}

	if (nr > 1) {
		slots[nr - 1]->base_gfn = 0x380000000;
		slots[nr - 1]->npages = 0x1000000;
	}
}

/* The memslots' order of creation. */
enum order { RANDOM, LAST_FIRST, LAST_MIDDLE, LAST_LAST };

static const struct layout {
	const char *name;
	void (*fill)(struct kvm_memory_slot **slots, u32 nr);
	enum order order;
} layouts[] = {
	{ "L1", layout_contiguous, RANDOM },
	{ "L2", layout_mixed, RANDOM },
	{ "L3", layout_clusters, RANDOM },
	{ "L4", layout_log_uniform, RANDOM },
	{ "L5", layout_uniform, RANDOM },
	{ "PC1", layout_pc, LAST_FIRST },
	{ "PC2", layout_pc, LAST_MIDDLE },
	{ "PC3", layout_pc, LAST_LAST },
};

static const u32 sizes[] = { 1, 2, 4, 8, 13, 30, 50, 117, 509, 4096, MAX_SLOTS };

/* Lookups, by the gfns and by what else happens, and updates. */
enum gfns { HIT, ABOVE, HOLES, HOLE, REPLAY, NR_GFNS };
enum mode { THROUGHPUT, DEPENDENT, COLD, NR_MODES };

#define LOOKUP(gfns, mode)	((gfns) * NR_MODES + (mode))
/* All lookups of a stream; those that no cache answered; some of these, cold. */
#define REPLAY_ALL		LOOKUP(REPLAY, THROUGHPUT)
#define REPLAY_SEARCHES		LOOKUP(REPLAY, DEPENDENT)
#define REPLAY_COLD		LOOKUP(REPLAY, COLD)
#define REPLACE			(NR_GFNS * NR_MODES)
#define ERASE_INSERT		(REPLACE + 1)
#define NR_CELLS		(ERASE_INSERT + 1)

static const char * const cell_names[NR_CELLS] = {
	[LOOKUP(HIT, THROUGHPUT)] = "hit",
	[LOOKUP(HIT, DEPENDENT)] = "hit_dependent",
	[LOOKUP(HIT, COLD)] = "hit_cold",
	[LOOKUP(ABOVE, THROUGHPUT)] = "above",
	[LOOKUP(ABOVE, DEPENDENT)] = "above_dependent",
	[LOOKUP(ABOVE, COLD)] = "above_cold",
	[LOOKUP(HOLES, THROUGHPUT)] = "holes",
	[LOOKUP(HOLES, DEPENDENT)] = "holes_dependent",
	[LOOKUP(HOLES, COLD)] = "holes_cold",
	[LOOKUP(HOLE, THROUGHPUT)] = "one_hole",
	[LOOKUP(HOLE, DEPENDENT)] = "one_hole_dependent",
	[REPLAY_ALL] = "replay",
	[REPLAY_SEARCHES] = "replay_searches",
	[REPLAY_COLD] = "replay_cold",
	[REPLACE] = "replace",
	[ERASE_INSERT] = "erase_insert",
};

/* A gfn, and which of the caches of the memslot found last belongs to the lookup. */
static struct query {
	gfn_t gfn;
	u32 cache;
} queries[MAX_REPLAYED];

static u32 nr_queries;

static inline u64 cycles_start(void)
{
	_mm_lfence();
	return __rdtsc();
}

static inline u64 cycles_end(void)
{
	u64 cycles;
	unsigned int aux;

	cycles = __rdtscp(&aux);
	_mm_lfence();
	return cycles;
}

/*
 * Evict everything else from this CPU's caches, of which the buffer has twice the
 * size.  Were it in .bss, all of its pages would be the zero page.
 */
static void thrash_caches(void)
{
	static char buffer[2 << 20] __attribute__((aligned(64))) = { 1 };

	for (size_t i = 0; i < sizeof(buffer); i += 64)
		READ_ONCE(buffer[i]);
	_mm_mfence();
}

typedef struct kvm_memory_slot *search_t(struct kvm_memslots *slots, gfn_t gfn, u32 *steps);

/*
 * Searches are inline, as in their callers in the kernel, without the caches of the
 * memslot found last.  A dependent lookup adds the lowest bit of the address found
 * before, which is 0, so that it has to wait for that address.
 */
static __always_inline u64 measure_lookups(struct kvm_memslots *slots, enum mode mode,
					   search_t *search)
{
	unsigned long last = 0;
	u64 cold[NR_COLD], start, sum = 0;
	gfn_t gfn;

	memset(cold, 0xff, sizeof(cold));
	if (mode == COLD) {
		for (u32 i = 0; i < NR_COLD_REPEATS * nr_queries; i++) {
			gfn = queries[i % nr_queries].gfn;
			thrash_caches();
			start = cycles_start();
			last = (unsigned long)search(slots, gfn, NULL);
			asm volatile("" : : "r" (last));
			start = cycles_end() - start;
			cold[i % nr_queries] = min(start, cold[i % nr_queries]);
		}
		for (u32 i = 0; i < nr_queries; i++)
			sum += cold[i];
		return sum;
	}

	start = cycles_start();
	if (mode == DEPENDENT) {
		for (u32 i = 0; i < nr_queries; i++) {
			last = (unsigned long)search(slots, queries[i].gfn + (last & 1), NULL);
			asm volatile("" : "+r" (last));
		}
	} else {
		for (u32 i = 0; i < nr_queries; i++)
			last += (unsigned long)search(slots, queries[i].gfn, NULL);
		asm volatile("" : : "r" (last));
	}
	return cycles_end() - start;
}

/*
 * As kvm_vcpu_gfn_to_memslot() and __gfn_to_memslot() do it, where the search of
 * the rbtree is inline, and that of other indexes is not.
 */
static __always_inline u64 measure_replay(struct kvm_memslots *slots, search_t *search)
{
	struct kvm_memory_slot *caches[MAX_CACHES] = {}, *slot;
	unsigned long sum = 0;
	u64 start = cycles_start();

	for (u32 i = 0; i < nr_queries; i++) {
		slot = try_get_memslot(caches[queries[i].cache], queries[i].gfn);
		if (!slot) {
			slot = search(slots, queries[i].gfn, NULL);
			if (slot)
				caches[queries[i].cache] = slot;
		}
		sum += (unsigned long)slot;
	}
	asm volatile("" : : "r" (sum));
	return cycles_end() - start;
}

#define DEFINE_MEASURE(name, search, replayed)					\
static noinline u64 measure_##name(struct kvm_memslots *slots, u32 cell)	\
{										\
	if (cell == REPLAY_ALL)							\
		return measure_replay(slots, replayed);				\
	if (cell % NR_MODES == COLD)						\
		return measure_lookups(slots, COLD, search);			\
	if (cell % NR_MODES == DEPENDENT && cell != REPLAY_SEARCHES)		\
		return measure_lookups(slots, DEPENDENT, search);		\
	return measure_lookups(slots, THROUGHPUT, search);			\
}

static noinline struct kvm_memory_slot *search_index(struct kvm_memslots *slots, gfn_t gfn,
						     u32 *steps)
{
	return kvm_search_index(slots, gfn, NULL);
}

DEFINE_MEASURE(linear, kvm_scan_memslots, search_index)
DEFINE_MEASURE(rbtree, kvm_search_gfn_tree, kvm_search_gfn_tree)
DEFINE_MEASURE(array, kvm_search_array, search_index)

/* rbtree is there twice: any difference between the two is chance. */
static const struct subject {
	const char *name;
	enum kvm_memslot_index index;
	u64 (*measure)(struct kvm_memslots *slots, u32 cell);
	/* Leave out sizes that would take forever. */
	u32 max_slots;
} subjects[] = {
	{ "rbtree", KVM_MEMSLOT_INDEX_RBTREE, measure_rbtree, MAX_SLOTS },
	{ "btree", KVM_MEMSLOT_INDEX_BTREE, measure_array, MAX_SLOTS },
	{ "bsearch", KVM_MEMSLOT_INDEX_BSEARCH, measure_array, MAX_SLOTS },
	{ "linear", KVM_MEMSLOT_INDEX_LINEAR, measure_linear, 509 },
	{ "rbtree again", KVM_MEMSLOT_INDEX_RBTREE, measure_rbtree, MAX_SLOTS },
};

#define NR_SUBJECTS	ARRAY_SIZE(subjects)

static struct state {
	struct kvm_memslots sets[NR_SUBJECTS];
	/* In the order of gfns. */
	struct kvm_memory_slot *slots[MAX_SLOTS];
	/* In the order of creation. */
	struct kvm_memory_slot *created[MAX_SLOTS];
	/* Gfns between memslots, the first and the one beyond the last. */
	struct hole {
		gfn_t start;
		gfn_t end;
	} holes[MAX_SLOTS];
	double cycles[NR_SUBJECTS][NR_CELLS][MAX_ROUNDS];
	size_t bytes[NR_SUBJECTS];
	u32 nr_slots;
	u32 nr_holes;
	u32 nr_replayed;
	u32 nr_searched;
} state;

static void shuffle(struct kvm_memory_slot **slots, u32 nr)
{
	for (u32 i = nr - 1; i > 0; i--)
		swap(slots[i], slots[random_below(i + 1)]);
}

/* Index the memslots, which are in the order of their gfns. */
static void index_slots(void)
{
	gfn_t end = 0;

	state.nr_holes = 0;
	for (u32 i = 0; i < state.nr_slots; i++) {
		if (state.slots[i]->base_gfn > end)
			state.holes[state.nr_holes++] =
				(struct hole) { end, state.slots[i]->base_gfn };
		end = state.slots[i]->base_gfn + state.slots[i]->npages;
	}

	for (u32 s = 0; s < NR_SUBJECTS; s++) {
		struct kvm_memslots *set = &state.sets[s];
		size_t before = nr_bytes;

		if (state.nr_slots > subjects[s].max_slots)
			continue;

		/* Each rbtree has nodes of its own in the memslots. */
		set->node_idx = s == NR_SUBJECTS - 1;
		kvm_memslot_index_init(set, subjects[s].index);
		for (u32 i = 0; i < state.nr_slots; i++) {
			if (kvm_memslot_index_reserve(set))
				harness_die("out of memory");
			kvm_memslot_index_insert(set, state.created[i]);
		}
		state.bytes[s] = nr_bytes - before;
		if (subjects[s].index == KVM_MEMSLOT_INDEX_RBTREE)
			state.bytes[s] += state.nr_slots * sizeof(struct rb_node);
	}
}

static void setup(const struct layout *layout, u32 nr)
{
	u32 at = layout->order == LAST_FIRST ? 0 : nr / 2;

	arena_reset();
	state.nr_slots = nr;

	/* Neighbours in gfns are rarely neighbours in memory. */
	for (u32 i = 0; i < nr; i++)
		state.slots[i] = slot_alloc();
	shuffle(state.slots, nr);
	layout->fill(state.slots, nr);

	memcpy(state.created, state.slots, nr * sizeof(*state.slots));
	if (layout->order == RANDOM) {
		shuffle(state.created, nr);
	} else if (layout->order != LAST_LAST) {
		memmove(&state.created[at + 1], &state.created[at],
			(nr - 1 - at) * sizeof(*state.slots));
		state.created[at] = state.slots[nr - 1];
	}
	index_slots();
}

/*
 * Each round looks up other gfns, as a processor learns even long sequences of
 * branches.  Return whether there are such gfns.
 */
static bool draw_queries(enum gfns gfns, enum mode mode)
{
	struct kvm_memory_slot *slot = state.slots[state.nr_slots - 1];
	struct hole *hole = &state.holes[state.nr_holes / 2];
	gfn_t end = slot->base_gfn + slot->npages;

	if ((gfns == HOLES && state.nr_holes < 4) || (gfns == HOLE && !state.nr_holes))
		return false;

	nr_queries = mode == COLD ? NR_COLD : NR_QUERIES;
	for (u32 i = 0; i < nr_queries; i++) {
		gfn_t *gfn = &queries[i].gfn;

		if (gfns == HIT) {
			slot = state.slots[random_below(state.nr_slots)];
			*gfn = slot->base_gfn + random_below(slot->npages);
		} else if (gfns == ABOVE) {
			*gfn = end + random_below(1 << 20);
		} else {
			if (gfns == HOLES)
				hole = &state.holes[random_below(state.nr_holes)];
			*gfn = hole->start + random_below(hole->end - hole->start);
		}
	}
	return true;
}

static double measure_updates(struct kvm_memslots *set, u32 cell)
{
	u64 start = cycles_start();

	for (u32 i = 0; i < NR_UPDATES; i++) {
		struct kvm_memory_slot *slot = state.created[i % state.nr_slots];

		if (cell == REPLACE) {
			kvm_memslot_index_replace(set, slot, slot);
			continue;
		}
		if (kvm_memslot_index_reserve(set))
			harness_die("out of memory");
		kvm_memslot_index_erase(set, slot);
		kvm_memslot_index_insert(set, slot);
	}
	return (cycles_end() - start) / (double)NR_UPDATES;
}

/* Indexes take turns, so that what disturbs one is likely to disturb all. */
static void measure_cell(u32 cell, u32 round)
{
	for (u32 s = 0; s < NR_SUBJECTS; s++) {
		if (state.nr_slots > subjects[s].max_slots)
			continue;

		if (cell >= REPLACE)
			state.cycles[s][cell][round] = measure_updates(&state.sets[s], cell);
		else
			state.cycles[s][cell][round] =
				subjects[s].measure(&state.sets[s], cell) / (double)nr_queries;
	}
}

static void measure_round(u32 round)
{
	for (u32 cell = 0; cell < NR_CELLS; cell++) {
		if (!cell_names[cell] || cell / NR_MODES == REPLAY)
			continue;
		if (cell >= REPLACE || draw_queries(cell / NR_MODES, cell % NR_MODES))
			measure_cell(cell, round);
	}
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(double *)a, y = *(double *)b;

	return x < y ? -1 : x > y;
}

/*
 * Other work on the machine only ever adds cycles, so compare the best rounds.  The
 * medians tell how much it added.
 */
static void report(const char *layout, u32 nr_rounds)
{
	for (u32 s = 0; s < NR_SUBJECTS; s++) {
		for (u32 cell = 0; cell < NR_CELLS; cell++)
			qsort(state.cycles[s][cell], nr_rounds, sizeof(double), compare_doubles);
	}

	for (u32 s = 0; s < NR_SUBJECTS; s++) {
		if (state.nr_slots > subjects[s].max_slots)
			continue;

		printf("{\"layout\": \"%s\", \"slots\": %u, \"index\": \"%s\"",
		       layout, state.nr_slots, subjects[s].name);
		printf(", \"bytes_per_slot\": %.1f", (double)state.bytes[s] / state.nr_slots);
		if (state.nr_replayed)
			printf(", \"lookups\": %u, \"searches\": %u", state.nr_replayed,
			       state.nr_searched);

		for (u32 cell = 0; cell < NR_CELLS; cell++) {
			double *cycles = state.cycles[s][cell], *reference = state.cycles[0][cell];

			if (!cycles[0])
				continue;
			printf(", \"%s\": {\"best\": %.1f, \"median\": %.1f",
			       cell_names[cell], cycles[0], cycles[nr_rounds / 2]);
			printf(", \"speedup\": %.2f, \"median_speedup\": %.2f}",
			       reference[0] / cycles[0],
			       reference[nr_rounds / 2] / cycles[nr_rounds / 2]);
		}
		printf("}\n");
	}
	fflush(stdout);
	memset(state.cycles, 0, sizeof(state.cycles));
}

/*
 * Replay lookups of a real guest: all of them through the caches, then those that
 * no cache answered.  The file has a line for each memslot, "slot BASE NPAGES", in
 * the order of gfns, and for each lookup, "CACHE GFN".
 */
static void replay(const char *file, u32 nr_rounds)
{
	struct kvm_memory_slot *caches[MAX_CACHES] = {}, *slot;
	unsigned long long base, npages, gfn;
	u32 cache, nr_all = 0;
	char line[64];
	FILE *stream = fopen(file, "r");

	if (!stream)
		harness_die("%s: %s", file, strerror(errno));

	arena_reset();
	state.nr_slots = 0;
	while (fgets(line, sizeof(line), stream)) {
		if (sscanf(line, "slot %llx %llx", &base, &npages) == 2 &&
		    state.nr_slots < MAX_SLOTS) {
			slot = slot_alloc();
			slot->base_gfn = base;
			slot->npages = npages;
			state.slots[state.nr_slots++] = slot;
		} else if (sscanf(line, "%u %llx", &cache, &gfn) == 2 && cache < MAX_CACHES &&
			   nr_all < MAX_REPLAYED) {
			queries[nr_all++] = (struct query) { gfn, cache };
		} else {
			harness_die("%s: bad line: %s", file, line);
		}
	}
	fclose(stream);
	if (!state.nr_slots || !nr_all)
		harness_die("%s: no memslots, or no lookups", file);

	memcpy(state.created, state.slots, state.nr_slots * sizeof(*state.slots));
	index_slots();

	nr_queries = nr_all;
	for (u32 round = 0; round < nr_rounds; round++)
		measure_cell(REPLAY_ALL, round);

	nr_queries = 0;
	for (u32 i = 0; i < nr_all; i++) {
		struct query *query = &queries[i];

		if (try_get_memslot(caches[query->cache], query->gfn))
			continue;
		slot = kvm_search_array(&state.sets[1], query->gfn, NULL);
		if (slot)
			caches[query->cache] = slot;
		queries[nr_queries++] = *query;
	}
	for (u32 round = 0; nr_queries && round < nr_rounds; round++)
		measure_cell(REPLAY_SEARCHES, round);

	state.nr_replayed = nr_all;
	state.nr_searched = nr_queries;
	nr_queries = min(nr_queries, NR_COLD);
	for (u32 i = 0; i < nr_queries; i++)
		queries[i] = queries[(u64)i * state.nr_searched / nr_queries];
	for (u32 round = 0; nr_queries && round < nr_rounds; round++)
		measure_cell(REPLAY_COLD, round);

	report(file, nr_rounds);
}

int main(int argc, char **argv)
{
	unsigned long nr_rounds = 15, first_seed = 1, nr_slots = 0;
	const char *only = NULL, *file = NULL;
	bool found = false;
	int opt;

	while ((opt = getopt(argc, argv, "r:s:l:n:f:")) != -1) {
		if (opt == 'r')
			nr_rounds = strtoul(optarg, NULL, 0);
		else if (opt == 's')
			first_seed = strtoul(optarg, NULL, 0);
		else if (opt == 'l')
			only = optarg;
		else if (opt == 'n')
			nr_slots = strtoul(optarg, NULL, 0);
		else if (opt == 'f')
			file = optarg;
		else
			return 2;
	}
	if (!nr_rounds || nr_rounds > MAX_ROUNDS || nr_slots > MAX_SLOTS) {
		fprintf(stderr, "1 to %u rounds, up to %u memslots\n", MAX_ROUNDS, MAX_SLOTS);
		return 2;
	}

	arena_init();
	if (file) {
		replay(file, nr_rounds);
		return 0;
	}

	for (u32 l = 0; l < ARRAY_SIZE(layouts); l++) {
		if (only && strcmp(only, layouts[l].name))
			continue;

		found = true;
		for (u32 i = 0; i < (nr_slots ? 1 : ARRAY_SIZE(sizes)); i++) {
			/* The same gfns whatever else is measured. */
			seed = first_seed;
			setup(&layouts[l], nr_slots ?: sizes[i]);
			measure_round(0);
			for (u32 round = 0; round < nr_rounds; round++)
				measure_round(round);
			report(layouts[l].name, nr_rounds);
		}
	}

	if (!found) {
		fprintf(stderr, "there is no layout '%s'\n", only);
		return 2;
	}
	return 0;
}
