/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_SELFTESTS_FAKE_ROOT_H
#define KVMSCOPE_SELFTESTS_FAKE_ROOT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A folder that stands for / in front of /sys and /proc (--root), so that every
 * kind of kernel can be met on any.
 */
void fake_root__create(void);
void fake_root__remove(void);
const char *fake_root__path(void);

/* Make a file, and the folders it is in, below the root. */
void fake_root__file(const char *path, const void *data, size_t size);
void fake_root__text(const char *path, const char *text);

/*
 * Run the kvmscope beside this program; its exit status.  What it wrote to
 * stdout and stderr, one after the other, goes to @output.
 */
int fake_root__run(char *output, size_t size, const char *arguments);

#endif /* KVMSCOPE_SELFTESTS_FAKE_ROOT_H */
