// SPDX-License-Identifier: GPL-2.0-only
#include "fake_root.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char root[64];

void fake_root__create(void)
{
	strcpy(root, "/tmp/kvmscope-root-XXXXXX");
	if (!mkdtemp(root)) {
		perror(root);
		exit(1);
	}
	/* Tests run as root and drop privilege: those must get in. */
	chmod(root, 0755);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void fake_root__remove(void)
{
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *fake_root__path(void)
{
	return root;
}

void fake_root__file(const char *path, const void *data, size_t size)
{
	char full[PATH_MAX], *slash;
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (slash = full + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	file = fopen(full, "we");
	if (!file || fwrite(data, 1, size, file) != size || fclose(file)) {
		perror(full);
		exit(1);
	}
}

void fake_root__text(const char *path, const char *text)
{
	fake_root__file(path, text, strlen(text));
}

int fake_root__run(char *output, size_t size, const char *arguments)
{
	char self[PATH_MAX] = "", command[3 * PATH_MAX];
	size_t length;
	FILE *pipe;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return -1;
	*strrchr(self, '/') = '\0';
	snprintf(command, sizeof(command), "'%s/kvmscope' %s 2>&1 </dev/null", self, arguments);

	pipe = popen(command, "re");
	if (!pipe)
		return -1;
	length = fread(output, 1, size - 1, pipe);
	output[length] = '\0';
	return WEXITSTATUS(pclose(pipe));
}
