// SPDX-License-Identifier: GPL-2.0-only
#include "event.h"

#include "hist_slot.h"
#include "io_bus.h"
#include "io_bus.skel.h"

static const char *const buses[IO_BUSES] = {
	[IO_BUS_MMIO] = "mmio",
	[IO_BUS_PIO] = "pio",
	[IO_BUS_CCW] = "ccw",
	[IO_BUS_FAST_MMIO] = "fast-mmio",
	[IO_BUS_IOCSR] = "iocsr",
};

static const struct event_term outcomes[IO_BUS_OUTCOMES] = {
	[IO_BUS_CLAIMED] = {
		"claimed", "A device on the bus accepted the access; its own time is not included."
	},
	[IO_BUS_ABSENT] = {
		"absent", "No device on the bus accepted the access: KVM goes on without one."
	},
};

const struct event event_io_bus = {
	.name = "io-bus",
	.series = "io-bus",
	.tracepoint = "kvm_io_bus_lookup",
	EVENT_PROGRAM(io_bus, io_bus_lookup),

	.by = BY_VM | BY_VCPU | BY_BUS | BY_INDEX | BY_OUTCOME,
	.nr_buses = IO_BUSES,
	.buses = buses,
	.nr_outcomes = IO_BUS_OUTCOMES,
	.outcomes = outcomes,

	.index = {
		.file = "io_bus_index", .json = "io_bus_index", .title = "IO-BUS",
		.noun = "index", .width = 8,
		/* By enum kvm_io_bus_index. */
		.names = { "linear", "bsearch", "hash" },
	},

	.subject = "I/O bus lookups",
	.sample = "lookup",
	.place = "I/O bus",
	.question = "How long KVM looks for a device on an I/O bus",
	.unknown = "bus",
	.work = { "candidates", "devices offered the access per lookup" },
};
