/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_OUTPUT_H
#define KVMSCOPE_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Text that is collected in memory and then written at once, so that nobody ever
 * sees half of it.  The functions return exit statuses, the error having been
 * reported.
 */
struct output {
	FILE *file;		/* to be written to */
	bool failed;		/* set when out of memory: then none of it is written */
	char *text;
	size_t size;
};

int output__open(struct output *output);

/* One of these ends it: see outfile__print() and outfile__write(). */
int output__print(struct output *output, bool *closed);
int output__write(struct output *output, const char *path);

#endif /* KVMSCOPE_OUTPUT_H */
