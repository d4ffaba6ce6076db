// SPDX-License-Identifier: GPL-2.0-only
#include "vm_list.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "fail.h"
#include "text.h"

#define DEBUGFS	"/sys/kernel/debug"

struct vm_list {
	size_t count;
	struct vm *vms;
};

const char *vm__index(const struct vm *vm, const struct event *event)
{
	return vm->index[event__number(event)];
}

void vm__set_index(struct vm *vm, const struct event *event, const char *name)
{
	char *index = vm->index[event__number(event)];

	snprintf(index, sizeof(*vm->index), "%s", name);
	text__clean(index);
}

bool vm__slots_follow(const struct event *event)
{
	return !event__number(event);
}

/* Read a small file into @buffer, without its last newline; bytes or -1. */
static ssize_t read_file(char *buffer, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static ssize_t read_file(char *buffer, size_t size, const char *format, ...)
{
	char path[PATH_MAX];
	va_list args;
	size_t length;
	FILE *file;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);

	file = fopen(path, "re");
	if (!file)
		return -1;
	length = fread(buffer, 1, size - 1, file);
	if (ferror(file)) {
		fclose(file);
		return -1;
	}
	fclose(file);

	if (length && buffer[length - 1] == '\n')
		length--;
	buffer[length] = '\0';
	return length;
}

static bool read_number(const char *dir, const char *file, __u64 *number)
{
	char buffer[32], *end;

	if (read_file(buffer, sizeof(buffer), "%s/%s", dir, file) <= 0)
		return false;
	errno = 0;
	*number = strtoull(buffer, &end, 10);
	return !errno && !*end;
}

/* The guest= part of QEMU's -name, which is also what a part without a key means. */
static void set_qemu_name(char *name, size_t size, const char *value)
{
	size_t length;

	for (; *value; value += length + (value[length] == ',')) {
		length = strcspn(value, ",");
		if (!strncmp(value, "guest=", 6)) {
			snprintf(name, size, "%.*s", (int)length - 6, value + 6);
			return;
		}
		if (length && !memchr(value, '=', length)) {
			snprintf(name, size, "%.*s", (int)length, value);
			return;
		}
	}
}

static void read_name(const char *root, struct vm *vm)
{
	char cmdline[16384], *arg, *end;
	ssize_t length;

	if (read_file(vm->name, sizeof(vm->name), "%s/proc/%d/comm", root, vm->pid) <= 0)
		strcpy(vm->name, "?");

	length = read_file(cmdline, sizeof(cmdline), "%s/proc/%d/cmdline", root, vm->pid);
	end = cmdline + (length > 0 ? length : 0);
	for (arg = cmdline; arg < end; arg += strlen(arg) + 1) {
		if (strcmp(arg, "-name") && strcmp(arg, "--name"))
			continue;
		arg += strlen(arg) + 1;
		if (arg < end)
			set_qemu_name(vm->name, sizeof(vm->name), arg);
		break;
	}
	text__clean(vm->name);
}

static void read_indexes(const char *dir, struct vm *vm)
{
	const struct event *event;
	char name[sizeof(*vm->index)];
	size_t i;

	for (i = 0; (event = event__get(i)); i++) {
		if (event->index.file &&
		    read_file(name, sizeof(name), "%s/%s", dir, event->index.file) > 0)
			vm__set_index(vm, event, name);
	}
}

static void read_vm(const char *root, const char *dir, struct vm *vm)
{
	__u64 ordinal;

	vm->patched = read_number(dir, "vm_id", &vm->id) &&
		      read_number(dir, "vm_ordinal", &ordinal) &&
		      read_number(dir, "nr_memslots", &vm->slots);
	if (vm->patched) {
		vm->ordinal = (__u32)ordinal;
		read_indexes(dir, vm);
	}
	read_name(root, vm);
}

static int compare_vms(const void *a, const void *b)
{
	const struct vm *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

static int read_dir(const char *root, const char *path, DIR *dir, struct vm_list *list)
{
	struct dirent *entry;
	char vm_dir[PATH_MAX + 32];
	struct vm *vms, vm;
	char rest;

	while ((entry = readdir(dir))) {
		memset(&vm, 0, sizeof(vm));
		if (sscanf(entry->d_name, "%d-%d%c", &vm.pid, &vm.fd, &rest) != 2)
			continue;

		snprintf(vm_dir, sizeof(vm_dir), "%s/%d-%d", path, vm.pid, vm.fd);
		read_vm(root, vm_dir, &vm);
		/* The VM died while it was read. */
		if (access(vm_dir, F_OK))
			continue;

		vms = reallocarray(list->vms, list->count + 1, sizeof(*vms));
		if (!vms)
			return -ENOMEM;
		list->vms = vms;
		list->vms[list->count++] = vm;
	}
	if (list->count)
		qsort(list->vms, list->count, sizeof(*list->vms), compare_vms);
	return 0;
}

/* Why @path could not be opened with @err. */
static int explain(const char *root, const char *path, int err, char **error)
{
	struct statfs fs;
	int status = STATUS_KERNEL, ret;

	if (err == EACCES || err == EPERM) {
		ret = asprintf(error, "no permission to read %s: run as root", path);
		status = STATUS_PRIVILEGE;
	} else if (err != ENOENT && err != ENOTDIR) {
		ret = asprintf(error, "%s: %s", path, strerror(err));
		status = STATUS_ERROR;
	} else if (!*root && (statfs(DEBUGFS, &fs) || fs.f_type != DEBUGFS_MAGIC)) {
		ret = asprintf(error, "debugfs is not mounted: mount -t debugfs none " DEBUGFS);
	} else {
		ret = asprintf(error, "%s does not exist, KVM is not loaded: modprobe kvm_intel, "
			       "or modprobe kvm_amd", path);
	}
	if (ret < 0)
		*error = NULL;
	return status;
}

int vm_list__read(const char *root, struct vm_list **result, char **error)
{
	struct vm_list *list;
	char path[PATH_MAX];
	int status = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s" DEBUGFS "/kvm", root);
	dir = opendir(path);
	if (!dir)
		return explain(root, path, errno, error);

	list = calloc(1, sizeof(*list));
	if (!list || read_dir(root, path, dir, list)) {
		vm_list__free(list);
		*error = strdup("out of memory");
		status = STATUS_ERROR;
	} else {
		*result = list;
	}
	closedir(dir);
	return status;
}

void vm_list__free(struct vm_list *list)
{
	if (!list)
		return;
	free(list->vms);
	free(list);
}

size_t vm_list__count(const struct vm_list *list)
{
	return list->count;
}

const struct vm *vm_list__get(const struct vm_list *list, size_t i)
{
	return &list->vms[i];
}

bool vm_list__is_patched(const struct vm_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (!list->vms[i].patched)
			return false;
	}
	return true;
}

bool vm_list__has_index(const struct vm_list *list, const struct event *event)
{
	size_t i;

	for (i = 0; event->index.file && i < list->count; i++) {
		if (!*vm__index(&list->vms[i], event))
			return false;
	}
	return true;
}
