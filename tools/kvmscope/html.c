// SPDX-License-Identifier: GPL-2.0-only
#include "html.h"

/* NULL for what stands for itself. */
static const char *entity(char c)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = {
		{ '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" },
		{ '\'', "&#39;" },
	};
	size_t i;

	for (i = 0; i < sizeof(entities) / sizeof(*entities); i++) {
		if (entities[i].c == c)
			return entities[i].entity;
	}
	return NULL;
}

void html__text(FILE *file, const char *text)
{
	for (; *text; text++) {
		if (entity(*text))
			fputs(entity(*text), file);
		else
			fputc(*text, file);
	}
}

void html__number(FILE *file, __u64 number)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%llu", number), i;

	for (i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			fputs("\u202f", file);
		fputc(digits[i], file);
	}
}
