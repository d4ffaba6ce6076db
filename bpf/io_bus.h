/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_IO_BUS_H
#define KVMSCOPE_IO_BUS_H

/*
 * What io_bus.bpf.c and user space share.  A slot's work is the candidates: the
 * devices that were offered the access.
 */

/* enum kvm_bus */
enum io_bus {
	IO_BUS_MMIO,
	IO_BUS_PIO,
	IO_BUS_CCW,
	IO_BUS_FAST_MMIO,
	IO_BUS_IOCSR,
	IO_BUSES,
};

enum io_bus_outcome {
	IO_BUS_CLAIMED,		/* a device accepted the access */
	IO_BUS_ABSENT,		/* none did */
	IO_BUS_OUTCOMES,
};

/* The kinds of struct hist_slot: each bus and outcome.  An unknown bus has none. */
#define IO_BUS_KINDS	(IO_BUSES * IO_BUS_OUTCOMES)

static inline __attribute__((always_inline, unused))
__u32 io_bus_kind(__u32 bus, _Bool found)
{
	return bus * IO_BUS_OUTCOMES + (found ? IO_BUS_CLAIMED : IO_BUS_ABSENT);
}

#endif /* KVMSCOPE_IO_BUS_H */
