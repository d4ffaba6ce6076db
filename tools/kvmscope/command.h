/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_COMMAND_H
#define KVMSCOPE_COMMAND_H

#include <argp.h>

/* Subcommands; argv[0] is their name for people.  They return exit statuses. */
int command_list(int argc, char **argv);
int command_hist(int argc, char **argv);
int command_report(int argc, char **argv);

/*
 * argp_parse() with errors reported in one line by fail().  A parser reports its
 * own errors and returns STATUS_USAGE.  Returns an exit status.
 */
int command_parse(const struct argp *argp, int argc, char **argv, void *input);

/* Print @text, help for instance, to stdout; an exit status. */
int command_print(const char *text);

#endif /* KVMSCOPE_COMMAND_H */
