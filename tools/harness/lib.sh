# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# lib.sh: building the kernel tree's tools/testing/kvm, and fuzzing with it. Source
# after say.sh and paths.sh.

# How a fuzzer is run, for a test or for long.
fuzzer_asan_options=malloc_context_size=0:quarantine_size_mb=1
fuzzer_flags=(-max_len=128 -entropic=0 -detect_leaks=0)

harness_directory() {
	echo "${HARNESS_TREE:-$KVMSCOPE_BUILD/linux}/tools/testing/kvm"
}

harness_needed() {
	[[ -f $(harness_directory)/Makefile ]] ||
		die "$(harness_directory) is missing; run 'make tree', or set HARNESS_TREE"
}

# The fuzzers there are, as VARIANT/SUBJECT_fuzz, one a line.
harness_fuzzers() {
	make -s -C "$(harness_directory)" list-fuzzers
}

# harness_make OUTPUT ARGUMENT…: one at a time for each output, as several tests
# want the same objects.
harness_make() {
	local output=$1 log lock directory
	directory=$(harness_directory)
	shift
	harness_needed
	mkdir -p "$output"
	log=$output/build.$$.log
	exec {lock}>"$output/.lock"
	flock "$lock"
	make -C "$directory" --no-print-directory -j"$(nproc)" O="$output" CLANG=clang-14 \
		EXTRA_CFLAGS=-Werror "$@" >"$log" 2>&1 {lock}>&- || {
		show_first_errors "$log"
		die "the harness does not build; the whole log: ${log#"$KVMSCOPE_ROOT"/}"
	}
	rm -f "$log"
	exec {lock}>&-
}
