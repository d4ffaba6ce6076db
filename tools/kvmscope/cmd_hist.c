// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "fail.h"
#include "hist_options.h"
#include "kernel_check.h"
#include "output.h"
#include "probe.h"
#include "seen_vms.h"
#include "snapshot_json.h"
#include "snapshot_text.h"
#include "text.h"

/*
 * The maps are read and the VMs looked up at least that often: a VM that has
 * died takes with it what was not yet read, and its name.
 */
#define LONGEST_PAUSE	1.0

#define DEFAULT_WIDTH	100

struct session {
	struct hist_options options;
	struct probe *probes[NR_EVENTS];	/* one for each of options.events */
	struct baseline baseline;
	char kernel[65];
	struct seen_vms seen;
	double start;
	double interval_start;
	unsigned int intervals;
	sigset_t ending;	/* the signals that end the session */
	bool stdout_closed;
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int check_vm(const struct session *session)
{
	if (!session->options.vm || seen_vms__has(&session->seen, session->options.vm))
		return STATUS_OK;
	return fail(STATUS_ERROR, "no VM with id %llu: kvmscope list shows the ids",
		    session->options.vm);
}

/* Slots of each map: a VM has that of its ordinal, and some more VMs may come. */
static unsigned int room_for_vms(const struct session *session)
{
	return session->options.max_vms ? session->options.max_vms :
	       seen_vms__room(&session->seen);
}

static int open_probe(struct session *session, size_t i)
{
	const struct hist_options *options = &session->options;
	const struct probe_options probe_options = {
		.event = options->events[i],
		.ordinals = room_for_vms(session),
		.vcpus = options->by & BY_VCPU ? options->max_vcpus : 0,
		.only_vm = options->vm,
		.probes = (unsigned int)options->nr_events,
		.verbose = options->verbose,
	};

	session->probes[i] = probe__new(&probe_options);
	if (!session->probes[i])
		return fail(STATUS_ERROR, "out of memory");
	return probe__open(session->probes[i]);
}

static int open_probes(struct session *session)
{
	const struct hist_options *options = &session->options;
	int status;
	size_t i;

	status = kernel_check__events(options->root, options->events, options->nr_events);
	for (i = 0; i < options->nr_events && !status; i++)
		status = open_probe(session, i);
	return status ? status : check_vm(session);
}

/* Do the same with every probe, until one fails. */
static int with_probes(struct session *session, int (*verb)(struct probe *probe))
{
	int status = STATUS_OK;
	size_t i;

	for (i = 0; i < session->options.nr_events && !status; i++)
		status = verb(session->probes[i]);
	return status;
}

static int end_interval(struct session *session, bool ended)
{
	size_t i;

	for (i = 0; ended && i < session->options.nr_events; i++)
		probe__detach(session->probes[i]);
	return with_probes(session, probe__end_interval);
}

static void begin_interval(struct session *session)
{
	size_t i;

	for (i = 0; i < session->options.nr_events; i++)
		probe__begin_interval(session->probes[i]);
	session->interval_start = now();
}

static int snapshot_of(const struct session *session, const struct probe *probe,
		       enum span span, struct snapshot *snapshot)
{
	const struct tally *tally = probe__tally(probe);
	double end = now();
	size_t i, k;

	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->event = probe__event(probe);
	snapshot->final = span == SPAN_TOTAL;
	snapshot->interval = session->intervals;
	snapshot->seconds = end - (snapshot->final ? session->start : session->interval_start);
	snapshot->time = time(NULL);
	snapshot->by = session->options.by & snapshot->event->by;
	snapshot->baseline = session->baseline;
	strcpy(snapshot->kernel, session->kernel);
	probe__losses(probe, &snapshot->losses);

	snapshot->vms = calloc(session->seen.nr + 1, sizeof(*snapshot->vms));
	if (!snapshot->vms)
		return -ENOMEM;
	for (i = 0; i < session->seen.nr; i++) {
		for (k = 0; k < tally__count(tally); k++) {
			if (tally__get(tally, span, k)->vm_id == session->seen.vms[i].id)
				break;
		}
		if (k < tally__count(tally))
			snapshot->vms[snapshot->nr_vms++] = session->seen.vms[i];
	}
	return snapshot__add_series(snapshot, tally, span, probe__lanes(probe));
}

static unsigned int text_width(const struct session *session)
{
	struct winsize size;

	if (session->options.width)
		return session->options.width;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return DEFAULT_WIDTH;
}

/* One line for each event, and no newline at the end. */
static void print_json(const struct snapshot *snapshots, size_t nr, struct output *output)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (i)
			fputc('\n', output->file);
		json_print(snapshot__to_json(&snapshots[i]), output);
	}
}

static int write_output(const struct session *session, const struct snapshot *snapshots)
{
	struct output output;

	if (output__open(&output))
		return STATUS_ERROR;
	print_json(snapshots, session->options.nr_events, &output);
	return output__write(&output, session->options.output);
}

static int print(struct session *session, const struct snapshot *snapshots)
{
	const struct hist_options *options = &session->options;
	struct output output;
	size_t i;

	if (output__open(&output))
		return STATUS_ERROR;
	if (options->json) {
		print_json(snapshots, options->nr_events, &output);
		fputc('\n', output.file);
	} else {
		for (i = 0; i < options->nr_events; i++)
			snapshot__print_text(&snapshots[i], output.file, text_width(session),
					     text__is_utf8());
	}
	return output__print(&output, &session->stdout_closed);
}

static int show(struct session *session, enum span span)
{
	struct snapshot snapshots[NR_EVENTS] = {};
	int status = STATUS_OK;
	size_t i;

	for (i = 0; i < session->options.nr_events && !status; i++) {
		if (snapshot_of(session, session->probes[i], span, &snapshots[i]))
			status = fail(STATUS_ERROR, "out of memory");
	}
	if (!status && !session->stdout_closed)
		status = print(session, snapshots);
	if (!status && span == SPAN_TOTAL && session->options.output)
		status = write_output(session, snapshots);

	for (i = 0; i < session->options.nr_events; i++)
		snapshot__release(&snapshots[i]);
	return status;
}

/* Wait until @deadline; true if the session was told to end. */
static bool wait_until(const struct session *session, double deadline)
{
	double left = deadline - now();
	struct timespec ts;

	if (left < 0)
		left = 0;
	ts.tv_sec = (time_t)left;
	ts.tv_nsec = (long)((left - (double)ts.tv_sec) * 1e9);
	return sigtimedwait(&session->ending, NULL, &ts) > 0;
}

/*
 * One interval, or with none the whole session.  Sets *ended when it is the last
 * one; then nothing is counted any more when it is read.
 */
static int run_interval(struct session *session, double end, bool last, bool *ended)
{
	double pause;
	int status;

	for (;;) {
		pause = now() + LONGEST_PAUSE;
		*ended = wait_until(session, end && end < pause ? end : pause);
		seen_vms__look(&session->seen, session->options.root);
		if (*ended || (end && now() >= end))
			break;
		status = with_probes(session, probe__read);
		if (status)
			return status;
	}

	*ended |= last;
	return end_interval(session, *ended);
}

static int run(struct session *session)
{
	const struct hist_options *options = &session->options;
	double end = 0, stop = 0;
	bool last, ended = false;
	int status = STATUS_OK;

	session->start = session->interval_start = now();
	if (options->duration)
		stop = session->start + options->duration;

	while (!ended && !status) {
		if (options->interval)
			end = session->start + options->interval * (session->intervals + 1);
		last = options->count && session->intervals + 1 == options->count;
		if (stop && (!end || end >= stop)) {
			end = stop;
			last = true;
		}

		status = run_interval(session, end, last, &ended);
		session->intervals++;
		if (!status && options->interval)
			status = show(session, SPAN_INTERVAL);
		begin_interval(session);

		/* Nobody reads on: stop, but keep what --output asked for. */
		if (session->stdout_closed && !ended) {
			status = end_interval(session, true);
			ended = true;
		}
	}
	return status ? status : show(session, SPAN_TOTAL);
}

static void block_ending_signals(struct session *session)
{
	sigemptyset(&session->ending);
	sigaddset(&session->ending, SIGINT);
	sigaddset(&session->ending, SIGTERM);
	sigaddset(&session->ending, SIGHUP);
	sigprocmask(SIG_BLOCK, &session->ending, NULL);
}

static void say_attached(const struct hist_options *options)
{
	size_t i;

	fprintf(stderr, "kvmscope hist: attached to ");
	for (i = 0; i < options->nr_events; i++)
		fprintf(stderr, "%skvm:%s", text__separator(i, options->nr_events),
			options->events[i]->tracepoint);
	fprintf(stderr, " (tp_btf), ^C ends\n");
}

static int start(struct session *session)
{
	struct utsname name;
	int status, err;

	if (!uname(&name))
		snprintf(session->kernel, sizeof(session->kernel), "%s", name.release);

	seen_vms__look(&session->seen, session->options.root);
	status = open_probes(session);
	if (status)
		return status;

	err = baseline__measure(&session->baseline);
	if (err)
		warn("no baseline: %s", strerror(-err));

	block_ending_signals(session);
	status = with_probes(session, probe__attach);
	if (!status)
		say_attached(&session->options);
	return status;
}

int command_hist(int argc, char **argv)
{
	struct session session = {};
	int status;
	size_t i;

	status = hist_options__parse(&session.options, argc, argv);
	if (!status)
		status = start(&session);
	if (!status)
		status = run(&session);

	for (i = 0; i < session.options.nr_events; i++)
		probe__free(session.probes[i]);
	baseline__release(&session.baseline);
	seen_vms__free(&session.seen);
	return status;
}
