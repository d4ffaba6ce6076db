/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_LIVE_GUEST_H
#define KVMSCOPE_LIVE_GUEST_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What the command lines of all guests have in common.  A usage error exits 64.
 */
struct guest_options {
	unsigned long seed;	/* --seed, of a random order */
	bool wait;		/* --wait */
};

/*
 * The command line of a guest, with @doc in its --help, goes to @input.  In
 * ARGP_KEY_INIT, @parse sets child_inputs[0] to a struct guest_options.
 */
void parse_arguments(const struct argp_option *options, argp_parser_t parse, const char *doc,
		     int argc, char **argv, void *input);

/* An argument from @min to @max; anything else is a usage error. */
unsigned long parse_number(const char *text, unsigned long min, unsigned long max,
		     struct argp_state *state);

/* Let others see what was printed, and with --wait wait for their answer, a line. */
void end_report(const struct guest_options *options);

/* splitmix64: any seed is a good seed, 0 included. */
uint64_t next_random(uint64_t *state);

#endif /* KVMSCOPE_LIVE_GUEST_H */
