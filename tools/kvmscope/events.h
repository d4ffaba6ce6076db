/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The events, in the order in which outputs show them; the first is the default.
 * NAME is that of the files: bpf/NAME.h, bpf/NAME.bpf.c and event_NAME.c, which
 * defines event_NAME.  No guard: each includer defines EVENT() to make a list.
 */
EVENT(memslot)
EVENT(io_bus)
EVENT(mmu_sync)
