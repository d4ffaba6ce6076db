/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_FAIL_H
#define KVMSCOPE_FAIL_H

#include <stdbool.h>

/*
 * Exit statuses, as documented in kvmscope(1).  Functions return one of them,
 * or 0, after having reported the error.
 */
enum {
	STATUS_OK,
	STATUS_ERROR,		/* something failed while running */
	STATUS_USAGE,		/* the command line is wrong */
	STATUS_PRIVILEGE,	/* not allowed */
	STATUS_KERNEL,		/* the kernel lacks something kvmscope needs */
};

/* Name shown before messages, for instance "kvmscope hist". */
void fail__set_program(const char *name);

/*
 * Under --json errors are objects on stdout, {"error":"…"}, as bpftool's are; on
 * stderr if stdout does not take them.
 */
void fail__set_json(bool json);

/* Report one line that names cause and cure; returns @status. */
int fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Not fatal, always on stderr. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* KVMSCOPE_FAIL_H */
