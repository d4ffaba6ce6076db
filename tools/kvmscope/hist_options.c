// SPDX-License-Identifier: GPL-2.0-only
#include "hist_options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "events_help.h"
#include "fail.h"
#include "text.h"

#define MAX_SECONDS	(365 * 86400.0)
#define MIN_SECONDS	0.01

enum {
	OPTION_EVENT = 0x100, OPTION_VM, OPTION_BY, OPTION_JSON, OPTION_DURATION, OPTION_MAX_VMS,
	OPTION_MAX_VCPUS, OPTION_WIDTH, OPTION_ROOT,
};

static const struct argp_option option_table[] = {
	{ "event", OPTION_EVENT, "NAMES", 0, "What to count, separated by commas: ", 1 },
	{ "vm", OPTION_VM, "ID", 0, "Count only this VM (kvmscope list shows the ids)", 1 },
	{ "by", OPTION_BY, "KEYS", 0, "Tell rows apart by these, separated by commas: ", 1 },
	{ "duration", OPTION_DURATION, "SECONDS", 0, "End after that time", 1 },
	{ "json", OPTION_JSON, NULL, 0, "Print JSON, one object per line: each interval, then the "
	  "final one; errors as {\"error\":...} on stdout", 2 },
	{ "output", 'o', "FILE", 0, "Also write the final result, as JSON, to FILE", 2 },
	{ "width", OPTION_WIDTH, "COLUMNS", 0, "Width of the text (default: the terminal's, "
	  "or 100)", 2 },
	{ "max-vms", OPTION_MAX_VMS, "N", 0, "Room for N VMs at one time (default: 16, or 8 more "
	  "than there are)", 3 },
	{ "max-vcpus", OPTION_MAX_VCPUS, "N", 0, "With --by vcpu, tell vCPUs apart up to id N - 1 "
	  "(default: 32)", 3 },
	{ "verbose", 'v', NULL, 0, "Show what libbpf and the kernel's verifier say", 3 },
	{ "root", OPTION_ROOT, "DIR", OPTION_HIDDEN, NULL, 3 },
	{}
};

static int bad(const char *what, const char *arg, const char *cure)
{
	return fail(STATUS_USAGE, "bad %s \"%s\": %s", what, arg, cure);
}

static int parse_seconds(const char *what, const char *arg, double *seconds)
{
	char *end;

	*seconds = strtod(arg, &end);
	/* Written so that NaN fails. */
	if (end == arg || *end || !(*seconds >= MIN_SECONDS && *seconds <= MAX_SECONDS))
		return bad(what, arg, "give seconds from 0.01 on, such as 1 or 0.5");
	return 0;
}

static bool parse_number(const char *arg, unsigned long long max, unsigned long long *number)
{
	char *end;

	errno = 0;
	*number = strtoull(arg, &end, 10);
	return isdigit((unsigned char)*arg) && !*end && !errno && *number && *number <= max;
}

static int parse_unsigned(const char *what, const char *arg, unsigned int max,
			  unsigned int *number)
{
	unsigned long long value;
	char cure[48];

	snprintf(cure, sizeof(cure), "give a whole number from 1 to %u", max);
	if (!parse_number(arg, max, &value))
		return bad(what, arg, cure);
	*number = (unsigned int)value;
	return 0;
}

static int parse_vm(const char *arg, __u64 *vm)
{
	unsigned long long value;

	if (!parse_number(arg, ~0ULL, &value))
		return bad("VM id", arg, "give one from kvmscope list");
	*vm = value;
	return 0;
}

/* Calls @add with every word of a list. */
static int parse_list(struct hist_options *options, const char *arg,
		      int (*add)(struct hist_options *options, const char *word))
{
	char *copy = strdup(arg), *rest = copy, *word;
	int err = copy ? 0 : ENOMEM;

	while (!err && (word = strsep(&rest, ",")))
		err = add(options, word);
	free(copy);
	return err;
}

static int add_key(struct hist_options *options, const char *key)
{
	char known[128];
	size_t i;

	for (i = 0; i < NR_BY; i++) {
		if (!strcmp(key, by_names[i])) {
			options->by |= 1U << i;
			return 0;
		}
	}
	text__enumerate(known, sizeof(known), by_names, NR_BY);
	return fail(STATUS_USAGE, "bad key \"%s\": --by takes %s", key, known);
}

static int bad_event(const char *name)
{
	const char *names[NR_EVENTS];
	char known[256];
	size_t i;

	for (i = 0; i < NR_EVENTS; i++)
		names[i] = event__get(i)->name;
	text__enumerate(known, sizeof(known), names, NR_EVENTS);
	return fail(STATUS_USAGE, "bad event \"%s\": --event takes %s", name, known);
}

static int add_event(struct hist_options *options, const char *name)
{
	const struct event *event = event__by_name(name);
	size_t i;

	if (!event)
		return bad_event(name);
	for (i = 0; i < options->nr_events; i++) {
		if (options->events[i] == event)
			return 0;
	}
	options->events[options->nr_events++] = event;
	return 0;
}

static int parse_argument(struct hist_options *options, unsigned int number, const char *arg)
{
	switch (number) {
	case 0:
		return parse_seconds("interval", arg, &options->interval);
	case 1:
		return parse_unsigned("count", arg, 1000000000, &options->count);
	default:
		return bad("argument", arg, "hist takes an interval and a count at most");
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct hist_options *options = state->input;

	switch (key) {
	case OPTION_EVENT:
		return parse_list(options, arg, add_event);
	case OPTION_VM:
		return parse_vm(arg, &options->vm);
	case OPTION_BY:
		return parse_list(options, arg, add_key);
	case OPTION_DURATION:
		return parse_seconds("duration", arg, &options->duration);
	case OPTION_JSON:
		options->json = true;
		return 0;
	case 'o':
		options->output = arg;
		return *arg ? 0 : bad("output", arg, "name a file");
	case OPTION_WIDTH:
		return parse_unsigned("width", arg, 1000, &options->width);
	case OPTION_ROOT:
		options->root = arg;
		return 0;
	case OPTION_MAX_VMS:
		return parse_unsigned("number of VMs", arg, 4096, &options->max_vms);
	case OPTION_MAX_VCPUS:
		return parse_unsigned("number of vCPUs", arg, 4096, &options->max_vcpus);
	case 'v':
		options->verbose = true;
		return 0;
	case ARGP_KEY_ARG:
		return parse_argument(options, state->arg_num, arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* What the table of events says, filled in. */
static char *complete_help(int key, const char *text, void *input __attribute__((unused)))
{
	char *help = NULL;
	size_t size = 0;
	FILE *memory;

	if (key != OPTION_EVENT && key != OPTION_BY && key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	memory = open_memstream(&help, &size);
	if (!memory)
		return (char *)text;

	switch (key) {
	case OPTION_EVENT:
		fputs(text, memory);
		events_help__subjects(memory);
		fprintf(memory, "; may be repeated (default: %s)", event__get(0)->name);
		break;
	case OPTION_BY:
		fputs(text, memory);
		events_help__keys(memory);
		fputs("; may be repeated (default: all but vcpu)", memory);
		break;
	case ARGP_KEY_HELP_POST_DOC:
		fputs("Events and their outcomes:\n", memory);
		events_help__outcomes(memory);
		fprintf(memory, "\n%s", text);
		break;
	}
	fclose(memory);
	return help;
}

static const struct argp argp = {
	.options = option_table,
	.parser = parse,
	.help_filter = complete_help,
	.args_doc = "[INTERVAL [COUNT]]",
	.doc = "Histograms of the TSC cycles that KVM takes for an event, by VM, bus, index and "
	       "outcome. Prints them every INTERVAL seconds, COUNT times or until ^C, and then the "
	       "final ones; without an interval only these. Needs root and a kernel with "
	       "kvmscope's patches.\v"
	       "NET is the mean without the cost of reading the clock. "
	       "Disturbed samples, hit by an interrupt or a context switch, are counted apart.\n\n"
	       "Examples:\n"
	       "  kvmscope hist 1                     every second, until ^C\n"
	       "  kvmscope hist 1 10 --by vm,outcome  ten times\n"
	       "  kvmscope hist --vm 3 --by vcpu      one VM's vCPUs, until ^C\n"
	       "  kvmscope hist 1 --event io-bus      the I/O buses, every second\n"
	       "  kvmscope hist --duration 30 -o a.json && kvmscope report a.json -o a.html",
};

/* An event whose rows can be told apart by @key. */
static const struct event *event_with(unsigned int key)
{
	const struct event *event;
	size_t i;

	for (i = 0; (event = event__get(i)); i++) {
		if (event->by & key)
			break;
	}
	return event;
}

/* Each key is some event's, and each event has some key. */
static int check_by(const struct hist_options *options)
{
	unsigned int had = 0, i;

	for (i = 0; i < options->nr_events; i++)
		had |= options->events[i]->by;
	for (i = 0; i < NR_BY; i++) {
		if (options->by & ~had & (1U << i))
			return fail(STATUS_USAGE, "--by %s: only %s have one: add --event %s",
				    by_names[i], event_with(1U << i)->subject,
				    event_with(1U << i)->name);
	}
	for (i = 0; i < options->nr_events; i++) {
		if (!(options->by & options->events[i]->by))
			return fail(STATUS_USAGE, "--by: nothing to tell the rows of --event %s "
				    "apart by: add outcome", options->events[i]->name);
	}
	return STATUS_OK;
}

int hist_options__parse(struct hist_options *options, int argc, char **argv)
{
	int status;

	memset(options, 0, sizeof(*options));
	options->max_vcpus = 32;
	options->root = "";

	status = command_parse(&argp, argc, argv, options);
	if (status)
		return status;
	if (!options->nr_events)
		options->events[options->nr_events++] = event__get(0);
	if (options->count && options->duration)
		return fail(STATUS_USAGE, "both COUNT and --duration: give one of them");
	if (options->by)
		return check_by(options);
	options->by = ~(unsigned int)BY_VCPU;
	return STATUS_OK;
}
