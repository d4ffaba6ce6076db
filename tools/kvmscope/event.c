// SPDX-License-Identifier: GPL-2.0-only
#include "event.h"

#include <string.h>

const char *const by_names[NR_BY] = { "vm", "vcpu", "bus", "index", "outcome" };

static const struct event *const events[] = {
#define EVENT(name)	&event_##name,
#include "events.h"
#undef EVENT
};

const struct event *event__get(size_t number)
{
	return number < NR_EVENTS ? events[number] : NULL;
}

size_t event__number(const struct event *event)
{
	size_t i = 0;

	while (events[i] != event)
		i++;
	return i;
}

static bool has_name(const struct event *event, const char *name)
{
	return !strcmp(event->name, name);
}

static bool has_metric(const struct event *event, const char *metric)
{
	return !strcmp(event->metric, metric);
}

static const struct event *find(bool (*has)(const struct event *event, const char *word),
				const char *word)
{
	size_t i;

	for (i = 0; i < NR_EVENTS; i++) {
		if (has(events[i], word))
			return events[i];
	}
	return NULL;
}

const struct event *event__by_name(const char *name)
{
	return find(has_name, name);
}

const struct event *event__by_metric(const char *metric)
{
	return find(has_metric, metric);
}

__u32 event__kinds(const struct event *event)
{
	return (__u32)(event->nr_buses * event->nr_outcomes);
}

const char *event__bus(const struct event *event, __u32 kind)
{
	return event->buses ? event->buses[kind / event->nr_outcomes] : "";
}

const char *event__outcome(const struct event *event, __u32 kind)
{
	return event->outcomes[kind % event->nr_outcomes].name;
}

const char *event__index(const struct event *event, __u32 index)
{
	const size_t nr = sizeof(event->index.names) / sizeof(*event->index.names);

	return index < nr ? event->index.names[index] : NULL;
}

size_t event__bus_order(const struct event *event, const char *bus)
{
	size_t i;

	for (i = 0; event->buses && i < event->nr_buses; i++) {
		if (!strcmp(event->buses[i], bus))
			return i;
	}
	return event->nr_buses;
}

size_t event__outcome_order(const struct event *event, const char *outcome)
{
	size_t i;

	for (i = 0; i < event->nr_outcomes; i++) {
		if (!strcmp(event->outcomes[i].name, outcome))
			return i;
	}
	return event->nr_outcomes;
}
