// SPDX-License-Identifier: GPL-2.0-only
#include "snapshot_json.h"

#include <stdint.h>

#include "hist.h"
#include "json_version.h"
#include "output.h"

void json_print(json_t *json, struct output *output)
{
	if (json_dumpf(json, output->file, SNAPSHOT_JSON_FLAGS))
		output->failed = true;
	json_decref(json);
}

json_t *json_count(__u64 count)
{
	return json_integer(count > INT64_MAX ? INT64_MAX : (json_int_t)count);
}

/* Of no samples there is no mean and no percentile. */
static json_t *count_or_null(__u64 count, bool known)
{
	return known ? json_count(count) : json_null();
}

static json_t *real_or_null(double real, bool known)
{
	return known ? json_real(real) : json_null();
}

json_t *json_vm(const struct vm *vm)
{
	const struct event *event;
	const char *index;
	json_t *json;
	size_t i;

	json = json_pack("{s:o, s:o, s:s, s:i, s:i}", "id", count_or_null(vm->id, vm->patched),
			 "ordinal", count_or_null(vm->ordinal, vm->patched),
			 "name", vm->name, "pid", vm->pid, "fd", vm->fd);

	for (i = 0; (event = event__get(i)); i++) {
		index = vm__index(vm, event);
		if (event->index.file)
			json_object_set_new(json, event->index.json,
					    *index ? json_string(index) : json_null());
		if (vm__slots_follow(event))
			json_object_set_new(json, "slots", count_or_null(vm->slots, vm->patched));
	}
	return json;
}

static json_t *by_to_json(unsigned int by)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < NR_BY; i++) {
		if (by & (1U << i))
			json_array_append_new(array, json_string(by_names[i]));
	}
	return array;
}

static json_t *baseline_to_json(const struct baseline *baseline)
{
	json_t *cpus;
	size_t i;

	if (!baseline->nr_cpus)
		return json_null();

	cpus = json_array();
	for (i = 0; i < baseline->nr_cpus; i++)
		json_array_append_new(cpus, json_pack("{s:i, s:o, s:o}",
			"cpu", baseline->cpus[i].cpu,
			"min", json_count(baseline->cpus[i].min),
			"median", json_count(baseline->cpus[i].median)));
	return json_pack("{s:o, s:o, s:o}", "min", json_count(baseline->min),
			 "median", json_count(baseline->median), "cpus", cpus);
}

static json_t *buckets_to_json(const struct hist *hist)
{
	json_t *array = json_array(), *le;
	__u32 i;

	for (i = 0; i < HIST_BUCKETS; i++) {
		if (!hist__bucket(hist, i))
			continue;
		le = i == HIST_LAST ? json_string("+Inf") : json_count(hist_bucket_le(i));
		json_array_append_new(array, json_pack("{s:o, s:o, s:o}",
			"ge", json_count(hist_bucket_ge(i)), "le", le,
			"count", json_count(hist__bucket(hist, i))));
	}
	return array;
}

static void add_cycles(json_t *json, const struct summary_cycles *cycles, bool any)
{
	size_t i;

	json_object_set_new(json, "mean", real_or_null(cycles->mean, any));
	for (i = 0; i < NR_PERCENTILES; i++)
		json_object_set_new(json, summary_percentiles[i].json,
				    count_or_null(cycles->percentiles[i], any));
}

static json_t *net_to_json(const struct summary *summary, const struct baseline *baseline)
{
	json_t *net;

	if (!baseline->nr_cpus)
		return json_null();
	net = json_object();
	add_cycles(net, &summary->net, summary->has_net);
	return net;
}

static json_t *row_to_json(const struct snapshot *snapshot, const struct row *row)
{
	const struct summary *summary = &row->summary;
	json_t *json = json_object();

	if (snapshot->by & BY_VM)
		json_object_set_new(json, "vm", json_count(row->vm));
	if (snapshot->by & BY_VCPU)
		json_object_set_new(json, "vcpu", json_integer(row->vcpu));
	if (snapshot->by & BY_BUS)
		json_object_set_new(json, "bus", json_string(row->bus));
	if (snapshot->by & BY_INDEX)
		json_object_set_new(json, "index", json_string(row->index));
	if (snapshot->by & BY_OUTCOME)
		json_object_set_new(json, "outcome", json_string(row->outcome));

	json_object_set_new(json, "count", json_count(summary->count));
	json_object_set_new(json, "sum", json_count(hist__sum(row->cycles)));
	add_cycles(json, &summary->raw, summary->count);
	json_object_set_new(json, "max", count_or_null(summary->max, summary->count));
	json_object_set_new(json, "net", net_to_json(summary, &snapshot->baseline));
	json_object_set_new(json, snapshot->event->work.name, json_count(row->work));
	json_object_set_new(json, "disturbed", json_count(row->disturbed));
	json_object_set_new(json, "buckets", buckets_to_json(row->cycles));
	return json;
}

void json_name_unknown(const struct event *event, char *name, size_t size)
{
	snprintf(name, size, "unknown_%s", event->unknown);
}

json_t *snapshot__to_json(const struct snapshot *snapshot)
{
	const struct losses *losses = &snapshot->losses;
	json_t *vms = json_array(), *rows = json_array();
	char unknown[32];
	size_t i;

	json_name_unknown(snapshot->event, unknown, sizeof(unknown));

	for (i = 0; i < snapshot->nr_vms; i++)
		json_array_append_new(vms, json_vm(&snapshot->vms[i]));
	for (i = 0; i < snapshot->nr_rows; i++)
		json_array_append_new(rows, row_to_json(snapshot, &snapshot->rows[i]));

	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:o, s:i, s:f, s:o, s:o, s:o, s:o,"
			 " s:{s:o, s:o, s:o, s:o}}",
			 "version", JSON_VERSION,
			 "type", snapshot->final ? "final" : "interval",
			 "metric", snapshot->event->metric, "unit", "cycles",
			 "kernel", snapshot->kernel, "time", json_count(snapshot->time),
			 "interval", (int)snapshot->interval, "seconds", snapshot->seconds,
			 "by", by_to_json(snapshot->by),
			 "baseline", baseline_to_json(&snapshot->baseline),
			 "vms", vms, "rows", rows,
			 "lost", "missed", json_count(losses->missed),
			 "rekeyed", json_count(losses->rekeyed),
			 "beyond_map", json_count(losses->beyond_map),
			 unknown, json_count(losses->unknown_kind));
}
