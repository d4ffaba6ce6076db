// SPDX-License-Identifier: GPL-2.0
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
#include "memslot_probe.h"
#include "outfile.h"
#include "snapshot_json.h"
#include "text.h"

/*
 * The maps are read and the VMs looked up at least that often: a VM that has
 * died takes with it what was not yet read, and its name.
 */
#define LONGEST_PAUSE	1.0

#define DEFAULT_WIDTH	100

struct session {
	struct hist_options options;
	struct memslot_probe *probe;
	struct baseline baseline;
	char kernel[65];
	size_t nr_vms;		/* all that were ever seen */
	struct vm *vms;
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

static int remember_vm(struct session *session, const struct vm *vm)
{
	struct vm *vms;
	size_t i;

	for (i = 0; i < session->nr_vms; i++) {
		if (session->vms[i].id == vm->id) {
			/* An exiting process has no command line, and so lost its name. */
			session->vms[i].slots = vm->slots;
			return 0;
		}
	}
	vms = reallocarray(session->vms, session->nr_vms + 1, sizeof(*vms));
	if (!vms)
		return -ENOMEM;
	session->vms = vms;
	session->vms[session->nr_vms++] = *vm;
	return 0;
}

/* Names are only an addition to the ids: without debugfs the rest goes on. */
static void look_up_vms(struct session *session)
{
	struct vm_list *list = NULL;
	char *error = NULL;
	size_t i;

	if (vm_list__read(session->options.root, &list, &error)) {
		free(error);
		return;
	}
	for (i = 0; i < vm_list__count(list); i++) {
		if (vm_list__get(list, i)->patched && remember_vm(session, vm_list__get(list, i)))
			break;
	}
	vm_list__free(list);
}

static int check_vm(const struct session *session)
{
	size_t i;

	if (!session->options.vm)
		return STATUS_OK;
	for (i = 0; i < session->nr_vms; i++) {
		if (session->vms[i].id == session->options.vm)
			return STATUS_OK;
	}
	return fail(STATUS_ERROR, "no VM with id %llu: kvmscope list shows the ids",
		    session->options.vm);
}

static unsigned int room_for_vms(const struct session *session)
{
	unsigned int room = 16;
	size_t i;

	if (session->options.max_vms)
		return session->options.max_vms;
	for (i = 0; i < session->nr_vms; i++) {
		if (session->vms[i].ordinal + 9 > room)
			room = session->vms[i].ordinal + 9;
	}
	return room;
}

static int open_probe(struct session *session)
{
	const struct memslot_probe_options options = {
		.root = session->options.root,
		.ordinals = room_for_vms(session),
		.vcpus = session->options.by & BY_VCPU ? session->options.max_vcpus : 0,
		.only_vm = session->options.vm,
		.verbose = session->options.verbose,
	};
	int status;

	session->probe = memslot_probe__new(&options);
	if (!session->probe)
		return fail(STATUS_ERROR, "out of memory");
	status = memslot_probe__open(session->probe);
	return status ? status : check_vm(session);
}

static int snapshot_of(const struct session *session, enum memslot_span span,
		       struct snapshot *snapshot)
{
	const struct memslot_tally *tally = memslot_probe__tally(session->probe);
	double end = now();
	size_t i, k;

	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->final = span == SPAN_TOTAL;
	snapshot->interval = session->intervals;
	snapshot->seconds = end - (snapshot->final ? session->start : session->interval_start);
	snapshot->time = time(NULL);
	snapshot->by = session->options.by;
	snapshot->baseline = session->baseline;
	strcpy(snapshot->kernel, session->kernel);
	memslot_probe__losses(session->probe, &snapshot->losses);

	snapshot->vms = calloc(session->nr_vms + 1, sizeof(*snapshot->vms));
	if (!snapshot->vms)
		return -ENOMEM;
	for (i = 0; i < session->nr_vms; i++) {
		for (k = 0; k < memslot_tally__count(tally); k++) {
			if (memslot_tally__get(tally, span, k)->vm_id == session->vms[i].id)
				break;
		}
		if (k < memslot_tally__count(tally))
			snapshot->vms[snapshot->nr_vms++] = session->vms[i];
	}
	return snapshot__add_series(snapshot, tally, span, memslot_probe__lanes(session->probe));
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

static int write_output(const struct session *session, const struct snapshot *snapshot)
{
	json_t *json = snapshot__to_json(snapshot);
	char *text = json ? json_dumps(json, SNAPSHOT_JSON_FLAGS) : NULL;
	int status;

	json_decref(json);
	if (!text)
		return fail(STATUS_ERROR, "out of memory");
	status = outfile__write(session->options.output, text, strlen(text));
	free(text);
	return status;
}

/* All of it at once, so that a reader never sees half an interval. */
static int print(struct session *session, const struct snapshot *snapshot)
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	json_t *json;
	int status;

	if (!memory)
		return fail(STATUS_ERROR, "out of memory");
	if (session->options.json) {
		json = snapshot__to_json(snapshot);
		json_dumpf(json, memory, SNAPSHOT_JSON_FLAGS);
		fputc('\n', memory);
		json_decref(json);
	} else {
		snapshot__print_text(snapshot, memory, text_width(session), text__is_utf8());
	}
	fclose(memory);

	status = outfile__print(text, size, &session->stdout_closed);
	free(text);
	return status;
}

static int show(struct session *session, enum memslot_span span)
{
	struct snapshot snapshot;
	int status = STATUS_OK;

	if (snapshot_of(session, span, &snapshot))
		status = fail(STATUS_ERROR, "out of memory");
	if (!status && !session->stdout_closed)
		status = print(session, &snapshot);
	if (!status && snapshot.final && session->options.output)
		status = write_output(session, &snapshot);

	snapshot__release(&snapshot);
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
		look_up_vms(session);
		if (*ended || (end && now() >= end))
			break;
		status = memslot_probe__read(session->probe);
		if (status)
			return status;
	}

	*ended |= last;
	if (*ended)
		memslot_probe__detach(session->probe);
	return memslot_probe__end_interval(session->probe);
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
		memslot_probe__begin_interval(session->probe);
		session->interval_start = now();

		/* Nobody reads on: stop, but keep what --output asked for. */
		if (session->stdout_closed && !ended) {
			memslot_probe__detach(session->probe);
			status = memslot_probe__end_interval(session->probe);
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

static int start(struct session *session)
{
	struct utsname name;
	int status, err;

	if (!uname(&name))
		snprintf(session->kernel, sizeof(session->kernel), "%s", name.release);

	look_up_vms(session);
	status = open_probe(session);
	if (status)
		return status;

	err = baseline__measure(&session->baseline);
	if (err)
		warn("no baseline: %s", strerror(-err));

	block_ending_signals(session);
	status = memslot_probe__attach(session->probe);
	if (!status)
		fprintf(stderr, "kvmscope hist: attached to kvm:kvm_memslot_lookup (tp_btf), ^C ends\n");
	return status;
}

int command_hist(int argc, char **argv)
{
	struct session session = {};
	int status;

	status = hist_options__parse(&session.options, argc, argv);
	if (!status)
		status = start(&session);
	if (!status)
		status = run(&session);

	memslot_probe__free(session.probe);
	baseline__release(&session.baseline);
	free(session.vms);
	return status;
}
