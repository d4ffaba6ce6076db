// SPDX-License-Identifier: GPL-2.0-only
#include "seen_vms.h"

#include <stdlib.h>

#define LEAST_ROOM	16
#define MORE_VMS	8

static struct vm *find(const struct seen_vms *seen, __u64 id)
{
	size_t i;

	for (i = 0; i < seen->nr; i++) {
		if (seen->vms[i].id == id)
			return &seen->vms[i];
	}
	return NULL;
}

static bool remember(struct seen_vms *seen, const struct vm *vm)
{
	struct vm *known = find(seen, vm->id), *vms;

	if (known) {
		/* An exiting process has no command line, and so lost its name. */
		known->slots = vm->slots;
		return true;
	}
	vms = reallocarray(seen->vms, seen->nr + 1, sizeof(*vms));
	if (!vms)
		return false;
	seen->vms = vms;
	seen->vms[seen->nr++] = *vm;
	return true;
}

void seen_vms__look(struct seen_vms *seen, const char *root)
{
	struct vm_list *list = NULL;
	char *error = NULL;
	size_t i;

	if (vm_list__read(root, &list, &error)) {
		free(error);
		return;
	}
	for (i = 0; i < vm_list__count(list); i++) {
		if (vm_list__get(list, i)->patched && !remember(seen, vm_list__get(list, i)))
			break;
	}
	vm_list__free(list);
}

bool seen_vms__has(const struct seen_vms *seen, __u64 id)
{
	return find(seen, id);
}

unsigned int seen_vms__room(const struct seen_vms *seen)
{
	unsigned int room = LEAST_ROOM;
	size_t i;

	for (i = 0; i < seen->nr; i++) {
		if (seen->vms[i].ordinal + 1 + MORE_VMS > room)
			room = seen->vms[i].ordinal + 1 + MORE_VMS;
	}
	return room;
}

void seen_vms__free(struct seen_vms *seen)
{
	free(seen->vms);
}
