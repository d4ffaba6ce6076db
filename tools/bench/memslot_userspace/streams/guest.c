// SPDX-License-Identifier: GPL-2.0-only
/*
 * guest - init of the guests whose gfn lookups are recorded, see record
 *
 * Parameters on the kernel command line:
 *   stream.work=NAME   what to do: fork, or io
 *   stream.times=N     how often
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_SIZE	(32l << 20)
#define PAGE_SIZE	4096

static char cmdline[4096];

static void power_off(const char *said)
{
	printf("guest: %s\n", said);
	fflush(NULL);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void die(const char *what)
{
	perror(what);
	power_off("FAILED");
}

static void mount_or_die(const char *source, const char *where, const char *type,
			 const char *options)
{
	mkdir(where, 0755);
	if (mount(source, where, type, 0, options))
		die(where);
}

static const char *parameter(const char *name)
{
	const char *at = strstr(cmdline, name);

	if (!at)
		die(name);
	return at + strlen(name);
}

/* What a shell does all day: a process that writes to some of its memory. */
static void fork_and_exec(long times)
{
	while (times--) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (!pid) {
			execl("/init", "/init", "child", NULL);
			_exit(1);
		}
		waitpid(pid, NULL, 0);
	}
}

static int child(void)
{
	char *memory = malloc(64 * PAGE_SIZE);

	for (int page = 0; memory && page < 64; page++)
		memory[page * PAGE_SIZE] = 1;
	return !memory;
}

/* Write a file on virtio-9p, then read it at random, without the page cache. */
static void do_io(long times)
{
	static char page[PAGE_SIZE];
	int fd;

	mount_or_die("share", "/share", "9p", "trans=virtio,version=9p2000.L");
	fd = open("/share/io", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || ftruncate(fd, FILE_SIZE))
		die("/share/io");

	srandom(1);
	while (times--) {
		long at = random() % (FILE_SIZE / PAGE_SIZE) * PAGE_SIZE;

		if (pwrite(fd, page, sizeof(page), at) != sizeof(page) ||
		    pread(fd, page, sizeof(page), at ^ PAGE_SIZE) != sizeof(page))
			die("/share/io");
	}
	close(fd);
}

int main(int argc, char **argv)
{
	long times;
	int fd;

	if (argc > 1 && !strcmp(argv[1], "child"))
		return child();

	setvbuf(stdout, NULL, _IOLBF, 0);
	mount_or_die("proc", "/proc", "proc", NULL);
	fd = open("/proc/cmdline", O_RDONLY);
	if (fd < 0 || read(fd, cmdline, sizeof(cmdline) - 1) < 0)
		die("/proc/cmdline");
	times = atol(parameter("stream.times="));

	/* Meanwhile, the DIMMs come online; after "ready", recording starts. */
	sleep(4);
	printf("guest: ready\n");
	sleep(4);

	if (!strncmp(parameter("stream.work="), "fork", 4))
		fork_and_exec(times);
	else
		do_io(times);
	power_off("done");
}
