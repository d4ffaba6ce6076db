// SPDX-License-Identifier: GPL-2.0-only
#include "command.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "outfile.h"
#include "output.h"

enum { OPTION_USAGE = 0x1000 };

/* ARGP_NO_ERRS silences argp's own --help, too. */
static const struct argp_option common_options[] = {
	{ "help", '?', NULL, 0, "Print this help", -1 },
	{ "usage", OPTION_USAGE, NULL, 0, "Print the options only", -1 },
	{ "version", 'V', NULL, 0, "Print the version", -1 },
	{}
};

int command_print(const char *text)
{
	bool closed;

	return outfile__print(text, strlen(text), &closed);
}

static int print_help(const struct argp_state *state, unsigned int flags)
{
	struct output output;
	bool closed;

	if (output__open(&output))
		return STATUS_ERROR;
	argp_help(state->root_argp, output.file, flags, state->name);
	return output__print(&output, &closed);
}

static error_t parse_common(int key, char *arg __attribute__((unused)), struct argp_state *state)
{
	switch (key) {
	case '?':
		exit(print_help(state, ARGP_HELP_STD_HELP & ~ARGP_HELP_EXIT_OK));
	case OPTION_USAGE:
		exit(print_help(state, ARGP_HELP_USAGE));
	case 'V':
		exit(command_print("kvmscope " VERSION "\n"));
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp common = { .options = common_options, .parser = parse_common };

int command_parse(const struct argp *argp, int argc, char **argv, void *input)
{
	const struct argp_child children[] = { { &common, 0, NULL, -1 }, {} };
	struct argp whole = *argp;
	int index = argc, err;

	whole.children = children;
	fail__set_program(argv[0]);
	/* Errors of the command line itself are to have the chosen form, too. */
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (!strcmp(argv[i], "--json"))
			fail__set_json(true);
	}

	err = argp_parse(&whole, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, &index, input);
	if (!err)
		return STATUS_OK;
	/* As an errno this is ENOENT, which argp never returns. */
	if (err == STATUS_USAGE)
		return err;
	return fail(STATUS_USAGE, "bad option or missing value at \"%s\": see %s --help",
		    index > 0 && index <= argc ? argv[index - 1] : "", argv[0]);
}
