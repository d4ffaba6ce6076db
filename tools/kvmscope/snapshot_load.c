// SPDX-License-Identifier: GPL-2.0-only
#include "snapshot_load.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "hist.h"
#include "json_version.h"
#include "snapshot_json.h"
#include "text.h"

/*
 * Each member that is read must be as snapshot__to_json() writes it, or the document
 * is unusable: the functions return false, and name what they missed.  Members that
 * follow from others (means, percentiles, "le", "net") and unknown ones are passed
 * over.
 */
struct reader {
	const char *missing;
};

static const json_t *member(struct reader *reader, const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (!value)
		reader->missing = name;
	return value;
}

static bool get_count(struct reader *reader, const json_t *object, const char *name,
		      __u64 *count)
{
	const json_t *value = member(reader, object, name);

	if (!json_is_integer(value) || json_integer_value(value) < 0) {
		reader->missing = name;
		return false;
	}
	*count = json_integer_value(value);
	return true;
}

static bool get_int(struct reader *reader, const json_t *object, const char *name, int least,
		    int *number)
{
	const json_t *value = member(reader, object, name);

	if (!json_is_integer(value) || json_integer_value(value) < least ||
	    json_integer_value(value) > INT_MAX) {
		reader->missing = name;
		return false;
	}
	*number = (int)json_integer_value(value);
	return true;
}

static bool get_seconds(struct reader *reader, const json_t *object, double *seconds)
{
	const json_t *value = member(reader, object, "seconds");

	if (!json_is_number(value) || json_number_value(value) < 0) {
		reader->missing = "seconds";
		return false;
	}
	*seconds = json_number_value(value);
	return true;
}

static bool get_string(struct reader *reader, const json_t *object, const char *name,
		       char *string, size_t size)
{
	const json_t *value = member(reader, object, name);

	if (!json_is_string(value)) {
		reader->missing = name;
		return false;
	}
	snprintf(string, size, "%s", json_string_value(value));
	text__clean(string);
	return true;
}

static bool get_array(struct reader *reader, const json_t *object, const char *name,
		      const json_t **array)
{
	*array = member(reader, object, name);
	if (!json_is_array(*array))
		reader->missing = name;
	return json_is_array(*array);
}

/* Of the keys that rows of @event can be told apart by; 0 if it is none. */
static unsigned int find_key(const struct event *event, const json_t *name)
{
	size_t i;

	for (i = 0; i < NR_BY; i++) {
		if (json_is_string(name) && !strcmp(json_string_value(name), by_names[i]))
			return event->by & (1U << i);
	}
	return 0;
}

static bool read_by(struct reader *reader, const json_t *json, struct snapshot *snapshot)
{
	const json_t *by, *entry;
	unsigned int key;
	size_t i;

	if (!get_array(reader, json, "by", &by))
		return false;
	json_array_foreach(by, i, entry) {
		key = find_key(snapshot->event, entry);
		if (!key || (snapshot->by & key)) {
			reader->missing = "by";
			return false;
		}
		snapshot->by |= key;
	}
	return true;
}

/* Memory for the entries of an array, SIZE bytes each; NULL if it is missing, too. */
static void *room_for(struct reader *reader, const json_t *object, const char *name,
		      const json_t **array, size_t size)
{
	return get_array(reader, object, name, array) ?
	       calloc(json_array_size(*array) + 1, size) : NULL;
}

/* What an empty pair of clock reads takes, in cycles. */
static bool get_cost(struct reader *reader, const json_t *json, __u64 *min, __u64 *median)
{
	return get_count(reader, json, "min", min) && get_count(reader, json, "median", median);
}

static bool read_cpu(struct reader *reader, const json_t *json, struct baseline_cpu *cpu)
{
	return get_int(reader, json, "cpu", 0, &cpu->cpu) &&
	       get_cost(reader, json, &cpu->min, &cpu->median);
}

static bool read_baseline(struct reader *reader, const json_t *json, struct baseline *baseline)
{
	const json_t *object = member(reader, json, "baseline"), *cpus, *entry;
	size_t i;

	if (json_is_null(object))
		return true;
	if (!get_cost(reader, object, &baseline->min, &baseline->median))
		return false;
	baseline->cpus = room_for(reader, object, "cpus", &cpus, sizeof(*baseline->cpus));
	if (!baseline->cpus)
		return false;

	json_array_foreach(cpus, i, entry) {
		if (!read_cpu(reader, entry, &baseline->cpus[i]))
			return false;
		baseline->nr_cpus++;
	}
	return true;
}

/* Missing in files of versions that did not know the event, and null where unknown. */
static bool read_indexes(struct reader *reader, const json_t *json, struct vm *vm)
{
	const struct event *event;
	const json_t *value;
	size_t i;

	for (i = 0; (event = event__get(i)); i++) {
		value = event->index.file ? json_object_get(json, event->index.json) : NULL;
		if (json_is_string(value)) {
			vm__set_index(vm, event, json_string_value(value));
		} else if (value && !json_is_null(value)) {
			reader->missing = event->index.json;
			return false;
		}
	}
	return true;
}

static bool read_vms(struct reader *reader, const json_t *json, struct snapshot *snapshot)
{
	const json_t *vms, *entry;
	struct vm *vm;
	int ordinal;
	size_t i;

	snapshot->vms = room_for(reader, json, "vms", &vms, sizeof(*snapshot->vms));
	if (!snapshot->vms)
		return false;

	json_array_foreach(vms, i, entry) {
		vm = &snapshot->vms[i];
		if (!get_count(reader, entry, "id", &vm->id) ||
		    !get_int(reader, entry, "ordinal", 0, &ordinal) ||
		    !get_int(reader, entry, "pid", 0, &vm->pid) ||
		    !get_int(reader, entry, "fd", 0, &vm->fd) ||
		    !get_count(reader, entry, "slots", &vm->slots) ||
		    !get_string(reader, entry, "name", vm->name, sizeof(vm->name)) ||
		    !read_indexes(reader, entry, vm))
			return false;
		vm->patched = true;
		vm->ordinal = (__u32)ordinal;
		snapshot->nr_vms++;
	}
	return true;
}

static bool read_buckets(struct reader *reader, const json_t *json, struct hist *hist)
{
	const json_t *buckets, *entry;
	__u64 ge, count;
	__u32 bucket;
	size_t i;

	if (!get_array(reader, json, "buckets", &buckets))
		return false;
	json_array_foreach(buckets, i, entry) {
		if (!get_count(reader, entry, "ge", &ge) ||
		    !get_count(reader, entry, "count", &count))
			return false;
		bucket = hist_bucket(ge);
		if (hist_bucket_ge(bucket) != ge) {
			reader->missing = "ge";
			return false;
		}
		hist__add_bucket(hist, bucket, count);
	}
	return true;
}

static bool read_row(struct reader *reader, const json_t *json, struct snapshot *snapshot)
{
	struct row *row = snapshot__add_row(snapshot);
	unsigned int by = snapshot->by;
	__u64 count, sum, max = 0;

	if (!row)
		return false;
	if (((by & BY_VM) && !get_count(reader, json, "vm", &row->vm)) ||
	    ((by & BY_VCPU) && !get_int(reader, json, "vcpu", VCPU_OTHER, &row->vcpu)) ||
	    ((by & BY_BUS) && !get_string(reader, json, "bus", row->bus, sizeof(row->bus))) ||
	    ((by & BY_INDEX) && !get_string(reader, json, "index", row->index,
					    sizeof(row->index))) ||
	    ((by & BY_OUTCOME) && !get_string(reader, json, "outcome", row->outcome,
					      sizeof(row->outcome))) ||
	    !get_count(reader, json, "count", &count) ||
	    !get_count(reader, json, "sum", &sum) ||
	    !get_count(reader, json, snapshot->event->work.name, &row->work) ||
	    !get_count(reader, json, "disturbed", &row->disturbed) ||
	    (count && !get_count(reader, json, "max", &max)) ||
	    !read_buckets(reader, json, row->cycles))
		return false;

	hist__add_sum(row->cycles, sum);
	hist__raise_max(row->cycles, max);
	if (hist__count(row->cycles) != count) {
		reader->missing = "count";
		return false;
	}
	return true;
}

static bool read_rows(struct reader *reader, const json_t *json, struct snapshot *snapshot)
{
	const json_t *rows, *entry;
	size_t i;

	if (!get_array(reader, json, "rows", &rows))
		return false;
	json_array_foreach(rows, i, entry) {
		if (!read_row(reader, entry, snapshot))
			return false;
	}
	return true;
}

static bool read_head(struct reader *reader, const json_t *json, struct snapshot *snapshot)
{
	const json_t *lost = member(reader, json, "lost");
	struct losses *losses = &snapshot->losses;
	char type[16], unit[16], unknown[32];
	int interval;

	json_name_unknown(snapshot->event, unknown, sizeof(unknown));
	if (!get_string(reader, json, "type", type, sizeof(type)) ||
	    !get_string(reader, json, "unit", unit, sizeof(unit)) ||
	    !get_string(reader, json, "kernel", snapshot->kernel, sizeof(snapshot->kernel)) ||
	    !get_count(reader, json, "time", &snapshot->time) ||
	    !get_int(reader, json, "interval", 0, &interval) ||
	    !get_seconds(reader, json, &snapshot->seconds) ||
	    !get_count(reader, lost, "missed", &losses->missed) ||
	    !get_count(reader, lost, "rekeyed", &losses->rekeyed) ||
	    !get_count(reader, lost, "beyond_map", &losses->beyond_map))
		return false;
	if (!get_count(reader, lost, unknown, &losses->unknown_kind)) {
		reader->missing = "unknown_*";
		return false;
	}

	snapshot->final = !strcmp(type, "final");
	snapshot->interval = (unsigned int)interval;
	if (!snapshot->final && strcmp(type, "interval"))
		reader->missing = "type";
	else if (strcmp(unit, "cycles"))
		reader->missing = "unit";
	else
		return true;
	return false;
}

int snapshot__from_json(struct snapshot *snapshot, const json_t *json, const char *name)
{
	const json_t *error = json_object_get(json, "error");
	struct reader reader = {};
	char metric[32];
	__u64 version;

	memset(snapshot, 0, sizeof(*snapshot));
	if (json_is_string(error))
		return fail(STATUS_ERROR, "%s holds an error, no histograms: %s", name,
			    json_string_value(error));
	if (!get_count(&reader, json, "version", &version))
		return fail(STATUS_ERROR, "%s: not from kvmscope: make it with kvmscope hist "
			    "--json", name);
	if (version != JSON_VERSION)
		return fail(STATUS_ERROR, "%s: version %llu of the format, this kvmscope reads %d",
			    name, version, JSON_VERSION);
	if (get_string(&reader, json, "metric", metric, sizeof(metric))) {
		snapshot->event = event__by_metric(metric);
		if (!snapshot->event)
			return fail(STATUS_ERROR, "%s: unknown metric \"%s\": use the kvmscope "
				    "that made it", name, metric);
	}

	if (snapshot->event && read_head(&reader, json, snapshot) &&
	    read_by(&reader, json, snapshot) &&
	    read_baseline(&reader, json, &snapshot->baseline) &&
	    read_vms(&reader, json, snapshot) && read_rows(&reader, json, snapshot)) {
		snapshot__summarize(snapshot);
		return STATUS_OK;
	}

	snapshot__release(snapshot);
	baseline__release(&snapshot->baseline);
	return fail(STATUS_ERROR, "%s: bad or missing member \"%s\": make it with kvmscope hist "
		    "--json", name, reader.missing ? reader.missing : "(out of memory)");
}
