// SPDX-License-Identifier: GPL-2.0-only
#include "events_help.h"

#include <string.h>

#include "event.h"
#include "text.h"

/* Of the lines that say what an outcome means: as long as argp's. */
#define MARGIN		4
#define COLUMNS		78

void events_help__list(FILE *file, const char *indent)
{
	const struct event *event;
	size_t i;

	for (i = 0; (event = event__get(i)); i++)
		fprintf(file, "%s%s: %s\n", indent, event->name, event->subject);
}

void events_help__subjects(FILE *file)
{
	const struct event *event;
	size_t i;

	for (i = 0; (event = event__get(i)); i++)
		fprintf(file, "%s%s (%s)", i ? ", " : "", event->name, event->subject);
}

static size_t count_with(unsigned int key)
{
	const struct event *event;
	size_t nr = 0, i;

	for (i = 0; (event = event__get(i)); i++)
		nr += !!(event->by & key);
	return nr;
}

void events_help__keys(FILE *file)
{
	const struct event *event;
	size_t key, nr, said, i;

	for (key = 0; key < NR_BY; key++) {
		fprintf(file, "%s%s", key ? ", " : "", by_names[key]);
		nr = count_with(1U << key);
		if (nr == NR_EVENTS)
			continue;
		fputs(" (of ", file);
		for (i = said = 0; (event = event__get(i)); i++) {
			if (event->by & (1U << key))
				fprintf(file, "%s%s", text__separator(said++, nr), event->name);
		}
		fputs(" only)", file);
	}
}

/* Where meanings start: behind the longest name. */
static size_t find_indent(void)
{
	const struct event *event;
	size_t longest = 0, length, i, k;

	for (i = 0; (event = event__get(i)); i++) {
		for (k = 0; k < event->nr_outcomes; k++) {
			length = strlen(event->outcomes[k].name);
			longest = length > longest ? length : longest;
		}
	}
	return MARGIN + longest + 1;
}

/* @text in words, the lines but the first indented; argp would break them without that. */
static void print_wrapped(FILE *file, const char *text, size_t indent)
{
	size_t used = 0, length;

	for (; *text; text += length + strspn(text + length, " ")) {
		length = strcspn(text, " ");
		if (used && indent + used + 1 + length > COLUMNS) {
			fprintf(file, "\n%*s", (int)indent, "");
			used = 0;
		}
		fprintf(file, "%s%.*s", used ? " " : "", (int)length, text);
		used += !!used + length;
	}
	fputc('\n', file);
}

void events_help__outcomes(FILE *file)
{
	const struct event *event;
	const size_t indent = find_indent();
	size_t i, k;

	for (i = 0; (event = event__get(i)); i++) {
		fprintf(file, "  %s, %s:\n", event->name, event->subject);
		for (k = 0; k < event->nr_outcomes; k++) {
			fprintf(file, "%*s%-*s", MARGIN, "", (int)indent - MARGIN,
				event->outcomes[k].name);
			print_wrapped(file, event->outcomes[k].meaning, indent);
		}
	}
}
