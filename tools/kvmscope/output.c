// SPDX-License-Identifier: GPL-2.0-only
#include "output.h"

#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "outfile.h"

int output__open(struct output *output)
{
	memset(output, 0, sizeof(*output));
	output->file = open_memstream(&output->text, &output->size);
	return output->file ? STATUS_OK : fail(STATUS_ERROR, "out of memory");
}

static int complete(struct output *output)
{
	return fclose(output->file) || output->failed ?
	       fail(STATUS_ERROR, "out of memory") : STATUS_OK;
}

int output__print(struct output *output, bool *closed)
{
	int status = complete(output);

	if (!status)
		status = outfile__print(output->text, output->size, closed);
	free(output->text);
	return status;
}

int output__write(struct output *output, const char *path)
{
	int status = complete(output);

	if (!status)
		status = outfile__write(path, output->text, output->size);
	free(output->text);
	return status;
}
