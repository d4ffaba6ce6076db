// SPDX-License-Identifier: GPL-2.0-only
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"

static int write_all(int fd, const char *data, size_t size)
{
	ssize_t written;

	while (size) {
		written = write(fd, data, size);
		if (written < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		data += written;
		size -= written;
	}
	return 0;
}

static int write_special(const char *path, const char *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, data, size);
	if (close(fd) && !err)
		err = -errno;
	return err;
}

static int write_renamed(const char *path, const char *data, size_t size)
{
	char temporary[PATH_MAX];
	mode_t mask = umask(0);
	int fd, err;

	umask(mask);
	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;

	err = write_all(fd, data, size);
	if (!err && (fchmod(fd, 0666 & ~mask) || fsync(fd)))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(temporary, path))
		err = -errno;
	if (err)
		unlink(temporary);
	return err;
}

static int write_path(const char *path, const char *data, size_t size)
{
	char target[PATH_MAX];
	struct stat st;

	if (stat(path, &st))
		return write_renamed(path, data, size);
	if (!S_ISREG(st.st_mode))
		return write_special(path, data, size);
	/* A symbolic link stays one: the file it leads to is replaced. */
	if (!realpath(path, target))
		return -errno;
	return write_renamed(target, data, size);
}

int outfile__write(const char *path, const char *data, size_t size)
{
	sigset_t all, before;
	int err;

	/* ^C now would leave the temporary file behind. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	err = write_path(path, data, size);
	sigprocmask(SIG_SETMASK, &before, NULL);

	if (!err)
		return STATUS_OK;
	return fail(STATUS_ERROR, "cannot write %s: %s%s", path, strerror(-err),
		    err == -ENOSPC ? ": make room, or name another place" : "");
}

int outfile__print(const char *data, size_t size, bool *closed)
{
	int err = write_all(STDOUT_FILENO, data, size);

	*closed = err == -EPIPE;
	if (!err || *closed)
		return STATUS_OK;
	return fail(STATUS_ERROR, "standard output: %s", strerror(-err));
}
