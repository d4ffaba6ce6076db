/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_SNAPSHOT_LOAD_H
#define KVMSCOPE_SNAPSHOT_LOAD_H

#include <jansson.h>

#include "snapshot.h"

/*
 * The reverse of snapshot__to_json().  On failure returns an exit status, the
 * error having been reported with @name as the culprit.
 */
int snapshot__from_json(struct snapshot *snapshot, const json_t *json, const char *name);

#endif /* KVMSCOPE_SNAPSHOT_LOAD_H */
