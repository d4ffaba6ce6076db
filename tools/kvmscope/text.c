// SPDX-License-Identifier: GPL-2.0-only
#include "text.h"

#include <langinfo.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool is_continuation(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* Bytes of the valid UTF-8 sequence at @s, 0 if there is none. */
static size_t sequence_length(const unsigned char *s)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t code;
	size_t length, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		length = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		length = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		length = 4;
	else
		return 0;

	code = s[0] & (0x7f >> length);
	for (i = 1; i < length; i++) {
		if (!is_continuation(s[i]))
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code < smallest[length] || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;

	/* U+0080 to U+009F are control characters, and terminals obey them. */
	return code < 0xa0 ? 0 : length;
}

void text__clean(char *string)
{
	unsigned char *s = (unsigned char *)string;
	size_t length;

	for (; *s; s += length) {
		length = sequence_length(s);
		if (!length || *s < 0x20 || *s == 0x7f) {
			*s = '?';
			length = 1;
		}
	}
}

size_t text__width(const char *string)
{
	size_t width = 0;

	for (; *string; string++)
		width += !is_continuation((unsigned char)*string);
	return width;
}

size_t text__bytes(const char *string, size_t width)
{
	size_t i;

	for (i = 0; string[i]; i++) {
		if (is_continuation((unsigned char)string[i]))
			continue;
		if (!width--)
			break;
	}
	return i;
}

const char *text__separator(size_t i, size_t nr)
{
	if (!i)
		return "";
	return i + 1 < nr ? ", " : " and ";
}

void text__enumerate(char *list, size_t size, const char *const *words, size_t nr)
{
	size_t used = 0, i;

	*list = '\0';
	for (i = 0; i < nr && used < size; i++)
		used += snprintf(list + used, size - used, "%s%s", text__separator(i, nr),
				 words[i]);
}

bool text__is_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}
