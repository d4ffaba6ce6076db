/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_REPORT_H
#define KVMSCOPE_REPORT_H

#include <stddef.h>
#include <stdio.h>

#include "snapshot.h"

/*
 * The whole page.  Snapshots of one file have the same pointer in @names.
 * 0 or -ENOMEM.
 */
int report__print(FILE *file, const struct snapshot *snapshots, const char *const *names,
		  size_t nr);

#endif /* KVMSCOPE_REPORT_H */
