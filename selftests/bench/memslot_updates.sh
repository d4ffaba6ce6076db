#!/bin/sh
# Updates of an index that is newer than linear and bsearch cost at most 1.02
# times what the default's cost, at 10 and 509 memslots. KTAP.
exec "${0%/*}/../../tools/bench/memslot_updates/run" --ktap --slots 10,509 "$@"
