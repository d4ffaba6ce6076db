/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_HTML_H
#define KVMSCOPE_HTML_H

#include <linux/types.h>
#include <stdio.h>

/* Text as it must be in HTML, be it content or an attribute in quotes. */
void html__text(FILE *file, const char *text);

/* Thousands apart, by a space that does not break. */
void html__number(FILE *file, __u64 number);

#endif /* KVMSCOPE_HTML_H */
