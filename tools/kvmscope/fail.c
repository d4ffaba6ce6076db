// SPDX-License-Identifier: GPL-2.0-only
#include "fail.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "json_version.h"
#include "text.h"

static const char *program = "kvmscope";
static bool as_json;

void fail__set_program(const char *name)
{
	program = name;
}

void fail__set_json(bool json)
{
	as_json = json;
}

static bool print_json(const char *message)
{
	json_t *error = json_pack("{s:s, s:i}", "error", message,
				  "version", JSON_VERSION);

	if (error)
		json_dumpf(error, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(error);
	return !fflush(stdout);
}

int fail(int status, const char *format, ...)
{
	char *message = NULL;
	const char *said;
	va_list args;

	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		message = NULL;
	va_end(args);

	if (message)
		text__clean(message);
	said = message ? message : "out of memory";
	if (!as_json || !print_json(said))
		fprintf(stderr, "%s: %s\n", program, said);

	free(message);
	return status;
}

void warn(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}
