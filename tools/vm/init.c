// SPDX-License-Identifier: GPL-2.0-only
// The VM's first process: sets the machine up, runs one command, powers off.
//
// It talks to tools/vm/run through virtio-serial ports, not the console, so
// that kernel messages never mix with the command's bytes:
//   kvmscope.ctl  in:  "job pipe|stdin|pty ROWS COLS LENGTH\n", then LENGTH
//                      bytes: the NUL-terminated arguments of the command
//                 out: "started\n" "taint N\n" and last "exit N\n"; or, if
//                      there is nothing to be done, "error TEXT\n"
//   kvmscope.in   standard input, kvmscope.out and kvmscope.err the outputs
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <net/if.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BOOT_MODULES	"/usr/lib/kvmscope/boot-modules"
#define PORT_WAIT_MS	20000
#define MAX_PIPE	(1024 * 1024)
#define EXIT_NOT_FOUND	127

struct job {
	bool pty, wants_stdin;
	unsigned short rows, cols;
	char **argv;
};

// One direction of bytes; what could not be written yet stays in buf.
struct relay {
	int from, to;
	size_t start, end;
	char buf[65536];
};

static int ctl = -1;
static char cmdline[8192];

static void say(const char *fmt, ...)
{
	char line[1024];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (len >= (int)sizeof(line)) {
		len = sizeof(line) - 1;
		line[len - 1] = '\n';
	}
	if (write(ctl < 0 ? STDERR_FILENO : ctl, line, len) != len)
		perror("kvmscope init: write");
}

static void __attribute__((noreturn)) power_off(void)
{
	sync();
	umount("/mnt/share");
	reboot(RB_POWER_OFF);
	// Without ACPI there is no power-off; -no-reboot makes this end QEMU.
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

static void __attribute__((noreturn)) give_up(const char *what)
{
	say("error %s: %s\n", what, strerror(errno));
	power_off();
}

// Writes all of it: the runner always drains the ports, so blocking is short.
static void write_all(int fd, const char *buf, size_t len)
{
	while (len) {
		ssize_t n = write(fd, buf, len);

		if (n < 0 && errno != EINTR)
			return;
		if (n > 0) {
			buf += n;
			len -= n;
		}
	}
}

static void mount_all(void)
{
	static const struct {
		const char *type, *dir, *options;
	} mounts[] = {
		{ "proc", "/proc", NULL },
		{ "sysfs", "/sys", NULL },
		{ "devtmpfs", "/dev", "mode=0755" },
		{ "devpts", "/dev/pts", "mode=0620,ptmxmode=0666" },
		{ "tmpfs", "/dev/shm", "mode=1777" },
		{ "debugfs", "/sys/kernel/debug", NULL },
		{ "tracefs", "/sys/kernel/tracing", NULL },
		{ "bpf", "/sys/fs/bpf", "mode=0700" },
		{ "cgroup2", "/sys/fs/cgroup", NULL },
	};

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].dir, 0755);
		// A kernel without one of them can still run a command.
		mount(mounts[i].type, mounts[i].dir, mounts[i].type, 0,
		      mounts[i].options);
	}
	symlink("/proc/self/fd", "/dev/fd");
	symlink("/proc/self/fd/0", "/dev/stdin");
	symlink("/proc/self/fd/1", "/dev/stdout");
	symlink("/proc/self/fd/2", "/dev/stderr");
}

static void raise_limits(void)
{
	struct rlimit files = { 1048576, 1048576 };
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
}

// The kernel is booted with one CPU: see docs/vm-runner.md.
static void start_other_cpus(void)
{
	glob_t found = {};
	size_t i;

	// The first CPU may have no such file.
	if (glob("/sys/devices/system/cpu/cpu[0-9]*/online", 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++) {
		int fd = open(found.gl_pathv[i], O_RDWR);
		char online = '0';

		if (fd < 0 || read(fd, &online, 1) != 1 ||
		    (online == '0' && pwrite(fd, "1", 1, 0) != 1))
			give_up(found.gl_pathv[i]);
		close(fd);
	}
	globfree(&found);
}

// Programs that serve or scrape on the loopback address need it up.
static void loopback_up(void)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	ioctl(fd, SIOCSIFFLAGS, &req);
	close(fd);
}

static void read_cmdline(void)
{
	FILE *f = fopen("/proc/cmdline", "re");

	if (!f)
		return;
	if (!fgets(cmdline, sizeof(cmdline), f))
		cmdline[0] = '\0';
	fclose(f);
	cmdline[strcspn(cmdline, "\n")] = '\0';
}

static bool same_module(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((a[i] == '-' ? '_' : a[i]) != (b[i] == '-' ? '_' : b[i]))
			return false;
	return true;
}

// Collects "npt=0 " from kvm_amd.npt=0: the kernel leaves that to user space.
static void module_parameters(const char *name, char *out, size_t size)
{
	size_t name_len = strlen(name), used = 0;
	const char *p = cmdline;

	out[0] = '\0';
	while (*p) {
		const char *start;
		bool quoted = false;
		size_t len;

		p += strspn(p, " ");
		for (start = p; *p && (quoted || *p != ' '); p++)
			if (*p == '"')
				quoted = !quoted;
		len = p - start;
		if (len <= name_len + 1 || start[name_len] != '.' ||
		    !same_module(start, name, name_len))
			continue;
		len -= name_len + 1;
		if (used + len + 2 > size)
			return;
		memcpy(out + used, start + name_len + 1, len);
		used += len;
		out[used++] = ' ';
		out[used] = '\0';
	}
}

static void load_module(const char *path)
{
	const char *base = strrchr(path, '/') + 1;
	char name[128], parameters[1024];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(base, "."), base);
	module_parameters(name, parameters, sizeof(parameters));
	if (fd < 0 || syscall(SYS_finit_module, fd, parameters, 0)) {
		// kvm_amd and kvm_intel are both tried; one finds no hardware.
		if (errno != EEXIST && errno != ENODEV && errno != EOPNOTSUPP)
			fprintf(stderr, "kvmscope init: module %s: %s\n",
				name, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
}

static void load_boot_modules(void)
{
	FILE *f = fopen(BOOT_MODULES, "re");
	char path[512];

	if (!f)
		return;
	while (fgets(path, sizeof(path), f)) {
		path[strcspn(path, "\n")] = '\0';
		load_module(path);
	}
	fclose(f);
}

// Finds the device of a named virtio-serial port in /sys/class/virtio-ports.
static int try_port(const char *wanted, int flags)
{
	const char *dir = "/sys/class/virtio-ports";
	DIR *ports = opendir(dir);
	struct dirent *entry;
	int fd = -1;

	if (!ports)
		return -1;
	while (fd < 0 && (entry = readdir(ports))) {
		char path[512], name[64] = "";
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s/name", dir, entry->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		if (fgets(name, sizeof(name), f))
			name[strcspn(name, "\n")] = '\0';
		fclose(f);
		if (strcmp(name, wanted))
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		fd = open(path, flags | O_CLOEXEC);
	}
	closedir(ports);
	return fd;
}

static int open_port(const char *name, int flags)
{
	for (int waited = 0; waited < PORT_WAIT_MS; waited += 10) {
		int fd = try_port(name, flags);

		if (fd >= 0)
			return fd;
		usleep(10000);
	}
	errno = ENODEV;
	give_up(name);
}

static void read_exactly(char *buf, size_t len)
{
	while (len) {
		ssize_t n = read(ctl, buf, len);

		if (n < 0 && errno != EINTR)
			give_up("reading the job");
		if (n <= 0) {
			// The host's side may be announced a moment later.
			usleep(1000);
			continue;
		}
		buf += n;
		len -= n;
	}
}

static void read_job(struct job *job)
{
	size_t length, count = 0, i = 0;
	char line[128], mode[16], *args;

	do {
		read_exactly(line + i, 1);
	} while (line[i++] != '\n' && i < sizeof(line) - 1);
	line[i] = '\0';
	if (sscanf(line, "job %15s %hu %hu %zu\n", mode, &job->rows,
		   &job->cols, &length) != 4 || !length)
		give_up("the job's first line");
	job->pty = !strcmp(mode, "pty");
	job->wants_stdin = job->pty || !strcmp(mode, "stdin");

	args = malloc(length);
	if (!args)
		give_up("memory for the job");
	read_exactly(args, length);
	for (i = 0; i < length; i++)
		count += !args[i];
	job->argv = calloc(count + 1, sizeof(*job->argv));
	if (!job->argv)
		give_up("memory for the job");
	for (i = 0; i < count; i++) {
		job->argv[i] = args;
		args += strlen(args) + 1;
	}
}

static void mount_share(void)
{
	if (!strstr(cmdline, "kvmscope.share=9p"))
		return;
	mkdir("/mnt", 0755);
	mkdir("/mnt/share", 0755);
	if (mount("share", "/mnt/share", "9p", 0,
		  "trans=virtio,version=9p2000.L,msize=262144"))
		give_up("mounting the share (does this kernel have 9p over virtio?)");
}

static void __attribute__((noreturn)) exec_command(char **argv)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("USER", "root", 1);
	setenv("SHELL", "/bin/sh", 1);
	setenv("LC_CTYPE", "C.UTF-8", 1);
	setenv("TERM", "linux", 0);
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
	_exit(EXIT_NOT_FOUND);
}

static pid_t start_on_pty(const struct job *job, int *master)
{
	struct winsize size = { .ws_row = job->rows, .ws_col = job->cols };
	pid_t pid = forkpty(master, NULL, NULL, &size);

	if (pid < 0)
		give_up("forkpty");
	if (!pid)
		exec_command(job->argv);
	return pid;
}

static void make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC))
		give_up("pipe");
}

// The command gets pipes, not the ports: a port opens only once, so that
// writing to /dev/stderr would fail.
static pid_t start_on_pipes(const struct job *job, int *in, int *out, int *err)
{
	int inp[2] = { -1, -1 }, outp[2], errp[2];
	pid_t pid;

	if (job->wants_stdin)
		make_pipe(inp);
	else
		inp[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	make_pipe(outp);
	make_pipe(errp);
	pid = fork();
	if (pid < 0)
		give_up("fork");
	if (!pid) {
		setsid();
		dup2(inp[0], STDIN_FILENO);
		dup2(outp[1], STDOUT_FILENO);
		dup2(errp[1], STDERR_FILENO);
		exec_command(job->argv);
	}
	close(inp[0]);
	close(outp[1]);
	close(errp[1]);
	*in = inp[1];
	*out = outp[0];
	*err = errp[0];
	return pid;
}

static void relay_close(struct relay *r, bool close_target)
{
	close(r->from);
	r->from = -1;
	if (close_target && r->to >= 0) {
		close(r->to);
		r->to = -1;
	}
}

// Moves what is there now; returns false when there is nothing (more).
static bool relay_output(struct relay *r)
{
	ssize_t n = r->from < 0 ? 0 : read(r->from, r->buf, sizeof(r->buf));

	if (n > 0) {
		write_all(r->to, r->buf, n);
		return true;
	}
	if (r->from >= 0 && (!n || (errno != EAGAIN && errno != EINTR)))
		relay_close(r, false);
	return false;
}

// The command may be slow to read: keep the rest and come back.
static void relay_input(struct relay *r)
{
	ssize_t n;

	if (r->from >= 0 && r->start == r->end) {
		n = read(r->from, r->buf, sizeof(r->buf));
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			relay_close(r, true);
			return;
		}
		r->start = 0;
		r->end = n;
	}
	n = write(r->to, r->buf + r->start, r->end - r->start);
	if (n >= 0)
		r->start += n;
	else if (errno != EAGAIN && errno != EINTR)
		relay_close(r, true);
}

// Reaps everything, as the first process must; true once pid has ended.
static bool reap(pid_t pid, int *status)
{
	bool ended = false;
	int each;
	pid_t who;

	while ((who = waitpid(-1, &each, WNOHANG)) > 0) {
		if (who != pid)
			continue;
		*status = each;
		ended = true;
	}
	return ended;
}

static void nonblocking(int fd)
{
	if (fd >= 0)
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

// What the command wrote before it ended is still in the pipe. Bounded by the
// largest pipe: what it left running may write for ever.
static void drain(struct relay *r)
{
	for (size_t n = 0; n < MAX_PIPE / sizeof(r->buf) + 1; n++)
		if (!relay_output(r))
			return;
}

static int relay_until_exit(pid_t pid, int children, struct relay *in,
			    struct relay *out, struct relay *err)
{
	int status = 0;
	bool ended = false;

	while (!ended) {
		bool pending = in->start != in->end;
		struct pollfd fds[] = {
			{ .fd = children, .events = POLLIN },
			{ .fd = out->from, .events = POLLIN },
			{ .fd = err->from, .events = POLLIN },
			{ .fd = pending ? in->to : in->from,
			  .events = pending ? POLLOUT : POLLIN },
		};
		struct signalfd_siginfo info;

		if (poll(fds, sizeof(fds) / sizeof(fds[0]), -1) < 0)
			continue;
		if (fds[0].revents &&
		    read(children, &info, sizeof(info)) == sizeof(info))
			ended = reap(pid, &status);
		if (fds[1].revents)
			relay_output(out);
		if (fds[2].revents)
			relay_output(err);
		if (fds[3].revents)
			relay_input(in);
	}
	drain(out);
	drain(err);
	return status;
}

static void report_taint(void)
{
	FILE *f = fopen("/proc/sys/kernel/tainted", "re");
	unsigned long long taint;

	if (!f)
		return;
	if (fscanf(f, "%llu", &taint) == 1)
		say("taint %llu\n", taint);
	fclose(f);
}

int main(void)
{
	static struct relay in = { .from = -1, .to = -1 };
	static struct relay out = { .from = -1 }, err = { .from = -1 };
	struct job job = {};
	sigset_t child;
	int children, status;
	pid_t pid;

	mount_all();
	raise_limits();
	start_other_cpus();
	loopback_up();
	read_cmdline();
	load_boot_modules();
	ctl = open_port("kvmscope.ctl", O_RDWR);
	out.to = open_port("kvmscope.out", O_WRONLY);
	err.to = open_port("kvmscope.err", O_WRONLY);
	mount_share();
	read_job(&job);
	if (job.wants_stdin)
		in.from = open_port("kvmscope.in", O_RDONLY | O_NONBLOCK);

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	signal(SIGPIPE, SIG_IGN);
	children = signalfd(-1, &child, SFD_CLOEXEC);
	if (children < 0)
		give_up("signalfd");

	say("started\n");
	if (job.pty) {
		pid = start_on_pty(&job, &out.from);
		in.to = dup(out.from);
	} else {
		pid = start_on_pipes(&job, &in.to, &out.from, &err.from);
	}
	nonblocking(in.to);
	nonblocking(out.from);
	nonblocking(err.from);
	status = relay_until_exit(pid, children, &in, &out, &err);

	report_taint();
	say("exit %d\n", WIFSIGNALED(status) ? 128 + WTERMSIG(status)
					     : WEXITSTATUS(status));
	power_off();
}
