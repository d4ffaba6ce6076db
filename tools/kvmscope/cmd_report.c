// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "fail.h"
#include "outfile.h"
#include "report.h"
#include "snapshot_json.h"

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
		fail(STATUS_USAGE, "no FILE: name what kvmscope hist --output or --json saved");
		return ECANCELED;
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
	       "FILE is what kvmscope hist --output or --json saved; of several objects in it, the "
	       "final one counts, else the last interval. \"-\" is stdin.\n\nExamples:\n"
	       "  kvmscope report ten.json -o ten.html\n"
	       "  kvmscope report before.json after.json -o compared.html",
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

static int load(FILE *file, const char *name, struct snapshot *snapshot)
{
	json_t *best = NULL, *json;
	int status = STATUS_OK;

	while (!status && (json = next_object(file, name, &status))) {
		if (best && is_final(best) && !is_final(json)) {
			json_decref(json);
			continue;
		}
		json_decref(best);
		best = json;
	}
	if (!status && ferror(file))
		status = fail(STATUS_ERROR, "cannot read %s: %s", name, strerror(errno));
	else if (!status && !best)
		status = fail(STATUS_ERROR, "%s is empty: was kvmscope hist killed?", name);
	if (!status)
		status = snapshot__from_json(snapshot, best, name);
	json_decref(best);
	return status;
}

static int load_file(const char *name, struct snapshot *snapshot)
{
	FILE *file;
	int status;

	if (!strcmp(name, "-"))
		return load(stdin, "stdin", snapshot);

	file = fopen(name, "re");
	if (!file)
		return fail(STATUS_ERROR, "cannot open %s: %s", name, strerror(errno));
	status = load(file, name, snapshot);
	fclose(file);
	return status;
}

static int write_page(const struct report_options *report, const struct snapshot *snapshots)
{
	char *page = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&page, &size);
	int status, err = -ENOMEM;
	bool closed;

	if (memory) {
		err = report__print(memory, snapshots, (const char *const *)report->files,
				    report->nr_files);
		if (fclose(memory))
			err = -ENOMEM;
	}

	if (err) {
		status = fail(STATUS_ERROR, "out of memory");
	} else if (report->output) {
		status = outfile__write(report->output, page, size);
	} else {
		status = outfile__print(page, size, &closed);
	}
	free(page);
	return status;
}

int command_report(int argc, char **argv)
{
	struct report_options report = {};
	struct snapshot *snapshots;
	size_t loaded = 0, i;
	int status;

	status = command_parse(&argp, argc, argv, &report);
	if (status)
		return status;

	snapshots = calloc(report.nr_files, sizeof(*snapshots));
	if (!snapshots)
		return fail(STATUS_ERROR, "out of memory");

	while (!status && loaded < report.nr_files) {
		status = load_file(report.files[loaded], &snapshots[loaded]);
		loaded += !status;
	}
	if (!status)
		status = write_page(&report, snapshots);

	for (i = 0; i < loaded; i++) {
		snapshot__release(&snapshots[i]);
		baseline__release(&snapshots[i].baseline);
	}
	free(snapshots);
	return status;
}
