// SPDX-License-Identifier: GPL-2.0
/*
 * The outputs of a fixed snapshot, byte for byte as in golden/.
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

#include "fixture.h"
#include "hist.h"
#include "ktap.h"
#include "outfile.h"
#include "report.h"
#include "snapshot_json.h"

static const char *folder;
static bool regenerate;

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

static void compare_text(const char *name, unsigned int by, unsigned int width, bool utf8)
{
	struct snapshot snapshot;
	char *data = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&data, &size);

	fixture__fill(&snapshot, by);
	snapshot__print_text(&snapshot, memory, width, utf8);
	fclose(memory);
	compare(name, data, size);
	free(data);
	fixture__release(&snapshot);
}

static void text_wide(void)
{
	compare_text("wide.txt", BY_DEFAULT, 120, true);
}

static void text_narrow_ascii(void)
{
	compare_text("narrow.txt", BY_DEFAULT, 60, false);
}

static void text_by_vcpu(void)
{
	compare_text("by-vcpu.txt", BY_VCPU | BY_INDEX | BY_OUTCOME, 100, true);
}

static void text_empty(void)
{
	struct snapshot snapshot = { .interval = 1, .seconds = 1, .by = BY_DEFAULT };
	char *data = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&data, &size);

	snapshot__print_text(&snapshot, memory, 80, false);
	fclose(memory);
	compare("empty.txt", data, size);
	free(data);
}

static void json_output(void)
{
	struct snapshot snapshot;
	json_t *json;
	char *text;

	fixture__fill(&snapshot, BY_DEFAULT);
	json = snapshot__to_json(&snapshot);
	text = json_dumps(json, SNAPSHOT_JSON_FLAGS);
	compare("hist.json", text, strlen(text));
	free(text);
	json_decref(json);
	fixture__release(&snapshot);
}

/* Of no samples there is no mean, and JSON has no NaN: such values are null. */
static void json_without_samples(void)
{
	struct snapshot snapshot = { .interval = 1, .by = BY_OUTCOME };
	struct row *row = snapshot__add_row(&snapshot);
	json_t *json, *json_row;
	char *text;

	strcpy(row->outcome, "absent");
	row->disturbed = 5;
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
	struct snapshot snapshot = { .final = true, .interval = 1, .by = BY_OUTCOME }, again;
	struct row *row = snapshot__add_row(&snapshot);
	json_t *json, *parsed;
	char *text;

	strcpy(row->outcome, "found");
	hist__record(row->cycles, ~0ULL);
	json = snapshot__to_json(&snapshot);
	text = json_dumps(json, SNAPSHOT_JSON_FLAGS);
	check(text && strstr(text, "\"le\":\"+Inf\""), "%s", text);
	parsed = json_loads(text, 0, NULL);
	check(parsed, "does not parse");
	check(!snapshot__from_json(&again, parsed, "huge") && hist__count(again.rows[0].cycles) == 1,
	      "does not load");
	snapshot__release(&again);
	json_decref(parsed);
	free(text);
	json_decref(json);
	snapshot__release(&snapshot);
}

/* Saved and loaded again it is the same document. */
static void json_round_trip(void)
{
	static const unsigned int bys[] = {
		BY_DEFAULT, BY_VM | BY_OUTCOME, BY_INDEX | BY_OUTCOME, BY_VM | BY_VCPU | BY_INDEX | BY_OUTCOME,
	};
	struct snapshot snapshot, again;
	json_t *first, *second;
	size_t i;

	for (i = 0; i < sizeof(bys) / sizeof(*bys); i++) {
		fixture__fill(&snapshot, bys[i]);
		first = snapshot__to_json(&snapshot);
		check(!snapshot__from_json(&again, first, "fixture"), "by %u does not load",
		      bys[i]);
		second = snapshot__to_json(&again);
		check(json_equal(first, second), "by %u differs", bys[i]);
		json_decref(first);
		json_decref(second);
		fixture__release(&snapshot);
		fixture__release(&again);
	}
}

static void page(void)
{
	static const char *const name[] = { "hist.json" };
	struct snapshot snapshot;
	char *data = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&data, &size);

	fixture__fill(&snapshot, BY_DEFAULT);
	check(!report__print(memory, &snapshot, name, 1), "out of memory");
	fclose(memory);
	check(!strstr(data, "<b>\"linear\""), "a name reached the page unescaped");
	check(!strstr(data, "nan") && !strstr(data, "{{"), "nan, or a placeholder");
	check(!strstr(data, "http:") && !strstr(data, "https:") && !strstr(data, "<script"),
	      "the page is not self-contained");
	compare("report.html", data, size);
	free(data);
	fixture__release(&snapshot);
}

int main(int argc, char **argv)
{
	static const struct ktap_test tests[] = {
		{ "text, two VMs side by side", text_wide },
		{ "text, narrow and ASCII", text_narrow_ascii },
		{ "text by vCPU and index", text_by_vcpu },
		{ "text of no lookups", text_empty },
		{ "JSON", json_output },
		{ "JSON without samples has null, no NaN", json_without_samples },
		{ "JSON of huge values", json_of_huge_values },
		{ "JSON round trip", json_round_trip },
		{ "report page", page },
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
