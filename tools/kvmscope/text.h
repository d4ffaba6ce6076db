/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_TEXT_H
#define KVMSCOPE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Replace what must reach neither a terminal nor JSON with '?': control
 * characters and bytes that are not valid UTF-8.  Names of processes are
 * whatever their owner chose.
 */
void text__clean(char *string);

/* Characters in a clean string; UTF-8 continuation bytes do not count. */
size_t text__width(const char *string);

/* Bytes that the first @width characters take. */
size_t text__bytes(const char *string, size_t width);

/* What is before word @i of @nr, counted from 0: "a, b and c". */
const char *text__separator(size_t i, size_t nr);

/* "a, b and c" of @nr words, as much as there is room for. */
void text__enumerate(char *list, size_t size, const char *const *words, size_t nr);

/* The terminal's character set has the block elements. */
bool text__is_utf8(void);

#endif /* KVMSCOPE_TEXT_H */
