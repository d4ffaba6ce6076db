#!/bin/sh
# Seed 000's direction, with one guest of each index: with 117 memslots bsearch is
# below linear, an index that is newer than both below both. KTAP.
exec "${0%/*}/../../tools/bench/guest_lookups/run" --ktap --runs 1 --rounds 2 --slots 117 "$@"
