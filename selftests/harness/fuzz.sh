#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# fuzz.sh: a fixed number of inputs finds nothing, with each fuzzer; and a fuzzer of
# each subject does find a mistake that was made on purpose.
set -euo pipefail

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd -P)
# shellcheck source=tools/lib/say.sh
. "$here/../../tools/lib/say.sh"
# shellcheck source=tools/lib/paths.sh
. "$here/../../tools/lib/paths.sh"
# shellcheck source=tools/harness/lib.sh
. "$here/../../tools/harness/lib.sh"
# shellcheck source=tools/lib/ktap.sh
. "$here/../../tools/lib/ktap.sh"

build=$KVMSCOPE_BUILD/harness
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# fuzz PROGRAM RUNS
fuzz() {
	ASAN_OPTIONS=$fuzzer_asan_options \
		"$1" "${fuzzer_flags[@]}" -runs="$2" -seed=1 -artifact_prefix="$scratch/"
}

finds_nothing() {
	local output
	output=$(fuzz "$build/$1" 20000 2>&1) || { echo "$output"; return 1; }
	has "$output" '^Done 20000 runs'
}

# finds_mistake SUBJECT FUZZER: the first one of the subject in mutations.txt.
finds_mistake() {
	local mutant=$KVMSCOPE_BUILD/harness-mutant output file expression
	IFS='|' read -r _ _ file expression < <(grep -m 1 -E "\| [a-z-]+/$1_test" "$here/mutations.txt")
	rm -rf "$mutant/kvm"
	mkdir -p "$mutant"
	cp -r "$(harness_directory)/../../../virt/kvm" "$mutant/kvm"
	sed -i "$expression" "$mutant/kvm/${file//[[:space:]]/}"
	harness_make "$mutant/out" KVM="$mutant/kvm" "$mutant/out/$2"
	output=$(fuzz "$mutant/out/$2" 20000 2>&1) && return 1
	has "$output" 'Test unit written to' || return 1
	compgen -G "$scratch/crash-*" >/dev/null
}

mapfile -t fuzzers < <(harness_fuzzers)
declare -A last
for fuzzer in "${fuzzers[@]}"; do
	subject=${fuzzer#*/}
	last[${subject%_fuzz}]=$fuzzer
done
((${#fuzzers[@]})) || die "tools/testing/kvm has no fuzzers"

plan $((${#fuzzers[@]} + ${#last[@]}))
harness_make "$build" fuzzers
for fuzzer in "${fuzzers[@]}"; do
	check "no report by $fuzzer" finds_nothing "$fuzzer"
done
for subject in "${!last[@]}"; do
	check "$subject: a mistake is found, and its input is kept" \
		finds_mistake "$subject" "${last[$subject]}"
done
finish
