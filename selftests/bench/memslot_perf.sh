#!/bin/bash
# memslot_perf, shortened: measures all six rows of seed 001's table.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tools/lib/ktap.sh
. "$here/../../tools/lib/ktap.sh"

plan 2
said=$("$here/../../tools/bench/memslot_perf/run" --runs 1 --slots 10 --indexes linear "$@") && status=0 || status=$?
check "it measures" is 0 "$status"
check "no row is empty" is 6 "$(grep -cE '^\| (Map|Unmap|Unmap 2M|Move active|Move inactive|Slot setup) +(\| +[0-9][^|]*){3}\|' <<<"$said")"
finish
