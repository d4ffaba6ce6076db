#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# cli.sh: command line errors, exit statuses, and files of the real binary, as KTAP.
# Needs neither root nor a VM.
set -euo pipefail

if [[ ${1:-} == --help ]]; then
	cat <<-'HELP'
	usage: selftests/kvmscope/cli.sh
	Runs build/kvmscope/kvmscope with wrong command lines, broken files and full
	disks, and checks exit status, the one line it says, and what it leaves behind.
	HELP
	exit 0
fi

cd "${BASH_SOURCE[0]%/*}/../.."
# shellcheck source=tools/lib/ktap.sh
. tools/lib/ktap.sh
kvmscope=${KVMSCOPE_BUILD:-build}/kvmscope/kvmscope
[[ -x $kvmscope ]] || { echo "Bail out! $kvmscope is not built: run 'make kvmscope'"; exit 1; }
golden=selftests/kvmscope/golden
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

problem=

# fails WHAT: remember the first problem of a test.
fails() {
	[[ -n $problem ]] || problem=$1
}

# expect STATUS TEXT ARG…: kvmscope ARG… exits with STATUS and says TEXT, in one
# line if it is an error.
expect() {
	local status=$1 text=$2 got=0 output
	shift 2
	output=$("$kvmscope" "$@" 2>&1 </dev/null) || got=$?
	[[ $got == "$status" ]] || fails "'$*': status $got, not $status"
	[[ $output == *"$text"* ]] || fails "'$*': no '$text' in '$output'"
	[[ $status == 0 || $output != *$'\n'* ]] || fails "'$*': more than a line"
}

# ends NAME: one result, with the first problem since the last one.
ends() {
	local status=0
	[[ -z $problem ]] || status=1
	result $status "$1" "$problem"
	problem=
}

# filled_in: of the page on stdin, what golden_test.c compares.
filled_in() {
	sed -n '/^<title>/p; /^<header>$/,/^<\/main>$/p'
}

# page_is FILE WANTED WHAT: the page in FILE is the golden one named WANTED.
page_is() {
	cmp -s <(filled_in <"$1") "$golden/$2" || fails "$3"
}

# No leftovers: only the files named may be in the folder.
only_files() {
	local found
	found=$(ls -A "$tmp")
	[[ $found == "$*" ]] || fails "left behind: $found"
	rm -rf "${tmp:?}"/*
}

test_commands() {
	expect 2 'no command: say list'
	expect 2 'unknown command "hits"' hits
	expect 0 'Examples:' --help
	expect 0 'kvmscope 0.' --version
	for command in list hist report; do
		expect 0 'Examples:' "$command" --help
		expect 0 'Usage:' "$command" --usage
		expect 0 'kvmscope 0.' "$command" --version
		expect 2 'bad option or missing value at "--bogus"' "$command" --bogus
	done
	ends 'commands and help'
}

test_hist_arguments() {
	local bad
	for bad in 0 -1 x 1x nan inf 1,5 1e99 ''; do
		expect 2 'bad interval' hist -- "$bad"
		expect 2 'bad duration' hist --duration="$bad"
	done
	for bad in 0 -1 x 1.5 ' 1' 99999999999999999999 ''; do
		expect 2 'bad count' hist -- 1 "$bad"
		expect 2 'bad VM id' hist --vm="$bad"
		expect 2 'bad number of VMs' hist --max-vms="$bad"
		expect 2 'bad number of vCPUs' hist --max-vcpus="$bad"
		expect 2 'bad width' hist --width="$bad"
	done
	expect 2 'bad number of VMs' hist --max-vms=4097
	expect 2 'bad argument' hist 1 2 3
	expect 2 'bad key "cpu"' hist --by cpu
	expect 2 'bad key ""' hist --by vm,
	expect 2 'bad key ""' hist --by=
	expect 2 'bad event "iobus": --event takes memslot' hist --event iobus
	expect 2 'bad event ""' hist --event memslot,
	expect 2 'bad event ""' hist --event=
	expect 2 'missing value at "--event"' hist --event
	expect 2 '--by bus: only I/O bus lookups have one: add --event io-bus' hist --by vm,bus
	expect 2 'rows of --event memslot apart by' hist --event memslot,io-bus --by bus
	expect 2 'bad output' hist --output=
	expect 2 'both COUNT and --duration' hist 1 2 --duration 3
	expect 2 'missing value at "--vm"' hist --vm
	expect 2 'unexpected "x"' list x
	expect 2 'no FILE' report
	ends 'bad arguments'
}

test_json_errors() {
	local output status=0
	output=$("$kvmscope" hist --json 0 2>/dev/null) || status=$?
	[[ $status == 2 ]] || fails "status $status"
	python3 -c 'import json, sys; assert "bad interval" in json.loads(sys.argv[1])["error"]' \
		"$output" || fails "not an error object: $output"
	output=$("$kvmscope" hist --json "$(printf '\377\033"')" 2>/dev/null) || :
	python3 -c 'import json, sys; json.loads(sys.argv[1])["error"]' "$output" ||
		fails "hostile bytes break the object: $output"
	ends 'errors under --json are JSON on stdout'
}

test_report() {
	"$kvmscope" report "$golden/hist.json" -o "$tmp/page.html" || fails 'failed'
	page_is "$tmp/page.html" report.body 'not the golden page'
	"$kvmscope" report - <"$golden/hist.json" >"$tmp/stdin.html" || fails 'stdin failed'
	cmp -s "$tmp/stdin.html" "$tmp/page.html" || fails 'differs from stdin'
	"$kvmscope" report "$golden/hist.json" "$golden/hist.json" -o "$tmp/both.html" || fails 'two files'
	grep -q 'hist.json: VM 3' "$tmp/both.html" || fails 'two files are not told apart'
	only_files both.html$'\n'page.html$'\n'stdin.html
	ends 'report'
}

# The final object counts, wherever it is; without one the last interval.
test_report_of_lines() {
	sed 's/"type":"final"/"type":"interval"/; s/"kernel":"7.3.4"/"kernel":"first"/' \
		"$golden/hist.json" >"$tmp/lines"
	echo >>"$tmp/lines"
	sed 's/"type":"final"/"type":"interval"/; s/"kernel":"7.3.4"/"kernel":"second"/' \
		"$golden/hist.json" >>"$tmp/lines"
	"$kvmscope" report "$tmp/lines" | grep -q 'Linux second' || fails 'not the last interval'
	{ cat "$golden/hist.json"; echo; cat "$tmp/lines"; } >"$tmp/final"
	"$kvmscope" report "$tmp/final" | grep -q 'Linux 7.3.4' || fails 'not the final object'
	only_files final$'\n'lines
	ends 'report of JSON lines'
}

# Both events of one file are on the page, each by its own final object.
test_report_of_events() {
	sed 's/"type":"final"/"type":"interval"/; s/"kernel":"7.3.4"/"kernel":"early"/' \
		"$golden/io-bus.json" >"$tmp/lines"
	{ echo; cat "$golden/hist.json"; echo; cat "$golden/io-bus.json"; } >>"$tmp/lines"
	"$kvmscope" report "$tmp/lines" -o "$tmp/page.html" || fails 'failed'
	# The golden page has them in another order; what is compared is the same.
	cmp -s <(filled_in <"$tmp/page.html" | wc -l) <(wc -l <"$golden/both.body") || fails 'not the golden lines'
	grep -q early "$tmp/page.html" && fails 'the interval was taken'
	grep -q '<h2>Memslots: cached' "$tmp/page.html" || fails 'no gfn lookups'
	grep -q '<h2>I/O bus: pio, claimed' "$tmp/page.html" || fails 'no I/O bus lookups'
	cat "$golden/hist.json" <(echo) "$golden/io-bus.json" >"$tmp/lines"
	page_is <("$kvmscope" report "$tmp/lines") both.body 'not the golden page'
	echo '{"error":"No space left"}' >>"$tmp/lines"
	page_is <("$kvmscope" report "$tmp/lines") both.body 'an error at the end'
	cat "$golden/mmu-sync.json" <(echo) "$golden/hist.json" >"$tmp/lines"
	"$kvmscope" report "$tmp/lines" -o "$tmp/page.html" || fails 'with syncs: failed'
	grep -q '<h2>Memslots: cached' "$tmp/page.html" || fails 'with syncs: no gfn lookups'
	grep -q '<h2>Shadow MMU: root' "$tmp/page.html" || fails 'no syncs'
	only_files lines$'\n'page.html
	ends 'report of two events in one file'
}

test_report_errors() {
	expect 1 'cannot open' report "$tmp/none"
	expect 1 'cannot read' report "$tmp"
	: >"$tmp/in"
	expect 1 'is empty' report "$tmp/in"
	echo 'hello' >"$tmp/in"
	expect 1 'not JSON' report "$tmp/in"
	head -c 2000 "$golden/hist.json" >"$tmp/in"
	expect 1 'cut off' report "$tmp/in" -o "$tmp/out"
	echo '{}' >"$tmp/in"
	expect 1 'not from kvmscope' report "$tmp/in"
	echo '[1]' >"$tmp/in"
	expect 1 'not from kvmscope' report "$tmp/in"
	echo '{"error":"no BTF"}' >"$tmp/in"
	expect 1 'holds an error, no histograms: no BTF' report "$tmp/in"
	sed 's/"version":1/"version":2/' "$golden/hist.json" >"$tmp/in"
	expect 1 'version 2' report "$tmp/in"
	sed 's/"metric":"memslot_lookup"/"metric":"nonesuch"/' "$golden/hist.json" >"$tmp/in"
	expect 1 'unknown metric "nonesuch"' report "$tmp/in"
	sed 's/"metric":"memslot_lookup",//' "$golden/hist.json" >"$tmp/in"
	expect 1 'bad or missing member "metric"' report "$tmp/in"
	sed 's/"bus":"pio"/"bus":7/' "$golden/io-bus.json" >"$tmp/in"
	expect 1 'bad or missing member "bus"' report "$tmp/in"
	sed 's/"io_bus_index":"[a-z]*"/"io_bus_index":7/' "$golden/io-bus.json" >"$tmp/in"
	expect 1 'bad or missing member "io_bus_index"' report "$tmp/in"
	sed 's/"mmu_unsync_mode":"[a-z-]*"/"mmu_unsync_mode":7/' "$golden/hist.json" >"$tmp/in"
	expect 1 'bad or missing member "mmu_unsync_mode"' report "$tmp/in"
	sed 's/"synced":/"steps":/' "$golden/mmu-sync.json" >"$tmp/in"
	expect 1 'bad or missing member "synced"' report "$tmp/in"
	sed 's/"candidates":/"steps":/' "$golden/io-bus.json" >"$tmp/in"
	expect 1 'bad or missing member "candidates"' report "$tmp/in"
	sed 's/"count":41230/"count":41231/' "$golden/hist.json" >"$tmp/in"
	expect 1 'bad or missing member "count"' report "$tmp/in"
	sed 's/"ge":64,/"ge":65,/' "$golden/hist.json" >"$tmp/in"
	expect 1 'bad or missing member "ge"' report "$tmp/in"
	sed 's/"baseline":{[^}]*}[^}]*}\]}/"baseline":7/' "$golden/hist.json" >"$tmp/in"
	expect 1 'bad or missing member' report "$tmp/in" -o "$tmp/out"
	only_files in
	ends 'report refuses what is no saved histogram'
}

# What is no regular file must be written to, not replaced: tried on a pipe first,
# for root could replace /dev/full.
test_full_disk() {
	mkfifo "$tmp/pipe"
	cat "$tmp/pipe" >"$tmp/page.html" &
	"$kvmscope" report "$golden/hist.json" -o "$tmp/pipe" || fails 'into a pipe'
	if [[ -p $tmp/pipe ]]; then
		wait $!
		page_is "$tmp/page.html" report.body 'not the page in the pipe'
		expect 1 'No space left on device: make room' report "$golden/hist.json" -o /dev/full
	else
		fails 'the pipe was replaced'
		kill $!
	fi
	rm "$tmp/pipe" "$tmp/page.html"
	expect 1 'cannot write' report "$golden/hist.json" -o "$tmp/none/page.html"
	only_files ''

	# A write that fails halfway leaves what was there before, and nothing else.
	echo before >"$tmp/page.html"
	local status=0
	(ulimit -f 8; trap '' XFSZ; exec "$kvmscope" report "$golden/hist.json" \
		-o "$tmp/page.html" 2>/dev/null) || status=$?
	[[ $status == 1 ]] || fails "half a file: status $status"
	[[ $(<"$tmp/page.html") == before ]] || fails 'the old file is gone'
	only_files page.html
	ends 'a full disk leaves no half file'
}

# cannot_print ARG…: with stdout full, kvmscope ARG… says so on stderr, in one line.
cannot_print() {
	local status=0 said
	said=$("$kvmscope" "$@" 2>&1 >/dev/full </dev/null) || status=$?
	[[ $status == 1 ]] || fails "'$*': status $status"
	[[ $said =~ ^kvmscope[a-z\ ]*:\ standard\ output:\ No\ space\ left\ on\ device$ ]] ||
		fails "'$*' says '$said'"
}

test_full_stdout() {
	local command
	mkdir -p "$tmp/root/sys/kernel/debug/kvm"
	cannot_print --help
	cannot_print --version
	for command in list hist report; do
		cannot_print "$command" --help
		cannot_print "$command" --usage
		cannot_print "$command" --version
	done
	cannot_print list --root "$tmp/root"
	cannot_print list --json --root "$tmp/root"
	cannot_print report "$golden/hist.json"
	only_files root
	ends 'a full standard output is an error with a cause'
}

# An error that has no room on stdout is not lost.
test_full_json_error() {
	local status=0 said
	said=$("$kvmscope" hist --json 0 2>&1 >/dev/full) || status=$?
	[[ $status == 2 ]] || fails "status $status"
	[[ $said == 'kvmscope hist: bad interval "0"'* ]] || fails "says '$said'"
	ends 'an error under --json is on stderr if stdout is full'
}

test_closed_pipe() {
	local status=0 arguments
	mkfifo "$tmp/pipe"
	for arguments in --help --version 'hist --help' 'list --version'; do
		# Its only reader has gone before anything is written.
		exec 8<>"$tmp/pipe" 9>"$tmp/pipe" 8<&-
		# shellcheck disable=SC2086 # words
		"$kvmscope" $arguments >&9 2>"$tmp/err" || fails "'$arguments': status $?"
		exec 9>&-
		[[ ! -s $tmp/err ]] || fails "'$arguments' says $(<"$tmp/err")"
	done
	rm "$tmp/pipe"
	"$kvmscope" report "$golden/hist.json" "$golden/hist.json" "$golden/hist.json" 2>"$tmp/err" |
		: || status=${PIPESTATUS[0]}
	[[ $status == 0 ]] || fails "status $status"
	[[ ! -s $tmp/err ]] || fails "says $(<"$tmp/err")"
	only_files err
	ends 'a closed pipe is no error'
}

test_input_as_output() {
	cp "$golden/hist.json" "$tmp/hist.json"
	ln -s hist.json "$tmp/link"
	expect 2 'is the input: name another file' report "$tmp/hist.json" -o "$tmp/hist.json"
	expect 2 'is the input: name another file' report "$golden/hist.json" "$tmp/link" -o "$tmp/hist.json"
	cmp -s "$tmp/hist.json" "$golden/hist.json" || fails 'the input was replaced'
	only_files hist.json$'\n'link
	ends 'no page takes the place of its input'
}

test_symbolic_link() {
	ln -s real "$tmp/link"
	echo old >"$tmp/real"
	"$kvmscope" report "$golden/hist.json" -o "$tmp/link" || fails 'failed'
	[[ -L $tmp/link ]] || fails 'the link was replaced'
	page_is "$tmp/real" report.body 'its target was not written'
	only_files link$'\n'real
	ends 'output through a symbolic link'
}

# A locale with a decimal comma, compiled here: the machine need not have one, but
# the package locales must be there to compile it from.
test_comma_locale() {
	localedef -c -f UTF-8 -i de_DE "$tmp/comma" >/dev/null 2>&1 || :
	if [[ $(LOCPATH=$tmp LC_ALL='' LC_NUMERIC=comma bash -c 'printf %.1f 0,5' 2>/dev/null) != 0,5 ]]; then
		rm -rf "$tmp/comma"
		skip 'JSON and HTML in a comma locale' 'needs the package locales'
		return
	fi
	page_is <(LOCPATH=$tmp LC_ALL=comma "$kvmscope" report "$golden/hist.json") report.body \
		'the page differs'
	LOCPATH=$tmp LC_ALL=comma "${kvmscope%/*}/golden_test" "$golden" >"$tmp/results" ||
		fails "$(grep -v '^ok' "$tmp/results")"
	rm "$tmp/results"
	local output
	output=$(LOCPATH=$tmp LC_ALL=comma "$kvmscope" hist 1,5 2>&1) || :
	[[ $output == *'bad interval'* ]] || fails '1,5 is taken for a number'
	only_files comma
	ends 'JSON and HTML in a comma locale'
}

test_manual() {
	local page=tools/kvmscope/kvmscope.1 option command
	for command in list hist report; do
		for option in $("$kvmscope" "$command" --usage | grep -o -- '--[a-z-]*' | sort -u); do
			grep -qF -- "${option//-/\\-}" "$page" || fails "kvmscope.1 lacks $command $option"
		done
	done
	ends 'the manual has every option'
}

# Help and the refusal of an unknown event name every event that there is.
test_events_in_help() {
	local event column
	for event in tools/kvmscope/event_*.c; do
		event=$(sed -n 's/^\t\.name = "\(.*\)",$/\1/p' "$event")
		expect 0 "  $event: " --help
		expect 0 "  $event, " hist --help
		expect 2 "$event" hist --event none
	done
	column=$({ "$kvmscope" --help; "$kvmscope" hist --help; } | wc -L)
	((column <= 88)) || fails "a line of $column columns"
	ends 'help names every event'
}

test_environment() {
	ARGP_HELP_FMT=rmargin=40 "$kvmscope" hist --help >"$tmp/a"
	"$kvmscope" hist --help >"$tmp/b"
	cmp -s "$tmp/a" "$tmp/b" || fails 'ARGP_HELP_FMT changes the help'
	only_files a$'\n'b
	ends 'nothing but LC_CTYPE comes from the environment'
}

plan 17
test_commands
test_hist_arguments
test_json_errors
test_report
test_report_of_lines
test_report_of_events
test_report_errors
test_full_disk
test_full_stdout
test_full_json_error
test_closed_pipe
test_input_as_output
test_symbolic_link
test_comma_locale
test_environment
test_manual
test_events_in_help
finish
