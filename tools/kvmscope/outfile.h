/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_OUTFILE_H
#define KVMSCOPE_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Make @path hold exactly @data, or leave it as it was: the bytes go to a new
 * file beside it that then takes its name.  What is no regular file (a device, a
 * pipe) is written to directly.  Returns an exit status, the error having been
 * reported.
 */
int outfile__write(const char *path, const char *data, size_t size);

/*
 * Write to stdout at once.  Sets *closed if its reader has gone, which is no
 * error; otherwise returns an exit status, the error having been reported.
 */
int outfile__print(const char *data, size_t size, bool *closed);

#endif /* KVMSCOPE_OUTFILE_H */
