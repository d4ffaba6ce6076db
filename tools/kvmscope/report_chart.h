/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_REPORT_CHART_H
#define KVMSCOPE_REPORT_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "snapshot.h"

/* Colours of the page's style sheet; more series than that share them. */
#define REPORT_COLOURS	6

/* One histogram in a panel. */
struct report_series {
	const struct row *row;
	char label[160];
	unsigned int colour;
};

/* Histograms to be compared with each other: they share one chart and one table. */
struct report_panel {
	const struct event *event;
	char title[64];
	size_t nr_series;
	struct report_series *series;
};

/* A panel's chart as SVG, for wide or narrow screens; @number makes its ids unique. */
void report_chart__print(FILE *file, const struct report_panel *panel, unsigned int number,
			 bool narrow);

#endif /* KVMSCOPE_REPORT_CHART_H */
