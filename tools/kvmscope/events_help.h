/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_EVENTS_HELP_H
#define KVMSCOPE_EVENTS_HELP_H

#include <stdio.h>

/*
 * What --help and errors say of events, made from their table.  Each writes on
 * where it is, and ends no line but those of a list.
 */

/* "memslot: gfn lookups" and so on, one a line, each behind @indent */
void events_help__list(FILE *file, const char *indent);

/* "memslot (gfn lookups), io-bus (I/O bus lookups)" */
void events_help__subjects(FILE *file);

/* "vm, vcpu, bus (of io-bus only), …": what rows are told apart by */
void events_help__keys(FILE *file);

/* Each event with its outcomes and their meanings, on lines of their own. */
void events_help__outcomes(FILE *file);

#endif /* KVMSCOPE_EVENTS_HELP_H */
