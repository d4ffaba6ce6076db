#!/bin/bash
# The benchmarks' command lines: every part of the list is there and explains
# itself; bad input is refused in one line.
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

draws() {
	cat >"$scratch/guest-lookups.json" <<-'JSON'
	{"rows": [{"slots": 13, "index": "linear", "phase": "random", "mean": 50.0},
	          {"slots": 117, "index": "linear", "phase": "random", "mean": 473.5},
	          {"slots": 117, "index": "rbtree", "phase": "boot", "mean": 19.0},
	          {"slots": 117, "index": "rbtree", "phase": "random", "mean": 80.1}]}
	JSON
	cat >"$scratch/memslot-userspace.json" <<-'JSON'
	{"charts": [{"title": "a < b & c", "unit": "cycles", "values": {"rbtree": 114, "new": 0.5}}]}
	JSON
	cat >"$scratch/io-bus.json" <<-'JSON'
	{"rows": [{"series": "stock", "layout": "queues", "order": "ascending", "op": "hit", "devices": 256, "median": 10652},
	          {"series": "hash", "layout": "queues", "order": "ascending", "op": "hit", "devices": 256, "median": 1184},
	          {"series": "hash", "layout": "queues", "order": "ascending", "op": "hit", "devices": 16, "median": 1184}]}
	JSON
	tools/bench/chart "$scratch" 2>/dev/null &&
		python3 -c 'import sys, xml.dom.minidom as dom; print(*(len(dom.parse(name).getElementsByTagName("rect")) for name in sys.argv[1:]))' \
			"$scratch/memslot-index.svg" "$scratch/io-bus.svg"
}

plan $((8 + 2 * ${#programs[@]}))
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
check "the chart refuses an argument" refused tools/bench/chart nonesuch
check "the charts have a bar for each index of each panel" is "4 2" "$(draws)"
finish
