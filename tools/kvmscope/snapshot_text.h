/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_SNAPSHOT_TEXT_H
#define KVMSCOPE_SNAPSHOT_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "snapshot.h"

/* For the terminal, @width columns wide, with block elements if @utf8. */
void snapshot__print_text(const struct snapshot *snapshot, FILE *file, unsigned int width,
			  bool utf8);

/* Its parts: nothing without rows, and nothing if there is no memory. */
void snapshot__print_table(const struct snapshot *snapshot, FILE *file, unsigned int width);
void snapshot__print_histograms(const struct snapshot *snapshot, FILE *file, unsigned int width,
				bool utf8);

#endif /* KVMSCOPE_SNAPSHOT_TEXT_H */
