// SPDX-License-Identifier: GPL-2.0-only
/*
 * What kvmscope says of kernels that lack something, and of the VMs in debugfs,
 * on made-up ones.
 */
#include <bpf/btf.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_root.h"
#include "fail.h"
#include "json_version.h"
#include "ktap.h"

static char output[16384];

static void run(int expected_status, const char *expected_text, const char *arguments)
{
	char line[512];
	int status;

	snprintf(line, sizeof(line), "%s --root %s", arguments, fake_root__path());
	status = fake_root__run(output, sizeof(output), line);
	check(status == expected_status, "%s: status %d, expected %d: %s", arguments, status,
	      expected_status, output);
	check(strstr(output, expected_text), "%s: no \"%s\" in: %s", arguments, expected_text,
	      output);
}

static void expect_one_line(void)
{
	size_t length = strlen(output);

	check(length && strchr(output, '\n') == output + length - 1, "not one line: %s", output);
}

/* A BTF file, with the types of tracepoints or without (NULL). */
static void write_btf_of(const char *path, const char *type, const char *other)
{
	struct btf *btf = btf__new_empty();
	__u32 size;
	const void *data;
	int id = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);

	if (type)
		btf__add_typedef(btf, type, id);
	if (other)
		btf__add_typedef(btf, other, id);
	data = btf__raw_data(btf, &size);
	fake_root__file(path, data, size);
	btf__free(btf);
}

static void write_btf(const char *path, const char *type)
{
	write_btf_of(path, type, NULL);
}

static void no_btf(void)
{
	json_t *json;

	fake_root__create();
	run(STATUS_KERNEL, "CONFIG_DEBUG_INFO_BTF=y", "hist 1 1");
	expect_one_line();
	run(STATUS_KERNEL, "{\"error\":\"no BTF", "hist 1 1 --json");
	expect_one_line();
	json = json_loads(output, 0, NULL);
	check(json_integer_value(json_object_get(json, "version")) == JSON_VERSION, "version: %s",
	      output);
	json_decref(json);
	fake_root__remove();
}

static void kvm_not_loaded(void)
{
	fake_root__create();
	write_btf("/sys/kernel/btf/vmlinux", NULL);
	run(STATUS_KERNEL, "KVM is not loaded: modprobe", "hist");
	expect_one_line();
	fake_root__remove();
}

static void no_tracepoint(void)
{
	fake_root__create();
	write_btf("/sys/kernel/btf/vmlinux", "btf_trace_kvm_exit");
	fake_root__text("/sys/module/kvm/parameters/halt_poll_ns", "0\n");
	run(STATUS_KERNEL, "no tracepoint kvm:kvm_memslot_lookup in this kernel: boot one with "
	    "kvmscope's patches", "hist");
	expect_one_line();
	run(STATUS_KERNEL, "no tracepoint kvm:kvm_io_bus_lookup in this kernel: boot one with "
	    "kvmscope's patches", "hist --event io-bus");
	expect_one_line();
	/* The name of another tracepoint begins with this one's. */
	write_btf("/sys/kernel/btf/vmlinux", "btf_trace_kvm_mmu_sync_page");
	run(STATUS_KERNEL, "no tracepoint kvm:kvm_mmu_sync in this kernel: boot one with "
	    "kvmscope's patches", "hist --event mmu-sync");
	expect_one_line();
	fake_root__remove();
}

/* A kernel that has an older queue: the cure is the series that is missing. */
static void other_tracepoint(void)
{
	fake_root__create();
	write_btf("/sys/kernel/btf/vmlinux", "btf_trace_kvm_memslot_lookup");
	fake_root__text("/sys/module/kvm/parameters/halt_poll_ns", "0\n");
	run(STATUS_KERNEL, "kvm:kvm_memslot_lookup is there", "hist --event io-bus");
	expect_one_line();
	run(STATUS_KERNEL, "no tracepoint kvm:kvm_io_bus_lookup", "hist --event memslot,io-bus");
	expect_one_line();
	check(strstr(output, "the series io-bus"), "the series: %s", output);
	run(STATUS_KERNEL, "no tracepoint kvm:kvm_mmu_sync", "hist --event memslot,mmu-sync");
	expect_one_line();
	check(strstr(output, "the series mmu-unsync"), "the series: %s", output);
	fake_root__remove();
}

/* An ordinary user gets past the checks of the kernel, and no further. */
static void no_privilege(void)
{
	fake_root__create();
	write_btf("/sys/kernel/btf/vmlinux", "btf_trace_kvm_memslot_lookup");
	fake_root__text("/sys/module/kvm/parameters/halt_poll_ns", "0\n");
	run(STATUS_PRIVILEGE, "run as root, or with CAP_BPF and CAP_PERFMON", "hist");
	expect_one_line();
	write_btf_of("/sys/kernel/btf/vmlinux", "btf_trace_kvm_memslot_lookup",
		     "btf_trace_kvm_io_bus_lookup");
	run(STATUS_PRIVILEGE, "run as root, or with CAP_BPF and CAP_PERFMON",
	    "hist --event memslot --event io-bus");
	expect_one_line();
	fake_root__remove();
}

static void no_kvm_in_debugfs(void)
{
	fake_root__create();
	run(STATUS_KERNEL, "KVM is not loaded", "list");
	expect_one_line();
	fake_root__remove();
}

static void debugfs_refused(void)
{
	char path[128];

	fake_root__create();
	fake_root__text("/sys/kernel/debug/kvm/x", "");
	snprintf(path, sizeof(path), "%s/sys/kernel/debug/kvm", fake_root__path());
	chmod(path, 0);
	run(STATUS_PRIVILEGE, "run as root", "list");
	expect_one_line();
	chmod(path, 0755);
	fake_root__remove();
}

static void add_to_vm(const char *dir, const char *file, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%s/%s", dir, file);
	fake_root__text(path, text);
}

static void add_vm(const char *dir, const char *id, const char *ordinal, const char *index)
{
	add_to_vm(dir, "vm_id", id);
	add_to_vm(dir, "vm_ordinal", ordinal);
	add_to_vm(dir, "memslot_index", index);
	add_to_vm(dir, "nr_memslots", "117\n");
	/* A statistic, which the stock kernel has, too. */
	add_to_vm(dir, "mmu_unsync", "0\n");
}

/* What later series of patches add. */
static void add_choices(const char *dir, const char *io_bus_index, const char *mmu_unsync_mode)
{
	add_to_vm(dir, "io_bus_index", io_bus_index);
	add_to_vm(dir, "mmu_unsync_mode", mmu_unsync_mode);
}

static void add_process(const char *pid, const char *comm, const char *cmdline, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	fake_root__text(path, comm);
	snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
	fake_root__file(path, cmdline, size);
}

static void list_of_patched(void)
{
	static const char guest[] = "qemu\0-name\0guest=left,debug-threads=on\0-m\0" "512";
	static const char plain[] = "qemu\0-m\0" "512\0-name\0process=x,right\0";
	static const char hostile[] = "qemu\0-name\0a\033[31m\xff\xc3\xa4\"b";
	static const char last[] = "qemu\0-name";
	json_t *json, *vms;

	fake_root__create();
	add_vm("20-11", "12\n", "1\n", "bsearch\n");
	add_vm("10-11", "3\n", "0\n", "linear\n");
	add_vm("30-11", "18446744073709551615\n", "2\n", "rbtree\n");
	add_vm("40-11", "13\n", "3\n", "rbtree\n");
	add_vm("50-11", "14\n", "4\n", "rbtree\n");
	add_choices("10-11", "hash\n", "list-all\n");
	add_choices("20-11", "bsearch\n", "bitmap\n");
	add_choices("30-11", "bsearch\n", "bitmap\n");
	add_choices("40-11", "bsearch\n", "bitmap\n");
	add_choices("50-11", "bsearch\n", "bitmap\n");
	add_process("10", "qemu-system-x86\n", guest, sizeof(guest));
	add_process("20", "qemu-system-x86\n", plain, sizeof(plain));
	add_process("30", "qemu-system-x86\n", hostile, sizeof(hostile));
	add_process("40", "set_memory_regi\n", last, sizeof(last));
	fake_root__text("/sys/kernel/debug/kvm/halt_exits", "0\n");
	fake_root__text("/sys/kernel/debug/kvm/7-x/vm_id", "9\n");

	/* The memslots once, whatever events there are. */
	run(STATUS_OK,
	    "    ID  ORDINAL  INDEX        SLOTS  IO-BUS    MMU-SYNC      PID   FD  NAME\n",
	    "list");
	check(!strstr(output, "unavailable"), "says what is missing: %s", output);
	run(STATUS_OK,
	    "     3        0  linear         117  hash      list-all       10   11  left", "list");
	run(STATUS_OK, "\"index\":\"linear\",\"slots\":117,\"io_bus_index\":\"hash\","
	    "\"mmu_unsync_mode\":\"list-all\"}", "list --json");
	check(strstr(output, "\"unavailable\":[]"), "says what is missing: %s", output);
	json = json_loads(output, 0, NULL);
	vms = json_object_get(json, "vms");
	check(json_array_size(vms) == 5, "%zu VMs", json_array_size(vms));
	for (size_t i = 0; i < json_array_size(vms); i++) {
		static const char *const names[] = {
			"left", "right", "set_memory_regi", "?", "a?[31m?\xc3\xa4\"b",
		};
		json_t *vm = json_array_get(vms, i);
		const char *name = json_string_value(json_object_get(vm, "name"));

		check(i < 5 && name && !strcmp(name, names[i]), "VM %zu is %s", i, name);
	}
	check(json_integer_value(json_object_get(json_array_get(vms, 0), "id")) == 3, "id");
	check(json_integer_value(json_object_get(json_array_get(vms, 1), "pid")) == 20, "pid");
	check(json_integer_value(json_object_get(json_array_get(vms, 1), "slots")) == 117, "slots");
	for (size_t i = 0; i < 2; i++) {
		const char *index = json_string_value(json_object_get(json_array_get(vms, i),
								      "io_bus_index"));

		check(index && !strcmp(index, i ? "bsearch" : "hash"), "VM %zu: %s", i, index);
		index = json_string_value(json_object_get(json_array_get(vms, i),
							  "mmu_unsync_mode"));
		check(index && !strcmp(index, i ? "bitmap" : "list-all"), "VM %zu: %s", i, index);
	}
	json_decref(json);
	fake_root__remove();
}

/* Earlier series of patches only: all is as before, and what is missing is said. */
static void list_with_older_queues(void)
{
	json_t *json, *vm;

	fake_root__create();
	add_vm("10-11", "3\n", "0\n", "linear\n");
	add_process("10", "qemu-system-x86\n", "qemu", 4);
	run(STATUS_OK,
	    "     3        0  linear         117  -         -              10   11  qemu-system-x86",
	    "list");
	check(strstr(output, "IO-BUS is unavailable: this kernel lacks the series io-bus"), "%s",
	      output);
	check(strstr(output, "MMU-SYNC is unavailable: this kernel lacks the series mmu-unsync"),
	      "%s", output);
	run(STATUS_OK, "\"unavailable\":[\"io_bus_index\",\"mmu_unsync_mode\"]", "list --json");
	json = json_loads(output, 0, NULL);
	vm = json_array_get(json_object_get(json, "vms"), 0);
	check(json_is_null(json_object_get(vm, "io_bus_index")), "not null");
	check(json_is_null(json_object_get(vm, "mmu_unsync_mode")), "not null");
	check(json_integer_value(json_object_get(vm, "id")) == 3, "id");
	json_decref(json);

	add_to_vm("10-11", "io_bus_index", "hash\n");
	run(STATUS_OK,
	    "     3        0  linear         117  hash      -              10   11  qemu-system-x86",
	    "list");
	check(!strstr(output, "IO-BUS is unavailable"), "%s", output);
	run(STATUS_OK, "\"unavailable\":[\"mmu_unsync_mode\"]", "list --json");
	check(strstr(output, "\"io_bus_index\":\"hash\",\"mmu_unsync_mode\":null}"), "%s", output);
	fake_root__remove();
}

static void list_of_stock(void)
{
	json_t *json, *vm;

	fake_root__create();
	add_to_vm("10-11", "mmu_unsync", "0\n");
	add_process("10", "qemu-system-x86\n", "qemu", 4);
	run(STATUS_OK, "unavailable: this kernel lacks", "list");
	run(STATUS_OK, "\"unavailable\":[\"id\",\"ordinal\",\"index\",\"slots\",\"io_bus_index\","
	    "\"mmu_unsync_mode\"]", "list --json");
	json = json_loads(output, 0, NULL);
	vm = json_array_get(json_object_get(json, "vms"), 0);
	check(json_is_null(json_object_get(vm, "id")), "id");
	check(json_is_null(json_object_get(vm, "io_bus_index")), "I/O bus index");
	check(json_is_null(json_object_get(vm, "mmu_unsync_mode")), "mode");
	check(json_integer_value(json_object_get(vm, "pid")) == 10, "pid");
	json_decref(json);
	fake_root__remove();
}

static void list_of_none(void)
{
	fake_root__create();
	fake_root__text("/sys/kernel/debug/kvm/halt_exits", "0\n");
	run(STATUS_OK, "\"vms\":[]", "list --json");
	fake_root__remove();
}

/* Root is given up, or "no privilege" could not be met. */
static void drop_privilege(void)
{
	if (!getuid() && (setgid(65534) || setuid(65534))) {
		perror("cannot become an ordinary user");
		exit(1);
	}
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "hist without BTF", no_btf },
		{ "hist without kvm", kvm_not_loaded },
		{ "hist without the tracepoint", no_tracepoint },
		{ "hist with the tracepoint of another event", other_tracepoint },
		{ "hist without privilege", no_privilege },
		{ "list without kvm", no_kvm_in_debugfs },
		{ "list without permission", debugfs_refused },
		{ "list on a patched kernel", list_of_patched },
		{ "list on kernels with earlier series only", list_with_older_queues },
		{ "list on a stock kernel", list_of_stock },
		{ "list without VMs", list_of_none },
		{}
	};

	drop_privilege();
	return ktap_run_all(tests);
}
