#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The demo's part inside the outer VM: two guests under different memslot
# indexes at once, and kvmscope attached to both. Started by tools/demo/run.
#
# usage: inside.sh DIMMS ROUNDS PAGES ABSENT SEED INTERVAL WIDTH
#
# Leaves in /mnt/share: hist.json, and what each guest said, NAME.console and
# NAME.emulator. The tables and histograms go to stdout.
set -eu

dimms=$1 rounds=$2 pages=$3 absent=$4 seed=$5 interval=$6 width=$7
# shellcheck disable=SC2034 # for guest.sh
say_name=demo share=/mnt/share
# shellcheck source=tools/guest/guest.sh
. /guest/guest.sh
guest_parameters="kvmscope.rounds=$rounds kvmscope.pages=$pages"
guest_parameters="$guest_parameters kvmscope.absent=$absent kvmscope.seed=$seed"

# progress NAME PID
progress()
{
	check_guest "$1"
	! guest_is_stuck "$1" "$2" ||
		die "guest $1 is stuck, by the emulator's fault (docs/emulator.md): start the demo again, without QEMU= if that names another emulator"
	said=$(tail -n 1 "$share/$1.console" 2>/dev/null | tr -d '\r')
	case $said in
	'guest: '*) say "$1 $said" ;;
	*) say "$1 guest boots" ;;
	esac
}

forbid_huge_pages

[ -e "$parameter" ] || die "this kernel lacks kvmscope's patches: make kernel"
default=$(current_choice "$parameter")
# A guest is named after its index.
start_guest linear linear
linear_pid=$guest_pid
start_guest bsearch bsearch
bsearch_pid=$guest_pid
echo "$default" >"$parameter"
kvmscope list >&2

kvmscope hist "$interval" --width "$width" --output $share/hist.json &
hist_pid=$!
while kill -0 "$linear_pid" 2>/dev/null || kill -0 "$bsearch_pid" 2>/dev/null; do
	kill -0 $hist_pid 2>/dev/null || die "kvmscope hist ended too early"
	sleep "$interval"
	progress linear "$linear_pid"
	progress bsearch "$bsearch_pid"
done
end_guest linear "$linear_pid"
end_guest bsearch "$bsearch_pid"
kill -INT $hist_pid
wait $hist_pid || die "kvmscope hist failed"
