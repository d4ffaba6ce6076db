// SPDX-License-Identifier: GPL-2.0-only
#include "kernel_check.h"

#include <bpf/btf.h>
#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "event.h"
#include "fail.h"

static bool has_capability(int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	if (syscall(SYS_capget, &header, data))
		return false;
	return data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

/*
 * SYS_ADMIN implies the other two.  To attach into a module, libbpf must fetch
 * the module's BTF from the kernel by id, which takes SYS_ADMIN itself.
 */
static int check_privilege(bool module)
{
	if (has_capability(CAP_SYS_ADMIN))
		return STATUS_OK;
	if (module)
		return fail(STATUS_PRIVILEGE, "no privilege to attach BPF programs: run as root "
			    "(CAP_BPF and CAP_PERFMON, and CAP_SYS_ADMIN as kvm is a module)");
	if (!has_capability(CAP_BPF) || !has_capability(CAP_PERFMON))
		return fail(STATUS_PRIVILEGE, "no privilege to attach BPF programs: run as root, "
			    "or with CAP_BPF and CAP_PERFMON");
	return STATUS_OK;
}

/* The type of a BTF-enabled raw tracepoint is this typedef. */
static bool has_tracepoint(const struct btf *btf, const char *name)
{
	char type[128];

	snprintf(type, sizeof(type), "btf_trace_%s", name);
	return btf__find_by_name_kind(btf, type, BTF_KIND_TYPEDEF) > 0;
}

/* Patched, but not with everything: then "patches" alone would mislead. */
static int no_tracepoint(const struct btf *btf, const struct event *event)
{
	const struct event *other;
	size_t i;

	for (i = 0; (other = event__get(i)); i++) {
		if (has_tracepoint(btf, other->tracepoint))
			return fail(STATUS_KERNEL, "no tracepoint kvm:%s in this kernel, which has "
				    "only other series of kvmscope's patches (kvm:%s is there): "
				    "boot one with the series %s, too", event->tracepoint,
				    other->tracepoint, event->series);
	}
	return fail(STATUS_KERNEL, "no tracepoint kvm:%s in this kernel: boot one with kvmscope's "
		    "patches (docs/own-host.md)", event->tracepoint);
}

static int check_tracepoints(const struct btf *btf, const struct event *const *events, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!has_tracepoint(btf, events[i]->tracepoint))
			return no_tracepoint(btf, events[i]);
	}
	return STATUS_OK;
}

int kernel_check__events(const char *root, const struct event *const *events, size_t nr)
{
	struct btf *vmlinux, *kvm = NULL;
	char path[PATH_MAX];
	bool module;
	int status;

	snprintf(path, sizeof(path), "%s/sys/kernel/btf/vmlinux", root);
	vmlinux = btf__parse(path, NULL);
	if (!vmlinux)
		return fail(STATUS_KERNEL, "no BTF in %s (%s): use a kernel built with "
			    "CONFIG_DEBUG_INFO_BTF=y", path, strerror(errno));

	snprintf(path, sizeof(path), "%s/sys/module/kvm", root);
	if (access(path, F_OK)) {
		btf__free(vmlinux);
		return fail(STATUS_KERNEL, "KVM is not loaded: modprobe kvm_intel, or modprobe "
			    "kvm_amd");
	}

	/* Not there if KVM is built in: then vmlinux describes it. */
	snprintf(path, sizeof(path), "%s/sys/kernel/btf/kvm", root);
	module = !access(path, F_OK);
	if (module)
		kvm = btf__parse_split(path, vmlinux);
	status = check_tracepoints(kvm ? kvm : vmlinux, events, nr);
	btf__free(kvm);
	btf__free(vmlinux);
	return status ? status : check_privilege(module);
}
