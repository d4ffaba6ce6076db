// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvmscope: watch KVM's hot paths.  This file finds the subcommand.
 */
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "events_help.h"
#include "fail.h"
#include "output.h"

static const struct {
	const char *name;
	const char *full_name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "list", "kvmscope list", command_list },
	{ "hist", "kvmscope hist", command_hist },
	{ "report", "kvmscope report", command_report },
};

static const char help_before_events[] =
	"usage: kvmscope COMMAND [OPTION...]\n"
	"Watch hot paths of KVM with eBPF.\n"
	"\n"
	"  list      the virtual machines of this host\n"
	"  hist      histograms of the cycles that KVM takes for events:\n";

static const char help_after_events[] =
	"  report    one self-contained page of histograms saved by hist\n"
	"\n"
	"kvmscope COMMAND --help tells more; so does kvmscope(1).\n"
	"\n"
	"Examples:\n"
	"  kvmscope list                                  which VMs are there\n"
	"  kvmscope hist 1                                gfn lookups of all VMs, every second\n"
	"  kvmscope hist 1 --event io-bus,mmu-sync        I/O bus lookups, and syncs\n"
	"  kvmscope hist --duration 10 --output ten.json  save ten seconds\n"
	"  kvmscope report ten.json -o ten.html           look at them in a browser\n"
	"\n"
	"Exit status: 0 fine; 1 a failure at run time; 2 a wrong command line; 3 no\n"
	"privilege; 4 the kernel lacks something (BTF, kvm, the tracepoint, debugfs).\n";

static int print_help(void)
{
	struct output output;
	bool closed;

	if (output__open(&output))
		return STATUS_ERROR;
	fputs(help_before_events, output.file);
	events_help__list(output.file, "            ");
	fputs(help_after_events, output.file);
	return output__print(&output, &closed);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	size_t i;

	/* Nothing else of the locale: a comma would break JSON and HTML. */
	setlocale(LC_CTYPE, "");
	/* argp would let it break the layout of --help. */
	unsetenv("ARGP_HELP_FMT");
	/* A closed pipe is then an error of the write, and ends hist cleanly. */
	signal(SIGPIPE, SIG_IGN);

	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (!strcmp(name, commands[i].name)) {
			argv[1] = (char *)commands[i].full_name;
			return commands[i].run(argc - 1, argv + 1);
		}
	}

	if (!strcmp(name, "--help") || !strcmp(name, "-?") || !strcmp(name, "help"))
		return print_help();
	if (!strcmp(name, "--version") || !strcmp(name, "-V"))
		return command_print("kvmscope " VERSION "\n");
	if (!*name)
		return fail(STATUS_USAGE,
			    "no command: say list, hist or report; see kvmscope --help");
	return fail(STATUS_USAGE, "unknown command \"%s\": say list, hist or report; see "
		    "kvmscope --help", name);
}
