#!/bin/sh
# The I/O bus reaches its targets. KTAP. Takes half an hour: stock's and the fixes'
# registrations copy an array each.
exec "${0%/*}/../../tools/bench/io_bus/run" --ktap "$@"
