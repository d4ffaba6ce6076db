#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The benchmarks' command lines: every part of the list is there and explains
# itself; bad input is refused in one line. The records are what their data say.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tools/lib/ktap.sh
. "$here/../../tools/lib/ktap.sh"
cd "$here/../.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

mapfile -t programs < <(tools/bench/run --list | awk '{print $4}' | sort -u)

# refused COMMAND…: status 2, and one line.
refused() {
	local status=0
	"$@" >"$scratch/said" 2>&1 || status=$?
	is 2 "$status" && is 1 "$(wc -l <"$scratch/said")"
}

explains() {
	has "$("$1" --help)" '^exit status: '
}

# names_variants COMMAND…: refused, with the kernels that there are.
names_variants() {
	local variants
	variants=$(sed -nE 's/^([^#| ]+) *\|.*/\1/p' kernel-config/variants.list | paste -sd ,)
	refused "$@" && has "$(<"$scratch/said")" "no kernel variant 'nosuch'.*: ${variants//,/, }\$"
}

# names_cure VARIANT COMMAND…: without any kernel: status 3, and how to get this one.
names_cure() {
	local variant=$1 status=0
	shift
	KVMSCOPE_BUILD=$scratch/empty "$@" >"$scratch/said" 2>&1 || status=$?
	is 3 "$status" && has "$(<"$scratch/said")" "; run 'make kernel-$variant'\$" &&
		make -n "kernel-$variant"
}

# shows_error: a module that does not build.
shows_error() {
	mkdir "$scratch/module"
	echo 'obj-m := wrong.o' >"$scratch/module/Kbuild"
	echo 'int wrong(void) { return nothing; }' >"$scratch/module/wrong.c"
	! tools/kernel/module "$scratch/module" queue "$scratch/objects" 2>"$scratch/said" &&
		has "$(<"$scratch/said")" "error: .*nothing" &&
		has "$(<"$scratch/said")" "does not build; the whole log: $scratch/objects/build.log"
}

draws() {
	cat >"$scratch/guest-lookups.json" <<-'JSON'
	{"rows": [{"slots": 13, "index": "linear", "phase": "random", "mean": 50.0},
	          {"slots": 117, "index": "linear", "phase": "random", "mean": 473.5},
	          {"slots": 117, "index": "rbtree", "phase": "boot", "mean": 19.0},
	          {"slots": 117, "index": "a < b & c", "phase": "random", "mean": 80.1}]}
	JSON
	cat >"$scratch/memslot-userspace.json" <<-'JSON'
	{"rows": [{"layout": "L2", "slots": 117, "index": "rbtree", "hit": {"best": 114}},
	          {"layout": "L2", "slots": 117, "index": "new", "hit": {"best": 0.5}},
	          {"layout": "L2", "slots": 118, "index": "new", "hit": {"best": 0.5}},
	          {"layout": "L2", "slots": 117, "index": "rbtree again", "hit": {"best": 114}}]}
	JSON
	cat >"$scratch/io-bus.json" <<-'JSON'
	{"rows": [{"series": "stock", "layout": "queues", "order": "ascending", "op": "hit", "devices": 256, "median": 10652},
	          {"series": "hash", "layout": "queues", "order": "ascending", "op": "hit", "devices": 256, "median": 1184},
	          {"series": "hash", "layout": "queues", "order": "ascending", "op": "hit", "devices": 16, "median": 1184}]}
	JSON
	tools/bench/render --results "$scratch" .svg >/dev/null &&
		python3 -c 'import sys, xml.dom.minidom as dom; print(*(len(dom.parse(name).getElementsByTagName("rect")) for name in sys.argv[1:]))' \
			"$scratch/memslot-index.svg" "$scratch/io-bus.svg"
}

# renders_anew: a page that was changed by hand is found, and mended.
renders_anew() {
	mkdir "$scratch/records"
	cp docs/results/lookup-cost.* "$scratch/records"
	sed -i 's/stock/sock/' "$scratch/records/lookup-cost.md"
	! tools/bench/render --check --results "$scratch/records" &&
		tools/bench/render --results "$scratch/records" 'lookup*' &&
		cmp docs/results/lookup-cost.md "$scratch/records/lookup-cost.md"
}

broken_results() {
	local text
	mkdir -p "$scratch/broken"
	for text in '' '{' '[]' '{}' '{"facts": 3}'; do
		echo "$text" >"$scratch/broken/io-bus.json"
		refused tools/bench/render --results "$scratch/broken" || return 1
	done
	refused tools/bench/render --results "$scratch/nonesuch"
}

plan $((24 + 2 * ${#programs[@]}))
for program in "${programs[@]}"; do
	check "$program explains itself" explains "$program"
	check "$program refuses an unknown option" refused "$program" --nonsense
done
check "the driver explains itself" explains tools/bench/run
check "the driver lists parts by pattern" is io-bus \
	"$(tools/bench/run --list 'io-*' | awk '{print $1}')"
check "the driver refuses an unknown part" refused tools/bench/run nonesuch
check "the driver refuses an unknown option" refused tools/bench/run --nonsense
check "memslot_userspace refuses an unknown layout" refused tools/bench/memslot_userspace/run --layout L9
check "memslot_userspace refuses too many memslots" refused tools/bench/memslot_userspace/run --slots 32765
for variant in io_bus/run\ --variant mmu_unsync/run\ --variant lookup_cost/run\ --variant lookup_cost/run\ --baseline; do
	check "$variant names the kernels that there are" names_variants tools/bench/$variant nosuch
done
check "a benchmark names the kernel to build" names_cure stock tools/bench/io_bus/run
check "a benchmark names the kernel to build that was asked for" \
	names_cure debug tools/bench/lookup_cost/run --baseline debug
check "guest_lookups refuses fewer memslots than a guest has" refused tools/bench/guest_lookups/run --slots 13,5
check "mmu_unsync refuses more entries than the selftest makes" refused tools/bench/mmu_unsync/run --edges 262145
check "mmu_unsync_guests refuses more memory than a guest has" refused tools/bench/mmu_unsync_guests/run --nested 257
check "a limit that is no number is refused" refused tools/bench/memslot_updates/run --limit nan
check "render refuses a folder without results" refused tools/bench/render --results "$scratch/empty"
check "a module's builder refuses a folder without a module" refused tools/kernel/module "$scratch" queue "$scratch"
check "a module's builder refuses an unknown kernel" refused tools/kernel/module tools/bench/lookup_cost/module nosuch "$scratch"
check "a module that does not build shows the first errors" shows_error
check "docs/results has the pages and charts of its JSON" tools/bench/render --check
check "a page that differs is found, and made anew" renders_anew
check "render refuses what no benchmark wrote" broken_results
check "the charts have a bar for each index of each panel" is "4 2" "$(draws)"
finish
