// SPDX-License-Identifier: GPL-2.0-only
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "fail.h"
#include "json_version.h"
#include "output.h"
#include "snapshot_json.h"
#include "text.h"
#include "vm_list.h"

struct list_options {
	bool json;
	const char *root;
};

enum { OPTION_ROOT = 0x100, OPTION_JSON };

static const struct argp_option options[] = {
	{ "json", OPTION_JSON, NULL, 0, "Print one JSON object, see docs/kvmscope-json.md", 0 },
	{ "root", OPTION_ROOT, "DIR", OPTION_HIDDEN, NULL, 0 },
	{}
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct list_options *list = state->input;

	switch (key) {
	case OPTION_JSON:
		list->json = true;
		return 0;
	case OPTION_ROOT:
		list->root = arg;
		return 0;
	case ARGP_KEY_ARG:
		return fail(STATUS_USAGE, "unexpected \"%s\": list takes options only", arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "List the virtual machines of this host: id, ordinal, memslots in use, the "
	       "implementation (index or mode) of what KVM has several for, and the process they "
	       "belong to. Needs root, as debugfs does.\v"
	       "On a kernel without kvmscope's patches only process and file descriptor are "
	       "known.\n\nExamples:\n"
	       "  kvmscope list\n"
	       "  kvmscope list --json | jq '.vms[].id'",
};

/* What a kernel without the patches, or without one series of them, does not tell. */
struct member {
	const char *title;
	const char *json;
	bool missing;
};

/* ID, ORDINAL, SLOTS, and an index of each event. */
#define MAX_MEMBERS	(3 + NR_EVENTS)

/* In the order in which they are shown; returns how many. */
static size_t find_members(const struct vm_list *vms, struct member *members)
{
	const bool unpatched = !vm_list__is_patched(vms);
	const struct event *event;
	size_t nr = 0, i;

	members[nr++] = (struct member){ "ID", "id", unpatched };
	members[nr++] = (struct member){ "ORDINAL", "ordinal", unpatched };
	for (i = 0; (event = event__get(i)); i++) {
		if (event->index.file)
			members[nr++] = (struct member){ event->index.title, event->index.json,
							 !vm_list__has_index(vms, event) };
		if (vm__slots_follow(event))
			members[nr++] = (struct member){ "SLOTS", "slots", unpatched };
	}
	return nr;
}

static void warn_unpatched(const struct vm_list *vms)
{
	struct member members[MAX_MEMBERS];
	const char *titles[MAX_MEMBERS];
	size_t nr = find_members(vms, members), missing = 0, i;
	char list[256];

	for (i = 0; i < nr; i++) {
		if (members[i].missing)
			titles[missing++] = members[i].title;
	}
	text__enumerate(list, sizeof(list), titles, missing);
	warn("%s are unavailable: this kernel lacks kvmscope's patches", list);
}

static void warn_unavailable(const struct vm_list *vms)
{
	const struct event *event;
	size_t i;

	if (!vm_list__is_patched(vms)) {
		warn_unpatched(vms);
		return;
	}
	for (i = 0; (event = event__get(i)); i++) {
		if (!vm_list__has_index(vms, event))
			warn("%s is unavailable: this kernel lacks the series %s of kvmscope's "
			     "patches", event->index.title, event->series);
	}
}

static void print_json(const struct vm_list *vms, struct output *output)
{
	json_t *array = json_array(), *missing = json_array();
	struct member members[MAX_MEMBERS];
	size_t nr = find_members(vms, members), i;

	for (i = 0; i < vm_list__count(vms); i++)
		json_array_append_new(array, json_vm(vm_list__get(vms, i)));
	for (i = 0; i < nr; i++) {
		if (members[i].missing)
			json_array_append_new(missing, json_string(members[i].json));
	}

	json_print(json_pack("{s:i, s:s, s:o, s:o}", "version", JSON_VERSION, "type", "list",
			     "unavailable", missing, "vms", array), output);
	fputc('\n', output->file);
}

static void print_heading(FILE *file)
{
	const struct event *event;
	size_t i;

	fprintf(file, "%6s %8s", "ID", "ORDINAL");
	for (i = 0; (event = event__get(i)); i++) {
		if (event->index.file)
			fprintf(file, "  %-*s", event->index.width, event->index.title);
		if (vm__slots_follow(event))
			fprintf(file, " %7s", "SLOTS");
	}
	fprintf(file, " %8s %4s  %s\n", "PID", "FD", "NAME");
}

static void print_number(FILE *file, int width, __u64 number, bool known)
{
	if (known)
		fprintf(file, "%*llu", width, number);
	else
		fprintf(file, "%*s", width, "-");
}

static void print_vm(const struct vm *vm, FILE *file)
{
	const struct event *event;
	const char *index;
	size_t i;

	print_number(file, 6, vm->id, vm->patched);
	print_number(file, 9, vm->ordinal, vm->patched);
	for (i = 0; (event = event__get(i)); i++) {
		index = vm__index(vm, event);
		if (event->index.file)
			fprintf(file, "  %-*s", event->index.width, *index ? index : "-");
		if (vm__slots_follow(event))
			print_number(file, 8, vm->slots, vm->patched);
	}
	fprintf(file, " %8d %4d  %s\n", vm->pid, vm->fd, vm->name);
}

static void print_text(const struct vm_list *vms, FILE *file)
{
	size_t i;

	print_heading(file);
	for (i = 0; i < vm_list__count(vms); i++)
		print_vm(vm_list__get(vms, i), file);
}

static int show(const struct list_options *list, const struct vm_list *vms)
{
	struct output output;
	bool closed;
	int status;

	if (output__open(&output))
		return STATUS_ERROR;
	if (list->json)
		print_json(vms, &output);
	else
		print_text(vms, output.file);

	status = output__print(&output, &closed);
	if (!status && !list->json)
		warn_unavailable(vms);
	return status;
}

int command_list(int argc, char **argv)
{
	struct list_options list = { .root = "" };
	struct vm_list *vms = NULL;
	char *error = NULL;
	int status;

	status = command_parse(&argp, argc, argv, &list);
	if (status)
		return status;

	status = vm_list__read(list.root, &vms, &error);
	if (status) {
		fail(status, "%s", error ? error : "out of memory");
		free(error);
		return status;
	}
	status = show(&list, vms);
	vm_list__free(vms);
	return status;
}
