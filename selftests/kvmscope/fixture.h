/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_SELFTESTS_FIXTURE_H
#define KVMSCOPE_SELFTESTS_FIXTURE_H

#include "snapshot.h"

/*
 * A snapshot that is the same everywhere: two VMs with two indexes, every outcome,
 * with samples from a fixed generator.  One VM's name tries to break out of HTML.
 */
void fixture__fill(struct snapshot *snapshot, const struct event *event, unsigned int by);
void fixture__release(struct snapshot *snapshot);

#endif /* KVMSCOPE_SELFTESTS_FIXTURE_H */
