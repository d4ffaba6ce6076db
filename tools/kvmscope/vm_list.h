/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_VM_LIST_H
#define KVMSCOPE_VM_LIST_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "event.h"

/* What debugfs and /proc tell about one VM. */
struct vm {
	pid_t pid;
	int fd;			/* of the VM in that process */
	bool patched;		/* id, ordinal and slots are known */
	__u64 id;		/* never reused, from 1 on */
	__u32 ordinal;		/* small, reused */
	__u64 slots;		/* memslots in use */
	char index[NR_EVENTS][16];	/* by the event's number; "" where unknown */
	char name[64];		/* QEMU's -name, else the command's name */
};

/* Name of the implementation of what @event measures; "" if unknown, or without a choice. */
const char *vm__index(const struct vm *vm, const struct event *event);

/* Cut to what struct vm has room for, and cleaned. */
void vm__set_index(struct vm *vm, const struct event *event, const char *name);

/*
 * Memslots are the VM's, whatever its events: outputs have their number once, behind
 * the index of the first event.
 */
bool vm__slots_follow(const struct event *event);

/* The VMs of this host, sorted by id, or by pid and fd where there are no ids. */
struct vm_list;

/*
 * Read the VMs below @root ("" for the real system).  Returns an exit status; on
 * failure *error holds one line with cause and cure, to be freed by the caller.
 */
int vm_list__read(const char *root, struct vm_list **list, char **error);
void vm_list__free(struct vm_list *list);

size_t vm_list__count(const struct vm_list *list);
const struct vm *vm_list__get(const struct vm_list *list, size_t i);

/* False if any VM lacks id, ordinal and slots. */
bool vm_list__is_patched(const struct vm_list *list);

/* False if any VM lacks the name of @event's index, although the event has indexes. */
bool vm_list__has_index(const struct vm_list *list, const struct event *event);

#endif /* KVMSCOPE_VM_LIST_H */
