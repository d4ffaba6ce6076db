// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "fail.h"
#include "outfile.h"
#include "snapshot_json.h"
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
		fail(STATUS_USAGE, "unexpected \"%s\": list takes options only", arg);
		return ECANCELED;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "List the virtual machines of this host: id, ordinal, index of the gfn lookup, "
	       "memslots in use, index of the I/O buses, and the process they belong to. Needs "
	       "root, as debugfs does.\v"
	       "On a kernel without kvmscope's patches only process and file descriptor are "
	       "known.\n\nExamples:\n"
	       "  kvmscope list\n"
	       "  kvmscope list --json | jq '.vms[].id'",
};

static void warn_unavailable(const struct vm_list *vms)
{
	if (!vm_list__is_patched(vms))
		warn("ID, ORDINAL, INDEX, SLOTS and IO-BUS are unavailable: this kernel lacks "
		     "kvmscope's patches");
	else if (!vm_list__has_io_bus(vms))
		warn("IO-BUS is unavailable: this kernel lacks the series io-bus of kvmscope's "
		     "patches");
}

static int print_json(const struct vm_list *vms, FILE *file)
{
	json_t *array = json_array(), *missing = json_array(), *list;
	size_t i;

	for (i = 0; i < vm_list__count(vms); i++)
		json_array_append_new(array, json_vm(vm_list__get(vms, i)));
	if (!vm_list__is_patched(vms)) {
		json_array_append_new(missing, json_string("id"));
		json_array_append_new(missing, json_string("ordinal"));
		json_array_append_new(missing, json_string("index"));
		json_array_append_new(missing, json_string("slots"));
	}
	if (!vm_list__has_io_bus(vms))
		json_array_append_new(missing, json_string("io_bus_index"));

	list = json_pack("{s:i, s:s, s:o, s:o}", "version", JSON_VERSION, "type", "list",
			 "unavailable", missing, "vms", array);
	if (!list)
		return fail(STATUS_ERROR, "out of memory");
	json_dumpf(list, file, JSON_COMPACT);
	fputc('\n', file);
	json_decref(list);
	return STATUS_OK;
}

static void print_text(const struct vm_list *vms, FILE *file)
{
	const struct vm *vm;
	size_t i;

	fprintf(file, "%6s %8s  %-10s %7s  %-8s %8s %4s  %s\n", "ID", "ORDINAL", "INDEX", "SLOTS",
		"IO-BUS", "PID", "FD", "NAME");
	for (i = 0; i < vm_list__count(vms); i++) {
		vm = vm_list__get(vms, i);
		if (vm->patched)
			fprintf(file, "%6llu %8u  %-10s %7llu", vm->id, vm->ordinal, vm->index,
				vm->slots);
		else
			fprintf(file, "%6s %8s  %-10s %7s", "-", "-", "-", "-");
		fprintf(file, "  %-8s %8d %4d  %s\n", *vm->io_bus_index ? vm->io_bus_index : "-",
			vm->pid, vm->fd, vm->name);
	}
}

static int show(const struct list_options *list, const struct vm_list *vms)
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	int status = STATUS_OK;
	bool closed;

	if (!memory)
		return fail(STATUS_ERROR, "out of memory");
	if (list->json)
		status = print_json(vms, memory);
	else
		print_text(vms, memory);
	fclose(memory);

	if (!status)
		status = outfile__print(text, size, &closed);
	free(text);
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
