/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_SEEN_VMS_H
#define KVMSCOPE_SEEN_VMS_H

#include "vm_list.h"

/*
 * All VMs that were ever seen: one that has died is gone from debugfs, but not from
 * the histograms.
 */
struct seen_vms {
	size_t nr;
	struct vm *vms;
};

/*
 * Add those that exist now below @root.  Names are only an addition to the ids, so
 * without debugfs, or without memory, nothing is added.
 */
void seen_vms__look(struct seen_vms *seen, const char *root);
bool seen_vms__has(const struct seen_vms *seen, __u64 id);
/* How many ordinals there should be room for: those in use, and some more. */
unsigned int seen_vms__room(const struct seen_vms *seen);
void seen_vms__free(struct seen_vms *seen);

#endif /* KVMSCOPE_SEEN_VMS_H */
