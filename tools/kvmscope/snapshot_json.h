/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_SNAPSHOT_JSON_H
#define KVMSCOPE_SNAPSHOT_JSON_H

#include <jansson.h>

#include "snapshot.h"

struct output;

/* Sums need not fit a double: its digits are those a mean can have. */
#define SNAPSHOT_JSON_FLAGS	(JSON_COMPACT | JSON_REAL_PRECISION(12))

/* Print it on one line, without its end, and free it; NULL is out of memory. */
void json_print(json_t *json, struct output *output);

/* An integer; jansson's end at 2^63 - 1, greater ones are written as that. */
json_t *json_count(__u64 count);

/* "unknown_outcome", for instance: the loss of samples whose outcome is unknown. */
void json_name_unknown(const struct event *event, char *name, size_t size);

/* The members that `list` and `hist` share; NULL when out of memory. */
json_t *json_vm(const struct vm *vm);

/* See docs/kvmscope-json.md; NULL when out of memory. */
json_t *snapshot__to_json(const struct snapshot *snapshot);

#endif /* KVMSCOPE_SNAPSHOT_JSON_H */
