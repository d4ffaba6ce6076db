// SPDX-License-Identifier: GPL-2.0
#include "event.h"

#include <string.h>

const char *const by_names[NR_BY] = { "vm", "vcpu", "bus", "index", "outcome" };

static const struct event *const events[] = { &event_memslot, &event_io_bus };

#define NR_EVENTS	(sizeof(events) / sizeof(*events))
_Static_assert(NR_EVENTS <= MAX_EVENTS, "MAX_EVENTS");

const struct event *event__get(size_t i)
{
	return i < NR_EVENTS ? events[i] : NULL;
}

const struct event *event__by_name(const char *name)
{
	size_t i;

	for (i = 0; i < NR_EVENTS; i++) {
		if (!strcmp(events[i]->name, name))
			return events[i];
	}
	return NULL;
}

const struct event *event__by_metric(const char *metric)
{
	size_t i;

	for (i = 0; i < NR_EVENTS; i++) {
		if (!strcmp(events[i]->metric, metric))
			return events[i];
	}
	return NULL;
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
