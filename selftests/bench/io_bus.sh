#!/bin/sh
# The I/O bus reaches its targets, with fewer numbers of devices than the benchmark
# and one round of registering all of them. KTAP.
exec "${0%/*}/../../tools/bench/io_bus/run" --ktap --devices 0,4,200,10000 --order-runs 1 "$@"
