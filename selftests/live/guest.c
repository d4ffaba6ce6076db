// SPDX-License-Identifier: GPL-2.0-only
#include "guest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static error_t parse_common(int key, char *text, struct argp_state *state)
{
	struct guest_options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		options->seed = 1;
		return 0;
	case 'r':
		options->seed = parse_number(text, 0, UINT32_MAX, state);
		return 0;
	case 'w':
		options->wait = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_option common_options[] = {
	{ "seed", 'r', "N", 0, "seed of the random order (default 1)", 9 },
	{ "wait", 'w', NULL, 0,
	  "wait for a line on stdin before the guest runs, and for one before exit", 9 },
	{ 0 }
};

static const struct argp common = { .options = common_options, .parser = parse_common };

void parse_arguments(const struct argp_option *options, argp_parser_t parse, const char *doc,
		     int argc, char **argv, void *input)
{
	const struct argp_child children[] = { { &common, 0, NULL, 9 }, { 0 } };
	const struct argp argp = {
		.options = options, .parser = parse, .doc = doc, .children = children,
	};

	argp_parse(&argp, argc, argv, 0, NULL, input);
}

unsigned long parse_number(const char *text, unsigned long min, unsigned long max,
		     struct argp_state *state)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 0);
	if (errno || end == text || *end || *text == '-' ||
	    value < min || value > max)
		argp_error(state, "'%s' is not a number from %lu to %lu", text,
			   min, max);
	return value;
}

void end_report(const struct guest_options *options)
{
	int c;

	fflush(stdout);
	if (!options->wait)
		return;
	do
		c = getchar();
	while (c != '\n' && c != EOF);
}

uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}
