#!/bin/bash
# fuzz.sh: a fixed number of inputs, made from the corpus, finds nothing; and the
# same fuzzer does find a mistake that was made on purpose.
set -euo pipefail

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd -P)
# shellcheck source=tools/lib/say.sh
. "$here/../../tools/lib/say.sh"
# shellcheck source=tools/lib/paths.sh
. "$here/../../tools/lib/paths.sh"
# shellcheck source=selftests/harness/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"

build=$KVMSCOPE_BUILD/harness
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# fuzz OUTPUT VARIANT RUNS
fuzz() {
	mkdir -p "$scratch/corpus"
	ASAN_OPTIONS=$fuzzer_asan_options \
		"$1/$2/memslot_index_fuzz" "${fuzzer_flags[@]}" -runs="$3" -seed=1 \
		-artifact_prefix="$scratch/" "$scratch/corpus" "$build/seeds"
}

finds_nothing() {
	local output
	output=$(fuzz "$build" "$1" 20000 2>&1) || { echo "$output"; return 1; }
	has "$output" '^Done 2[0-9]{4} runs'
}

# A leaf that is split is forgotten by the chain of leaves.
finds_mistake() {
	local mutant=$KVMSCOPE_BUILD/harness-mutant output
	rm -rf "$mutant/kvm"
	mkdir -p "$mutant"
	cp -r "$(harness_directory)/../../../virt/kvm" "$mutant/kvm"
	sed -i 's/^\tright->next = leaf->next;$//' "$mutant/kvm/memslot_index_btree.c"
	harness_make "$mutant/out" KVM="$mutant/kvm" "$mutant/out/fuzz-small/memslot_index_fuzz"
	output=$(fuzz "$mutant/out" fuzz-small 20000 2>&1) && return 1
	has "$output" 'Test unit written to' || return 1
	compgen -G "$scratch/crash-*" >/dev/null
}

plan 3
harness_make "$build" fuzzers
check 'no report with nodes as they are' finds_nothing fuzz
check 'no report with small nodes' finds_nothing fuzz-small
check 'a mistake is found, and its input is kept' finds_mistake
finish
