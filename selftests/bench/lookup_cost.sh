#!/bin/sh
# lookup_cost: with the default index, no gfn lookup costs more than three
# instructions over the stock kernel's. KTAP, one result for each row.
exec "${0%/*}/../../tools/bench/lookup_cost/run" --ktap "$@"
