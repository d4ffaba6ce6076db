/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_KERNEL_CHECK_H
#define KVMSCOPE_KERNEL_CHECK_H

#include <stddef.h>

struct event;

/*
 * Before anything is loaded: does the kernel below @root ("" for the real
 * system) have the tracepoints of all events, and may this process use them?
 * Returns an exit status, the error having been reported.
 */
int kernel_check__events(const char *root, const struct event *const *events, size_t nr);

#endif /* KVMSCOPE_KERNEL_CHECK_H */
