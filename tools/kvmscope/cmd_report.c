// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "fail.h"
#include "output.h"
#include "report.h"
#include "snapshot_load.h"

struct report_options {
	const char *output;
	char **files;
	size_t nr_files;
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "Where the page goes (default: stdout)", 0 },
	{}
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct report_options *report = state->input;

	switch (key) {
	case 'o':
		report->output = arg;
		return 0;
	case ARGP_KEY_ARGS:
		report->files = state->argv + state->next;
		report->nr_files = state->argc - state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		return fail(STATUS_USAGE,
			    "no FILE: name what kvmscope hist --output or --json saved");
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "FILE...",
	.doc = "Make one self-contained HTML page of the histograms in FILEs: charts, tables, and "
	       "the VMs of all files compared by outcome. The page needs neither network nor "
	       "JavaScript.\v"
	       "FILE is what kvmscope hist --output or --json saved; of several objects of one "
	       "event in it, the final one counts, else the last interval. \"-\" is stdin.\n\n"
	       "Examples:\n"
	       "  kvmscope report ten.json -o ten.html\n"
	       "  kvmscope report before.json after.json -o compared.html",
};

/* What the files hold: one or more snapshots each. */
struct contents {
	size_t nr;
	struct snapshot *snapshots;
	const char **names;		/* of the files */
};

/* More objects may follow: hist --json writes one per line. */
static json_t *next_object(FILE *file, const char *name, int *status)
{
	json_error_t error;
	json_t *json;
	int c;

	do
		c = getc(file);
	while (c != EOF && isspace(c));
	if (c == EOF)
		return NULL;
	ungetc(c, file);

	json = json_loadf(file, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
	if (!json)
		*status = fail(STATUS_ERROR, "%s: not JSON, or cut off (line %d: %s)", name,
			       error.line, error.text);
	return json;
}

static bool is_final(const json_t *json)
{
	const char *type = json_string_value(json_object_get(json, "type"));

	return type && !strcmp(type, "final");
}

/* What --output's failure said may follow a complete result. */
static bool all_final(json_t *best)
{
	const char *metric;
	json_t *json;

	json_object_foreach(best, metric, json) {
		if (!is_final(json))
			return false;
	}
	return json_object_size(best) > 0;
}

/* The best object for each metric stays; takes @json over. */
static void keep_best(json_t *best, json_t *json)
{
	const char *metric = json_string_value(json_object_get(json, "metric"));
	const json_t *before = metric ? json_object_get(best, metric) : NULL;

	if (metric ? before && is_final(before) && !is_final(json) : all_final(best))
		json_decref(json);
	else
		json_object_set_new(best, metric ? metric : "", json);
}

static int add_snapshot(struct contents *contents, const json_t *json, const char *name)
{
	struct snapshot *snapshots;
	const char **names;
	int status;

	snapshots = reallocarray(contents->snapshots, contents->nr + 1, sizeof(*snapshots));
	if (!snapshots)
		return fail(STATUS_ERROR, "out of memory");
	contents->snapshots = snapshots;
	names = reallocarray(contents->names, contents->nr + 1, sizeof(*names));
	if (!names)
		return fail(STATUS_ERROR, "out of memory");
	contents->names = names;

	status = snapshot__from_json(&snapshots[contents->nr], json, name);
	if (!status)
		names[contents->nr++] = name;
	return status;
}

static int load(FILE *file, const char *name, struct contents *contents)
{
	json_t *best = json_object(), *json;
	int status = STATUS_OK;
	const char *metric;

	while (!status && (json = next_object(file, name, &status)))
		keep_best(best, json);
	if (!status && ferror(file))
		status = fail(STATUS_ERROR, "cannot read %s: %s", name, strerror(errno));
	else if (!status && !json_object_size(best))
		status = fail(STATUS_ERROR, "%s is empty: was kvmscope hist killed?", name);

	json_object_foreach(best, metric, json) {
		if (!status)
			status = add_snapshot(contents, json, name);
	}
	json_decref(best);
	return status;
}

static int load_file(const char *name, struct contents *contents)
{
	FILE *file;
	int status;

	if (!strcmp(name, "-"))
		return load(stdin, "stdin", contents);

	file = fopen(name, "re");
	if (!file)
		return fail(STATUS_ERROR, "cannot open %s: %s", name, strerror(errno));
	status = load(file, name, contents);
	fclose(file);
	return status;
}

/* The page would take the place of the measurement. */
static int check_output(const char *output, const char *input)
{
	struct stat in, out;

	if (!output || stat(output, &out) || !S_ISREG(out.st_mode) || stat(input, &in) ||
	    in.st_dev != out.st_dev || in.st_ino != out.st_ino)
		return STATUS_OK;
	return fail(STATUS_USAGE, "%s is the input: name another file for the page", output);
}

static int write_page(const struct report_options *report, const struct contents *contents)
{
	struct output page;
	bool closed;

	if (output__open(&page))
		return STATUS_ERROR;
	page.failed = report__print(page.file, contents->snapshots, contents->names, contents->nr);
	return report->output ? output__write(&page, report->output) :
				output__print(&page, &closed);
}

int command_report(int argc, char **argv)
{
	struct report_options report = {};
	struct contents contents = {};
	int status;
	size_t i;

	status = command_parse(&argp, argc, argv, &report);
	for (i = 0; !status && i < report.nr_files; i++) {
		status = check_output(report.output, report.files[i]);
		if (!status)
			status = load_file(report.files[i], &contents);
	}
	if (!status)
		status = write_page(&report, &contents);

	for (i = 0; i < contents.nr; i++) {
		snapshot__release(&contents.snapshots[i]);
		baseline__release(&contents.snapshots[i].baseline);
	}
	free(contents.snapshots);
	free(contents.names);
	return status;
}
