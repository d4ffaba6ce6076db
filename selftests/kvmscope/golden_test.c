// SPDX-License-Identifier: GPL-2.0-only
/*
 * The outputs of a fixed snapshot, byte for byte as in golden/; of pages, what is
 * not the template.
 *
 *   golden_test [--regenerate] FOLDER
 *
 * --regenerate writes the files instead; look at the difference before
 * committing it.
 */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "fake_root.h"
#include "fail.h"
#include "fixture.h"
#include "hist.h"
#include "ktap.h"
#include "outfile.h"
#include "report.h"
#include "snapshot_json.h"
#include "snapshot_load.h"
#include "snapshot_text.h"
#include "text.h"

static const char *folder;
static bool regenerate;

/* What kvmscope hist does without --by. */
#define BY_DEFAULT	(BY_VM | BY_INDEX | BY_OUTCOME)
#define BY_BUS_TOO	(BY_DEFAULT | BY_BUS)

static char *read_golden(const char *path, size_t *size)
{
	FILE *file = fopen(path, "re"), *memory;
	char *data = NULL, part[4096];
	size_t length;

	if (!file)
		return NULL;
	memory = open_memstream(&data, size);
	while ((length = fread(part, 1, sizeof(part), file)))
		fwrite(part, 1, length, memory);
	fclose(memory);
	fclose(file);
	return data;
}

static void compare(const char *name, const char *data, size_t size)
{
	size_t golden_size = 0, i, line = 1;
	char path[512], *golden;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (regenerate) {
		check(!outfile__write(path, data, size), "%s", path);
		return;
	}

	golden = read_golden(path, &golden_size);
	check(golden, "%s: %s", path, strerror(errno));
	if (!golden)
		return;
	for (i = 0; i < size && i < golden_size && data[i] == golden[i]; i++)
		line += data[i] == '\n';
	check(i == size && i == golden_size, "%s differs at byte %zu, line %zu", name, i, line);
	free(golden);
}

static void compare_text(const char *name, const struct event *event, unsigned int by,
			 unsigned int width, bool utf8)
{
	struct snapshot snapshot;
	char *data = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&data, &size);

	fixture__fill(&snapshot, event, by);
	snapshot__print_text(&snapshot, memory, width, utf8);
	fclose(memory);
	compare(name, data, size);
	free(data);
	fixture__release(&snapshot);
}

static void text_wide(void)
{
	compare_text("wide.txt", &event_memslot, BY_DEFAULT, 120, true);
}

static void text_narrow_ascii(void)
{
	compare_text("narrow.txt", &event_memslot, BY_DEFAULT, 60, false);
}

static void text_by_vcpu(void)
{
	compare_text("by-vcpu.txt", &event_memslot, BY_VCPU | BY_INDEX | BY_OUTCOME, 100, true);
}

static void text_of_io_bus(void)
{
	compare_text("io-bus.txt", &event_io_bus, BY_BUS_TOO, 80, true);
}

static void text_of_mmu_sync(void)
{
	compare_text("mmu-sync.txt", &event_mmu_sync, BY_DEFAULT, 100, true);
}

/* Whatever the width, every line but a name's fits. */
static void text_fits(void)
{
	static const unsigned int widths[] = { 80, 100, 130, 200 };
	struct snapshot snapshot;
	size_t size, i;
	char *data, *rest, *line;
	FILE *memory;

	for (i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
		memory = open_memstream(&data, &size);
		fixture__fill(&snapshot, &event_io_bus, BY_BUS_TOO | BY_VCPU);
		snapshot__print_text(&snapshot, memory, widths[i], true);
		fclose(memory);
		check(strstr(data, "\nfast-mmio, absent, no vCPU\n"), "a long title has no line");
		for (rest = data; (line = strsep(&rest, "\n"));)
			check(text__width(line) <= widths[i], "%u: %s", widths[i], line);
		free(data);
		fixture__release(&snapshot);
	}
}

static void text_empty(void)
{
	struct snapshot snapshot = {
		.event = &event_memslot, .interval = 1, .seconds = 1, .by = BY_DEFAULT,
	};
	char *data = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&data, &size);

	snapshot__print_text(&snapshot, memory, 80, false);
	fclose(memory);
	compare("empty.txt", data, size);
	free(data);
}

static void compare_json(const char *name, const struct event *event, unsigned int by)
{
	struct snapshot snapshot;
	json_t *json;
	char *text;

	fixture__fill(&snapshot, event, by);
	json = snapshot__to_json(&snapshot);
	text = json_dumps(json, SNAPSHOT_JSON_FLAGS);
	compare(name, text, strlen(text));
	free(text);
	json_decref(json);
	fixture__release(&snapshot);
}

static void json_output(void)
{
	compare_json("hist.json", &event_memslot, BY_DEFAULT);
}

static void json_of_io_bus(void)
{
	compare_json("io-bus.json", &event_io_bus, BY_BUS_TOO);
}

static void json_of_mmu_sync(void)
{
	compare_json("mmu-sync.json", &event_mmu_sync, BY_DEFAULT);
}

/* Of no samples there is no mean, and JSON has no NaN: such values are null. */
static void json_without_samples(void)
{
	struct snapshot snapshot = { .event = &event_memslot, .interval = 1, .by = BY_OUTCOME };
	struct row *row = snapshot__add_row(&snapshot);
	json_t *json, *json_row;
	char *text;

	strcpy(row->outcome, "absent");
	row->disturbed = 5;
	snapshot__summarize(&snapshot);
	json = snapshot__to_json(&snapshot);
	json_row = json_array_get(json_object_get(json, "rows"), 0);
	check(json_is_null(json_object_get(json_row, "mean")), "mean");
	check(json_is_null(json_object_get(json_row, "p999")), "p999");
	check(json_is_null(json_object_get(json_row, "max")), "max");
	check(json_integer_value(json_object_get(json_row, "count")) == 0, "count");
	check(json_integer_value(json_object_get(json_row, "disturbed")) == 5, "disturbed");
	text = json_dumps(json, SNAPSHOT_JSON_FLAGS);
	check(text && !strstr(text, "nan") && !strstr(text, "inf"), "%s", text);
	free(text);
	json_decref(json);
	snapshot__release(&snapshot);
}

/* What is beyond JSON's (and jansson's) integers is written as the greatest. */
static void json_of_huge_values(void)
{
	struct snapshot snapshot = {
		.event = &event_memslot, .final = true, .interval = 1, .by = BY_OUTCOME,
	}, again;
	struct row *row = snapshot__add_row(&snapshot);
	json_t *json, *parsed;
	char *text;

	strcpy(row->outcome, "found");
	hist__record(row->cycles, ~0ULL);
	snapshot__summarize(&snapshot);
	json = snapshot__to_json(&snapshot);
	text = json_dumps(json, SNAPSHOT_JSON_FLAGS);
	check(text && strstr(text, "\"le\":\"+Inf\""), "%s", text);
	parsed = json_loads(text, 0, NULL);
	check(parsed, "does not parse");
	check(!snapshot__from_json(&again, parsed, "huge"), "does not load");
	check(again.nr_rows == 1 && hist__count(again.rows[0].cycles) == 1, "not one sample");
	snapshot__release(&again);
	json_decref(parsed);
	free(text);
	json_decref(json);
	snapshot__release(&snapshot);
}

/* Saved and loaded again it is the same document. */
static void json_round_trip(void)
{
	static const struct {
		const struct event *event;
		unsigned int by;
	} cases[] = {
		{ &event_memslot, BY_DEFAULT },
		{ &event_memslot, BY_VM | BY_OUTCOME },
		{ &event_memslot, BY_INDEX | BY_OUTCOME },
		{ &event_memslot, BY_DEFAULT | BY_VCPU },
		{ &event_io_bus, BY_BUS_TOO },
		{ &event_io_bus, BY_DEFAULT },
		{ &event_io_bus, BY_BUS | BY_VCPU },
		{ &event_mmu_sync, BY_DEFAULT },
		{ &event_mmu_sync, BY_INDEX | BY_OUTCOME | BY_VCPU },
	};
	struct snapshot snapshot, again;
	json_t *first, *second;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fixture__fill(&snapshot, cases[i].event, cases[i].by);
		first = snapshot__to_json(&snapshot);
		check(!snapshot__from_json(&again, first, "fixture"), "case %zu does not load", i);
		second = snapshot__to_json(&again);
		check(json_equal(first, second), "case %zu differs", i);
		json_decref(first);
		json_decref(second);
		fixture__release(&snapshot);
		fixture__release(&again);
	}
}

/* A file of the version that knew the first @known events only. */
static void check_older(size_t known)
{
	struct snapshot snapshot, again;
	const struct event *event;
	json_t *json, *vm;
	size_t i, k;

	fixture__fill(&snapshot, &event_memslot, BY_DEFAULT);
	json = snapshot__to_json(&snapshot);
	json_array_foreach(json_object_get(json, "vms"), i, vm) {
		for (k = known; (event = event__get(k)); k++)
			check(!json_object_del(vm, event->index.json), "no %s", event->index.json);
	}
	check(!snapshot__from_json(&again, json, "older"), "%zu: does not load", known);
	check(again.nr_vms == 2, "%zu: %zu VMs", known, again.nr_vms);
	for (k = 0; again.nr_vms && (event = event__get(k)); k++)
		check(!*vm__index(&again.vms[0], event) == (k >= known), "%zu: %s is '%s'", known,
		      event->index.json, vm__index(&again.vms[0], event));
	json_decref(json);
	fixture__release(&snapshot);
	fixture__release(&again);
}

/* Files of earlier versions lack what came later. */
static void json_of_older_versions(void)
{
	size_t known;

	for (known = 1; known < NR_EVENTS; known++)
		check_older(known);
}

/* The object that has @member: the document, or the first of its VMs, rows or CPUs. */
static json_t *holder(json_t *json, const char *where)
{
	if (!*where)
		return json;
	if (!strcmp(where, "cpus"))
		json = json_object_get(json, "baseline");
	return json_array_get(json_object_get(json, where), 0);
}

/* What `kvmscope report` says of @json, saved; returns its exit status. */
static int report_of(const json_t *json, char *said, size_t size)
{
	char *text = json_dumps(json, SNAPSHOT_JSON_FLAGS), arguments[128];
	int status;

	fake_root__create();
	fake_root__text("/in.json", text);
	snprintf(arguments, sizeof(arguments), "report %s/in.json", fake_root__path());
	status = fake_root__run(said, size, arguments);
	fake_root__remove();
	free(text);
	return status;
}

/* A member that is missing (NULL), or is not as hist writes it, is named. */
static void json_not_from_hist(void)
{
	static const struct {
		const char *where, *member, *value;
	} cases[] = {
		{ "", "type", "\"first\"" },
		{ "", "unit", "\"ns\"" },
		{ "", "unit", NULL },
		{ "", "seconds", "\"x\"" },
		{ "", "seconds", "-0.5" },
		{ "", "seconds", "null" },
		{ "", "seconds", NULL },
		{ "", "interval", "2147483648" },
		{ "", "by", "[\"nonsense\"]" },
		{ "", "by", "[\"outcome\",\"nonsense\"]" },
		{ "", "by", "[\"outcome\",7]" },
		{ "", "by", "[\"outcome\",\"outcome\"]" },
		{ "", "by", "[\"outcome\",\"bus\"]" },
		{ "", "by", "\"outcome\"" },
		{ "cpus", "cpu", "2147483648" },
		{ "vms", "ordinal", "2147483648" },
		{ "vms", "pid", "4294967297" },
		{ "vms", "fd", "4294967297" },
		{ "vms", "slots", "null" },
		{ "rows", "vcpu", "\"0\"" },
		{ "rows", "vcpu", "1.5" },
		{ "rows", "vcpu", "-3" },
		{ "rows", "vcpu", "2147483648" },
		{ "rows", "vcpu", NULL },
	};
	char said[4096], expected[80];
	struct snapshot snapshot;
	json_t *json, *object;
	int status;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fixture__fill(&snapshot, &event_memslot, BY_DEFAULT | BY_VCPU);
		json = snapshot__to_json(&snapshot);
		object = holder(json, cases[i].where);
		check(json_object_get(object, cases[i].member), "no %s", cases[i].member);
		if (cases[i].value)
			json_object_set_new(object, cases[i].member,
					    json_loads(cases[i].value, JSON_DECODE_ANY, NULL));
		else
			json_object_del(object, cases[i].member);

		snprintf(expected, sizeof(expected), ": bad or missing member \"%s\": make it ",
			 cases[i].member);
		status = report_of(json, said, sizeof(said));
		check(status == STATUS_ERROR, "%s %s: status %d", cases[i].member, cases[i].value,
		      status);
		check(strstr(said, expected), "%s %s: %.200s", cases[i].member, cases[i].value,
		      said);
		json_decref(json);
		fixture__release(&snapshot);
	}
}

/* What passed through another tool loads: 5.0 may have become 5. */
static void json_of_another_tool(void)
{
	struct snapshot snapshot, again;
	json_t *json;

	fixture__fill(&snapshot, &event_memslot, BY_DEFAULT);
	json = snapshot__to_json(&snapshot);
	json_object_set_new(json, "seconds", json_integer(5));
	json_object_set_new(json, "new", json_true());
	check(!snapshot__from_json(&again, json, "again"), "does not load");
	check(again.seconds == 5, "%f s", again.seconds);
	json_decref(json);
	fixture__release(&snapshot);
	fixture__release(&again);
}

static void words(void)
{
	static const char *const list[] = { "a", "b", "c", "d" };
	static const char *const joined[] = { "", "a", "a and b", "a, b and c", "a, b, c and d" };
	char text[32], small[4];
	size_t nr;

	for (nr = 0; nr < sizeof(joined) / sizeof(*joined); nr++) {
		text__enumerate(text, sizeof(text), list, nr);
		check(!strcmp(text, joined[nr]), "%zu words: %s", nr, text);
	}
	text__enumerate(small, sizeof(small), list, 4);
	check(!strcmp(small, "a, "), "no room: %s", small);
}

/*
 * Of a page, what the program filled in: its title, and from the header to the
 * end of main.  The rest is the template, which golden/ does not repeat; cli.sh
 * has the same rule in filled_in().
 */
static char *filled_in(const char *page, size_t *size)
{
	const char *title = strstr(page, "<title>"), *header = strstr(page, "<header>\n");
	const char *end = strstr(page, "</main>\n");
	char *data = NULL;
	FILE *memory;

	check(title && header && end, "no title, header or main");
	if (!title || !header || !end)
		return NULL;
	memory = open_memstream(&data, size);
	fprintf(memory, "%.*s\n", (int)strcspn(title, "\n"), title);
	fwrite(header, 1, end + strlen("</main>\n") - header, memory);
	fclose(memory);
	return data;
}

static void check_page(const char *name, const struct snapshot *snapshots,
		       const char *const *files, size_t nr)
{
	char *data = NULL;
	char *filled;
	size_t size = 0;
	FILE *memory = open_memstream(&data, &size);

	check(!report__print(memory, snapshots, files, nr), "out of memory");
	fclose(memory);
	check(!strstr(data, "<b>\"linear"), "a name reached the page unescaped");
	check(!strstr(data, "nan") && !strstr(data, "{{"), "nan, or a placeholder");
	check(!strstr(data, "http:") && !strstr(data, "https:") && !strstr(data, "<script"),
	      "the page is not self-contained");
	check(!strncmp(data, "<!DOCTYPE html>\n", 16) && strstr(data, "</style>") &&
	      !strcmp(data + size - 8, "</html>\n"), "not a whole page");
	filled = filled_in(data, &size);
	if (filled)
		compare(name, filled, size);
	free(filled);
	free(data);
}

static void page(void)
{
	static const char *const file[] = { "hist.json" };
	struct snapshot snapshot;

	fixture__fill(&snapshot, &event_memslot, BY_DEFAULT);
	check_page("report.body", &snapshot, file, 1);
	fixture__release(&snapshot);
}

/* Both events of one file. */
static void page_of_both(void)
{
	static const char file[] = "both.json", *const files[] = { file, file };
	struct snapshot snapshots[2];

	fixture__fill(&snapshots[0], &event_memslot, BY_DEFAULT);
	fixture__fill(&snapshots[1], &event_io_bus, BY_BUS_TOO);
	check_page("both.body", snapshots, files, 2);
	fixture__release(&snapshots[0]);
	fixture__release(&snapshots[1]);
}

/* Outcomes of the same name share neither a chart nor a table. */
static void page_without_buses(void)
{
	static const char file[] = "both.json", *const files[] = { file, file };
	struct snapshot snapshots[2];
	char *data = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&data, &size);

	fixture__fill(&snapshots[0], &event_memslot, BY_OUTCOME);
	fixture__fill(&snapshots[1], &event_io_bus, BY_OUTCOME);
	check(!report__print(memory, snapshots, files, 2), "out of memory");
	fclose(memory);
	check(strstr(data, "<h2>Memslots: absent</h2>") && strstr(data, "<h2>I/O bus: absent</h2>"),
	      "one panel for both");
	free(data);
	fixture__release(&snapshots[0]);
	fixture__release(&snapshots[1]);
}

/* The page of one event, or of all of them (NULL), holds every line of @wanted. */
static void check_words(const struct event *only, const char *const *wanted)
{
	static const char file[] = "all.json";
	const char *files[NR_EVENTS];
	struct snapshot snapshots[NR_EVENTS];
	const struct event *event;
	char *data = NULL;
	size_t size = 0, nr = 0, i;
	FILE *memory = open_memstream(&data, &size);

	for (i = 0; (event = event__get(i)); i++) {
		if (only && event != only)
			continue;
		fixture__fill(&snapshots[nr], event, BY_DEFAULT);
		files[nr++] = file;
	}
	check(!report__print(memory, snapshots, files, nr), "out of memory");
	fclose(memory);
	for (; *wanted; wanted++)
		check(strstr(data, *wanted), "no \"%s\"", *wanted);
	free(data);
	for (i = 0; i < nr; i++)
		fixture__release(&snapshots[i]);
}

/* What samples are called is said once for each word. */
static void page_of_all(void)
{
	static const char *const wanted[] = {
		"<title>kvmscope: lookups and syncs</title>\n",
		"<h1>How long KVM's lookups and syncs take</h1>\n",
		"TSC cycles that gfn lookups, I/O bus lookups and syncs of shadow pages took inside",
		"kvm:kvm_memslot_lookup, kvm:kvm_io_bus_lookup and kvm:kvm_mmu_sync.",
		"<h2>Memslots: found</h2>\n",
		"<h2>I/O bus: claimed</h2>\n",
		"<h2>Shadow MMU: cached-roots</h2>\n",
		NULL
	};

	check_words(NULL, wanted);
}

/* Syncs are not called lookups, nor modes indexes. */
static void page_of_mmu_sync(void)
{
	static const char *const wanted[] = {
		"<title>kvmscope: syncs of shadow pages</title>\n",
		"<h1>How long KVM syncs shadow pages</h1>\n",
		"bsearch-gäst, list-all mode</dd>",
		"<h2>root</h2>\n",
		"Height: share of the syncs per eighth",
		">TSC cycles per sync (log scale)<",
		">synced</th>",
		NULL
	};

	check_words(&event_mmu_sync, wanted);
}

int main(int argc, char **argv)
{
	static const struct ktap_test tests[] = {
		{ "text, two VMs side by side", text_wide },
		{ "text, narrow and ASCII", text_narrow_ascii },
		{ "text by vCPU and index", text_by_vcpu },
		{ "text of I/O buses, 80 columns", text_of_io_bus },
		{ "text of syncs", text_of_mmu_sync },
		{ "text fits the width", text_fits },
		{ "text of no lookups", text_empty },
		{ "JSON", json_output },
		{ "JSON of I/O buses", json_of_io_bus },
		{ "JSON of syncs", json_of_mmu_sync },
		{ "JSON without samples has null, no NaN", json_without_samples },
		{ "JSON of huge values", json_of_huge_values },
		{ "JSON round trip", json_round_trip },
		{ "JSON of older versions", json_of_older_versions },
		{ "JSON that hist did not write is refused", json_not_from_hist },
		{ "JSON that another tool wrote again", json_of_another_tool },
		{ "lists of words", words },
		{ "report page", page },
		{ "report page of two events", page_of_both },
		{ "report page of two events' equal outcomes", page_without_buses },
		{ "report page of all events", page_of_all },
		{ "report page of syncs", page_of_mmu_sync },
		{}
	};

	regenerate = argc > 1 && !strcmp(argv[1], "--regenerate");
	if (argc != 2 + regenerate) {
		fprintf(stderr, "usage: golden_test [--regenerate] FOLDER\n");
		return 2;
	}
	folder = argv[1 + regenerate];
	/* As kvmscope does: then a comma locale must change nothing. */
	setlocale(LC_CTYPE, "");
	return ktap_run_all(tests);
}
