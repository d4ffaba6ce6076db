// SPDX-License-Identifier: GPL-2.0-only
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "html.h"
#include "report_chart.h"
#include "text.h"

/* report.html, embedded by the Makefile. */
extern const char page_html[];

struct report {
	FILE *file;
	const struct snapshot *snapshots;
	const char *const *names;
	size_t nr;
	size_t nr_events;
	const struct event *events[NR_EVENTS];
	bool several_files;

	size_t nr_panels;
	struct report_panel *panels;
	size_t nr_labels;		/* in order of appearance: they get the colours */
	char (*labels)[160];
};

static unsigned int colour_of(struct report *report, const char *label)
{
	size_t i;

	for (i = 0; i < report->nr_labels; i++) {
		if (!strcmp(report->labels[i], label))
			return i % REPORT_COLOURS;
	}
	strcpy(report->labels[report->nr_labels++], label);
	return i % REPORT_COLOURS;
}

static struct report_panel *panel_of(struct report *report, const struct event *event,
				     const char *title)
{
	struct report_panel *panel;
	size_t i;

	for (i = 0; i < report->nr_panels; i++) {
		panel = &report->panels[i];
		if (panel->event == event && !strcmp(panel->title, title))
			return panel;
	}
	panel = &report->panels[report->nr_panels++];
	panel->event = event;
	strcpy(panel->title, title);
	return panel;
}

static int add_series(struct report *report, size_t source, const struct row *row)
{
	const struct snapshot *snapshot = &report->snapshots[source];
	struct report_series *series;
	struct report_panel *panel;
	char title[64], label[96];

	snapshot__panel_title(snapshot, row, title, sizeof(title));
	panel = panel_of(report, snapshot->event, title);

	series = reallocarray(panel->series, panel->nr_series + 1, sizeof(*series));
	if (!series)
		return -ENOMEM;
	panel->series = series;
	series += panel->nr_series++;

	snapshot__row_title(snapshot, row, label, sizeof(label));
	series->row = row;
	if (report->several_files)
		snprintf(series->label, sizeof(series->label), "%.60s: %s",
			 report->names[source], label);
	else
		snprintf(series->label, sizeof(series->label), "%s", label);
	series->colour = colour_of(report, series->label);
	return 0;
}

static void note_event(struct report *report, const struct event *event)
{
	size_t i;

	for (i = 0; i < report->nr_events; i++) {
		if (report->events[i] == event)
			return;
	}
	report->events[report->nr_events++] = event;
}

static int arrange(struct report *report)
{
	size_t rows = 1, i, k;

	for (i = 0; i < report->nr; i++) {
		note_event(report, report->snapshots[i].event);
		report->several_files |= report->names[i] != report->names[0];
	}

	for (i = 0; i < report->nr; i++)
		rows += report->snapshots[i].nr_rows;
	report->panels = calloc(rows, sizeof(*report->panels));
	report->labels = calloc(rows, sizeof(*report->labels));
	if (!report->panels || !report->labels)
		return -ENOMEM;

	for (i = 0; i < report->nr; i++) {
		for (k = 0; k < report->snapshots[i].nr_rows; k++) {
			if (add_series(report, i, &report->snapshots[i].rows[k]))
				return -ENOMEM;
		}
	}
	return 0;
}

/* The slower series against the one with the lowest median. */
static void print_comparison(const struct report *report, const struct report_panel *panel)
{
	FILE *file = report->file;
	const struct report_series *best = NULL, *series;
	const struct summary *summary;
	__u64 lowest = 0, median;
	size_t i, compared = 0;

	for (i = 0; i < panel->nr_series; i++) {
		summary = &panel->series[i].row->summary;
		if (!summary->count)
			continue;
		median = summary->raw.percentiles[P50];
		compared++;
		if (!best || median < lowest) {
			best = &panel->series[i];
			lowest = median;
		}
	}
	/* A comparison of dozens is the table's. */
	if (compared < 2 || compared > REPORT_COLOURS || !lowest)
		return;

	fprintf(file, "<p class=\"verdict\">Lowest median: ");
	html__text(file, best->label);
	fprintf(file, ", <strong>");
	html__number(file, lowest);
	fprintf(file, " cycles</strong>.");
	for (i = 0; i < panel->nr_series; i++) {
		series = &panel->series[i];
		if (series == best || !series->row->summary.count)
			continue;
		median = series->row->summary.raw.percentiles[P50];
		fprintf(file, " ");
		html__text(file, series->label);
		if (median == lowest)
			fprintf(file, " takes the same.");
		else
			fprintf(file, " takes <strong>%.2f×</strong> as long.",
				(double)median / (double)lowest);
	}
	fprintf(file, "</p>\n");
}

static void print_cell(FILE *file, const struct figure *figure)
{
	fputs("<td>", file);
	if (figure->kind == FIGURE_COUNT)
		html__number(file, figure->count);
	else if (figure->kind == FIGURE_REAL)
		fprintf(file, "%.1f", figure->real);
	else
		fputs("–", file);
	fputs("</td>", file);
}

static void print_table_row(FILE *file, const struct report_series *series)
{
	struct figure figures[NR_FIGURES];
	size_t i;

	fprintf(file, "<tr><th scope=\"row\"><b class=\"key s%u\"></b>", series->colour);
	html__text(file, series->label);
	fprintf(file, "</th>");
	summary__figures(&series->row->summary, figures);
	for (i = 0; i < NR_FIGURES; i++)
		print_cell(file, &figures[i]);
	fprintf(file, "<td>");
	html__number(file, series->row->disturbed);
	fprintf(file, "</td></tr>\n");
}

static void print_table(FILE *file, const struct report_panel *panel)
{
	size_t i;

	fprintf(file, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
	html__text(file, panel->title);
	fprintf(file, ", figures\"><table><thead><tr><th scope=\"col\">cycles</th>"
		"<th scope=\"col\">count</th><th scope=\"col\">mean</th>");
	for (i = 0; i < NR_PERCENTILES; i++)
		fprintf(file, "<th scope=\"col\">%s</th>", summary_percentiles[i].title);
	fprintf(file, "<th scope=\"col\">max</th>"
		"<th scope=\"col\" title=\"mean without the cost of reading the clock\">net mean</th>"
		"<th scope=\"col\" title=\"%s\">%s</th>"
		"<th scope=\"col\" title=\"samples hit by an interrupt or a context switch; only "
		"counted\">disturbed</th></tr></thead><tbody>\n", panel->event->work.meaning, panel->event->work.name);
	for (i = 0; i < panel->nr_series; i++)
		print_table_row(file, &panel->series[i]);
	fprintf(file, "</tbody></table></div>\n");
}

/* What the outcome means, for those who do not have them by heart. */
static const char *explanation(const struct report_panel *panel)
{
	size_t i = event__outcome_order(panel->event, panel->series[0].row->outcome);

	return i < panel->event->nr_outcomes ? panel->event->outcomes[i].meaning :
	       "All outcomes together.";
}

static void print_panel(const struct report *report, size_t number)
{
	const struct report_panel *panel = &report->panels[number];
	FILE *file = report->file;
	size_t i;

	fprintf(file, "<section>\n<h2>");
	if (report->nr_events > 1)
		fprintf(file, "%s: ", panel->event->place);
	html__text(file, panel->title);
	fprintf(file, "</h2>\n<p class=\"what\">%s</p>\n", explanation(panel));
	print_comparison(report, panel);

	fprintf(file, "<figure>\n<ul class=\"legend\">");
	for (i = 0; i < panel->nr_series; i++) {
		fprintf(file, "<li><b class=\"key s%u\"></b>", panel->series[i].colour);
		html__text(file, panel->series[i].label);
		fprintf(file, "</li>");
	}
	fprintf(file, "</ul>\n");
	report_chart__print(file, panel, 2 * (unsigned int)number, false);
	report_chart__print(file, panel, 2 * (unsigned int)number + 1, true);
	fprintf(file, "<figcaption>Height: share of the %ss per eighth of an octave, about a "
		"bucket. The fastest and the slowest 0.5 %% are in the table only.</figcaption>\n"
		"</figure>\n", panel->event->sample);
	print_table(file, panel);
	fprintf(file, "</section>\n");
}

static void print_time(FILE *file, __u64 seconds)
{
	time_t time = (time_t)seconds;
	char text[64];
	struct tm tm;

	if (gmtime_r(&time, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &tm))
		fprintf(file, "%s", text);
}

static __u64 disturbed_of(const struct snapshot *snapshot)
{
	__u64 disturbed = 0;
	size_t i;

	for (i = 0; i < snapshot->nr_rows; i++)
		disturbed += snapshot->rows[i].disturbed;
	return disturbed;
}

static void print_lost(FILE *file, const struct snapshot *snapshot)
{
	const struct losses *losses = &snapshot->losses;

	fprintf(file, "<dt>Not in the histograms</dt><dd>disturbed ");
	html__number(file, disturbed_of(snapshot));
	fprintf(file, ", missed ");
	html__number(file, losses->missed);
	fprintf(file, ", lost with dead VMs ");
	html__number(file, losses->rekeyed);
	fprintf(file, ", beyond the map ");
	html__number(file, losses->beyond_map);
	if (losses->unknown_kind) {
		fprintf(file, ", unknown %s ", snapshot->event->unknown);
		html__number(file, losses->unknown_kind);
	}
	fprintf(file, "</dd>");
}

static void print_vm(FILE *file, const struct event *event, const struct vm *vm)
{
	fprintf(file, "<dt>VM %llu</dt><dd>", vm->id);
	html__text(file, vm->name);
	if (*vm__index(vm, event)) {
		fprintf(file, ", ");
		html__text(file, vm__index(vm, event));
		fprintf(file, " %s", event->index.noun);
	}
	if (event->slots_matter) {
		fprintf(file, ", ");
		html__number(file, vm->slots);
		fprintf(file, " memslots");
	}
	fprintf(file, "</dd>");
}

static void print_source(const struct report *report, size_t number)
{
	const struct snapshot *snapshot = &report->snapshots[number];
	FILE *file = report->file;
	size_t i;

	fprintf(file, "<dl>");
	if (report->several_files) {
		fprintf(file, "<dt>File</dt><dd>");
		html__text(file, report->names[number]);
		fprintf(file, "</dd>");
	}
	if (report->nr_events > 1)
		fprintf(file, "<dt>Counted</dt><dd>%s</dd>", snapshot->event->subject);
	fprintf(file, "<dt>Taken</dt><dd>");
	print_time(file, snapshot->time);
	fprintf(file, ", over %.1f s%s</dd><dt>Kernel</dt><dd>Linux ", snapshot->seconds,
		snapshot->final ? "" : " (one interval)");
	html__text(file, snapshot->kernel);
	fprintf(file, "</dd>");

	for (i = 0; i < snapshot->nr_vms; i++)
		print_vm(file, snapshot->event, &snapshot->vms[i]);

	fprintf(file, "<dt>Baseline</dt><dd>");
	if (snapshot->baseline.nr_cpus) {
		fprintf(file, "an empty pair of clock reads takes ");
		html__number(file, snapshot->baseline.median);
		fprintf(file, " cycles (median of %zu CPU%s, fastest ", snapshot->baseline.nr_cpus,
			snapshot->baseline.nr_cpus == 1 ? "" : "s");
		html__number(file, snapshot->baseline.min);
		fprintf(file, ")</dd>");
	} else {
		fprintf(file, "not measured</dd>");
	}
	print_lost(file, snapshot);
	fprintf(file, "</dl>\n");
}

static void print_body(const struct report *report)
{
	size_t i;

	for (i = 0; i < report->nr; i++)
		print_source(report, i);
	if (!report->nr_panels)
		fprintf(report->file, "<p class=\"empty\">Nothing was counted.</p>\n");
	for (i = 0; i < report->nr_panels; i++)
		print_panel(report, i);
}

/* "lookups and syncs": what samples of several events are called, each word once. */
static void print_samples(const struct report *report)
{
	const char *words[NR_EVENTS];
	size_t nr = 0, i, k;

	for (i = 0; i < report->nr_events; i++) {
		for (k = 0; k < nr && strcmp(words[k], report->events[i]->sample);)
			k++;
		words[k] = report->events[i]->sample;
		if (k == nr)
			nr++;
	}
	for (i = 0; i < nr; i++)
		fprintf(report->file, "%s%ss", text__separator(i, nr), words[i]);
}

static void print_title(const struct report *report)
{
	if (report->nr_events == 1)
		fputs(report->events[0]->subject, report->file);
	else
		print_samples(report);
}

static void print_question(const struct report *report)
{
	if (report->nr_events == 1) {
		fputs(report->events[0]->question, report->file);
		return;
	}
	fputs("How long KVM's ", report->file);
	print_samples(report);
	fputs(" take", report->file);
}

static void print_lead(const struct report *report)
{
	FILE *file = report->file;
	size_t i;

	fprintf(file, "TSC cycles that ");
	for (i = 0; i < report->nr_events; i++)
		fprintf(file, "%s%s", text__separator(i, report->nr_events),
			report->events[i]->subject);
	fprintf(file, " took inside the kernel, from the tracepoint%s ",
		report->nr_events > 1 ? "s" : "");
	for (i = 0; i < report->nr_events; i++)
		fprintf(file, "%skvm:%s", text__separator(i, report->nr_events),
			report->events[i]->tracepoint);
	fprintf(file, ".");
}

static void print_version(const struct report *report)
{
	fputs(VERSION, report->file);
}

/* The template with what is in {{}} filled in. */
static void print_page(const struct report *report)
{
	static const struct {
		const char *mark;
		void (*print)(const struct report *report);
	} marks[] = {
		{ "{{title}}", print_title },
		{ "{{question}}", print_question },
		{ "{{lead}}", print_lead },
		{ "{{body}}", print_body },
		{ "{{version}}", print_version },
	};
	const char *rest = page_html, *open;
	size_t i, length;

	while ((open = strstr(rest, "{{"))) {
		fwrite(rest, 1, open - rest, report->file);
		for (i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
			length = strlen(marks[i].mark);
			if (!strncmp(open, marks[i].mark, length))
				break;
		}
		if (i < sizeof(marks) / sizeof(*marks)) {
			marks[i].print(report);
			rest = open + length;
		} else {
			fwrite(open, 1, 2, report->file);
			rest = open + 2;
		}
	}
	fputs(rest, report->file);
}

int report__print(FILE *file, const struct snapshot *snapshots, const char *const *names,
		  size_t nr)
{
	struct report report = {
		.file = file, .snapshots = snapshots, .names = names, .nr = nr,
	};
	int err = arrange(&report);
	size_t i;

	if (!err)
		print_page(&report);

	for (i = 0; report.panels && i < report.nr_panels; i++)
		free(report.panels[i].series);
	free(report.panels);
	free(report.labels);
	return err;
}
