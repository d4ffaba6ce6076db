#!/bin/bash
# The benchmarks' command lines: every part of the list is there and explains
# itself; bad input is refused in one line.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"
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
	tools/bench/chart --output "$scratch/chart.svg" 2>/dev/null &&
		python3 -c 'import sys, xml.dom.minidom as dom; dom.parse(sys.argv[1])' "$scratch/chart.svg"
}

plan $((6 + 2 * ${#programs[@]}))
for program in "${programs[@]}"; do
	check "$program explains itself" explains "$program"
	check "$program refuses an unknown option" refused "$program" --nonsense
done
check "the driver explains itself" explains tools/bench/run
check "the driver lists parts by pattern" is io-bus-stock \
	"$(tools/bench/run --list 'io-*' | awk '{print $1}')"
check "the driver refuses an unknown part" refused tools/bench/run nonesuch
check "the driver refuses an unknown option" refused tools/bench/run --nonsense
check "the chart refuses an argument" refused tools/bench/chart nonsense
check "the chart is well-formed XML" draws
finish
