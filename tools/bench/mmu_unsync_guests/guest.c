// SPDX-License-Identifier: GPL-2.0-only
/*
 * guest - init of the guests whose unsync shadow pages are counted
 *
 * Parameters on the kernel command line:
 *   guest.processes=N   fork and exec so many processes, one after the other
 *   guest.nested=WORDS  load the modules that /modules lists, and run /test with
 *                       WORDS, separated by commas, as arguments
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE_SIZE	4096
/* A process's own memory: that of a small program. */
#define CHILD_PAGES	64
#define MAX_WORDS	16

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

static void mount_or_die(const char *type, const char *where)
{
	mkdir(where, 0755);
	if (mount(type, where, type, 0, NULL))
		die(where);
}

/* Its value; NULL if it isn't there. */
static char *parameter(const char *name)
{
	char *value = strstr(cmdline, name);

	if (!value)
		return NULL;
	value = strdup(value + strlen(name));
	if (!value)
		die(name);
	value[strcspn(value, " \n")] = '\0';
	return value;
}

static int child(void)
{
	char *memory = malloc(CHILD_PAGES * PAGE_SIZE);

	for (int page = 0; memory && page < CHILD_PAGES; page++)
		memory[page * PAGE_SIZE] = 1;
	return !memory;
}

static void run(char **argv)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (!pid) {
		execv(argv[0], argv);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	if (status)
		die(argv[0]);
}

static void run_processes(long number)
{
	char *argv[] = { "/init", "child", NULL };

	while (number--)
		run(argv);
}

static void load_modules(void)
{
	FILE *list = fopen("/modules", "r");
	char path[256];

	if (!list)
		die("/modules");
	while (fgets(path, sizeof(path), list)) {
		int fd;

		path[strcspn(path, "\n")] = '\0';
		fd = open(path, O_RDONLY);
		if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
			die(path);
		close(fd);
	}
	fclose(list);
}

static void run_nested(char *words)
{
	char *argv[MAX_WORDS + 2] = { "/test" };
	int nr = 1;

	for (char *word = strtok(words, ","); word && nr <= MAX_WORDS; word = strtok(NULL, ","))
		argv[nr++] = word;
	load_modules();
	run(argv);
}

int main(int argc, char **argv)
{
	char *processes, *words;
	int fd;

	if (argc > 1 && !strcmp(argv[1], "child"))
		return child();

	setvbuf(stdout, NULL, _IOLBF, 0);
	mount_or_die("devtmpfs", "/dev");
	mount_or_die("proc", "/proc");
	mount_or_die("sysfs", "/sys");
	fd = open("/proc/cmdline", O_RDONLY);
	if (fd < 0 || read(fd, cmdline, sizeof(cmdline) - 1) < 0)
		die("/proc/cmdline");
	close(fd);

	processes = parameter("guest.processes=");
	if (processes)
		run_processes(atol(processes));
	words = parameter("guest.nested=");
	if (words)
		run_nested(words);
	power_off("done");
}
