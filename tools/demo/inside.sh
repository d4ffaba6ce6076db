#!/bin/sh
# The demo's part inside the outer VM: two guests under different memslot
# indexes at once, and kvmscope attached to both. Started by tools/demo/run.
#
# usage: inside.sh DIMMS ROUNDS PAGES ABSENT SEED INTERVAL WIDTH
#
# Leaves in /mnt/share: hist.json, and what each guest said, NAME.console and
# NAME.emulator. The tables and histograms go to stdout.
set -eu

dimms=$1 rounds=$2 pages=$3 absent=$4 seed=$5 interval=$6 width=$7
share=/mnt/share
parameter=/sys/module/kvm/parameters/memslot_index
vms=/sys/kernel/debug/kvm

say()
{
	echo "demo: $*" >&2
}

die()
{
	say "FAILED: $*"
	exit 1
}

# A DIMM is a memslot of its own once the guest has it online.
dimm_options()
{
	dimm=0
	while [ $dimm -lt "$dimms" ]; do
		echo "-object memory-backend-ram,id=m$dimm,size=128M,reserve=off"
		echo "-device pc-dimm,id=d$dimm,memdev=m$dimm"
		dimm=$((dimm + 1))
	done
}

boot_guest()
{
	name=$1
	parameters="console=ttyS0 quiet panic=-1 memhp_default_state=online_movable"
	parameters="$parameters kvmscope.dimms=$dimms kvmscope.rounds=$rounds"
	parameters="$parameters kvmscope.pages=$pages kvmscope.absent=$absent"
	parameters="$parameters kvmscope.seed=$seed"
	# -cpu qemu64: KVM under QEMU's emulated SVM would give "host" an XSAVE
	# size that its guest's kernel does not believe.
	# shellcheck disable=SC2046 # the options are words
	exec qemu-system-x86_64 -name "$name" -accel kvm -cpu qemu64 \
		-machine pc,hpet=off,usb=off,vmport=off -nodefaults \
		-no-user-config -no-reboot -vga none -display none \
		-m 512M,slots=128,maxmem=32G $(dimm_options) \
		-kernel /demo/bzImage -initrd /demo/guest.cpio \
		-append "$parameters" -serial "file:$share/$name.console" \
		>"$share/$name.emulator" 2>&1 </dev/null
}

vm_exists()
{
	set -- "$vms/$1"-*
	[ -e "$1/memslot_index" ]
}

# start_guest INDEX: sets guest_pid. The guest is named after its index.
start_guest()
{
	echo "$1" >$parameter || die "this kernel has no memslot index '$1'"
	boot_guest "$1" &
	guest_pid=$!
	tries=0
	until vm_exists $guest_pid; do
		tries=$((tries + 1))
		if [ $tries -gt 300 ] || ! kill -0 $guest_pid 2>/dev/null; then
			die "QEMU made no VM for guest $1: see $1.emulator"
		fi
		sleep 0.2
	done
	say "guest $1 runs: VM $(cat $vms/$guest_pid-*/vm_id), index $(cat $vms/$guest_pid-*/memslot_index)"
}

progress()
{
	for name in linear bsearch; do
		said=$(tail -n 1 "$share/$name.console" 2>/dev/null | tr -d '\r')
		case $said in
		'guest: '*) say "$name $said" ;;
		*) say "$name guest boots" ;;
		esac
	done
}

end_guest()
{
	wait "$2" || die "QEMU of guest $1 failed: see $1.emulator"
	grep -q '^guest: done' "$share/$1.console" ||
		die "guest $1 ended too early: see $1.console"
}

# With huge pages one page fault, and so one lookup, would map 2 MiB.
echo never >/sys/kernel/mm/transparent_hugepage/enabled

[ -e $parameter ] || die "this kernel lacks kvmscope's patches: make kernel"
default=$(sed 's/.*\[\(.*\)\].*/\1/' $parameter)
start_guest linear
linear_pid=$guest_pid
start_guest bsearch
bsearch_pid=$guest_pid
echo "$default" >$parameter
kvmscope list >&2

kvmscope hist "$interval" --width "$width" --output $share/hist.json &
hist_pid=$!
while kill -0 $linear_pid 2>/dev/null || kill -0 $bsearch_pid 2>/dev/null; do
	kill -0 $hist_pid 2>/dev/null || die "kvmscope hist ended too early"
	sleep "$interval"
	progress
done
end_guest linear $linear_pid
end_guest bsearch $bsearch_pid
kill -INT $hist_pid
wait $hist_pid || die "kvmscope hist failed"
