#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What tools/vm/run and tools/vm/kselftest refuse: one line with the cure, no boot.
. "${BASH_SOURCE[0]%/*}/lib.sh"

# shellcheck source=tools/kernel/lib.sh
. "$KVMSCOPE_ROOT/tools/kernel/lib.sh"
variants=$(kernel_variants | paste -sd ' ' | sed 's/ /, /g')

# refusal STATUS PATTERN COMMAND…: that status and one line on stderr.
refusal() {
	local wanted=$1 pattern=$2
	shift 2
	capture "$@"
	is "$wanted" "$status" && has "$err" "$pattern" && is 1 "$(wc -l <"$scratch/err")"
}

# refuses PATTERN ARGUMENT…
refuses() {
	refusal 125 "$1" "$KVMSCOPE_ROOT/tools/vm/run" "${@:2}"
}

kselftest_refuses() {
	refusal 2 "$1" "$KVMSCOPE_ROOT/tools/vm/kselftest" "${@:2}"
}

bad_smp() {
	refuses '0 is less than 1' --smp 0 -- true && refuses '256 is more than 255' --smp 256 -- true
}

three_cpus() {
	vm --quiet --smp 3 -- nproc
	is $'3\n' "$out" && is 0 "$status"
}

busy_log() {
	local fd result=0
	mkdir -p "$scratch/log"
	exec {fd}<"$scratch/log"
	flock "$fd"
	refuses 'in use by another run' --variant "$variant" --log "$scratch/log" -- true || result=1
	exec {fd}<&-
	return "$result"
}

# A directory that cannot be made, and one in which no file can.
bad_log() {
	refuses '/proc/x: .*; name a directory that can be written' \
		--variant "$variant" --log /proc/x -- true &&
		refuses '/proc/sys: .*; name a directory that can be written' \
			--variant "$variant" --log /proc/sys -- true
}

# shellcheck disable=SC2030 # one command each
with_environment() {
	local setting=$1
	shift
	(export "${setting?}" && "$@")
}

not_a_kernel() {
	echo text >"$scratch/kernel"
	refuses 'not an x86 kernel image' --kernel "$scratch/kernel" -- true
}

missing_kernel() {
	with_environment "KVMSCOPE_BUILD=$scratch" refuses "run 'make kernel-queue'" -- true &&
		with_environment "KVMSCOPE_BUILD=$scratch" refuses "run 'make kernel-stock'" \
			--variant stock -- true
}

unknown_variant() {
	refuses "no kernel variant 'nosuch'; there are: $variants$" --variant nosuch -- true &&
		refuses "no kernel variant '../x'; there are: $variants$" --variant ../x -- true &&
		kselftest_refuses "no kernel variant 'nosuch'; there are: $variants$" --variant nosuch &&
		kselftest_refuses "no kernel variant 'nosuch'; there are: $variants$" --programs nosuch
}

not_a_package() {
	echo text >"$scratch/x.deb"
	refuses 'unpacking' --kernel "$scratch/x.deb" -- true
}

# pretended_emulator COMMAND…: with a QEMU that has a version, and fails at once.
pretended_emulator() {
	cat >"$scratch/qemu" <<-'SCRIPT'
		#!/bin/sh
		[ "$1" != --version ] || { echo "QEMU emulator version 10.0.2"; exit; }
		echo pretended failure
		exit 1
	SCRIPT
	chmod +x "$scratch/qemu"
	capture env QEMU="$scratch/qemu" "$@"
}

# Whether /dev/kvm cannot be opened or proves useless later.
unusable_kvm() {
	pretended_emulator "$KVMSCOPE_ROOT/tools/vm/run" --variant "$variant" -- true
	is 125 "$status" && has "$err" 'use ACCEL=tcg, which works everywhere'
}

dashed_value() {
	local tool
	for tool in run kselftest; do
		pretended_emulator "$KVMSCOPE_ROOT/tools/vm/$tool" --variant "$variant" \
			--log "$scratch/$tool" --append=-x
		is 125 "$status" &&
			has "$(<"$scratch/$tool/emulator.log")" 'panic=-1 oops=panic maxcpus=1 -x"$' || return 1
	done
}

help() {
	local tool
	for tool in run kselftest; do
		capture "$KVMSCOPE_ROOT/tools/vm/$tool" --help
		is 0 "$status" && has "$out" "^usage: tools/vm/$tool" && is '' "$err" || return 1
	done
}

# Nobody reads (: is long gone), it cannot be written, it is closed.
help_unread() {
	local tool
	for tool in run kselftest; do
		{ sleep 0.2; "$KVMSCOPE_ROOT/tools/vm/$tool" --help; } 2>"$scratch/err" | :
		is '' "$(<"$scratch/err")" || return 1
		"$KVMSCOPE_ROOT/tools/vm/$tool" --help >/dev/full 2>"$scratch/err"
		is 1 "$(wc -l <"$scratch/err")" &&
			has "$(<"$scratch/err")" 'standard output: No space left on device' || return 1
		"$KVMSCOPE_ROOT/tools/vm/$tool" --help >&- 2>"$scratch/err"
		is '' "$(<"$scratch/err")" || return 1
	done
}

# means WANTED TEST…: what kselftest would run, of programs that are made up.
means() {
	local wanted=$1
	shift
	capture env KVMSCOPE_BUILD="$scratch/made-up" "$KVMSCOPE_ROOT/tools/vm/kselftest" --list "$@"
	is "$wanted" "$(paste -sd , "$scratch/out")" && is 0 "$status" && is '' "$err"
}

made_up_selftests() {
	local folder=$scratch/made-up/kselftest/queue
	mkdir -p "$folder/x86"
	touch "$folder"/{slot_test,slot_perf_test,x86/slot_nested,x86/nested_slot}{,.o}
	chmod +x "$folder"/* "$folder"/x86/*
}

exact_selftests() {
	means slot_test slot_test && means x86/slot_nested slot_nested &&
		means x86/slot_nested kvm/x86/slot_nested && means 'slot_test -l 1' 'slot_test -l 1' &&
		means 'slot_test -l 1,slot_test -l 2' 'slot_test -l 1' 'slot_test -l 2'
}

selftests_by_pattern() {
	means slot_perf_test,slot_test,x86/nested_slot,x86/slot_nested &&
		means slot_perf_test,slot_test _test && means x86/nested_slot,x86/slot_nested 'x86/*nested*' &&
		means x86/nested_slot 'nested*' && means 'slot_perf_test -v,slot_test -v' 'slot_*t -v' &&
		means slot_test,slot_perf_test slot_test _test slot_test
}

options_between() {
	means slot_test,slot_perf_test slot_test --smp 1 slot_perf_test
}

no_such_selftest() {
	with_environment "KVMSCOPE_BUILD=$scratch/made-up" \
		kselftest_refuses "no KVM selftest matches 'slot_tset'; close: slot_test" slot_tset &&
		with_environment "KVMSCOPE_BUILD=$scratch/made-up" \
			kselftest_refuses "no KVM selftest matches 'x87/\*'" 'x87/*'
}

selftests_not_built() {
	with_environment "KVMSCOPE_BUILD=$scratch" \
		kselftest_refuses "run 'make kselftest-stock'" --variant stock
}

kselftest_without_kernel() {
	with_environment "KVMSCOPE_BUILD=$scratch/made-up" \
		kselftest_refuses "run 'make kernel-queue'" slot_test
}

plan 35
check 'unknown option' refuses 'unrecognized arguments: --bogus; see --help' --bogus -- true
check 'command without --' refuses "put the command after --" true
check 'option without its value' refuses 'argument --mem: expected one' --mem
check 'bad --mem' refuses 'use a number with M or G' --mem lots -- true
check 'bad --smp' bad_smp
check '--smp 3 is three CPUs, though the kernel boots with one' three_cpus
check 'bad --timeout' refuses "'soon' is not a whole number" --timeout soon -- true
check 'a variant that is not built: the command to run' missing_kernel
check 'an unknown variant: those there are' unknown_variant
check 'missing --kernel file' refuses 'none is missing; name a kernel' --kernel "$scratch/none" -- true
check 'a file that is no kernel' not_a_kernel
check 'a file that is no package' not_a_package
check 'missing --share directory' refuses 'no such directory' --share "$scratch/none" -- true
check 'missing --file' refuses 'no such file' --variant "$variant" --quiet --file "$scratch/none" -- true
check 'missing --program' refuses 'no program nonesuch' --variant "$variant" --quiet --program nonesuch -- true
check 'unknown ACCEL' with_environment ACCEL=fast refuses 'use kvm or tcg' -- true
check 'ACCEL=kvm with --icount' with_environment ACCEL=kvm refuses 'cannot work' --icount -- true
check 'ACCEL=kvm where KVM cannot be used: what works' with_environment ACCEL=kvm unusable_kvm
check 'missing emulator' with_environment QEMU=nonesuch \
	refuses '^tools/vm/run: QEMU=nonesuch: no program .*or unset QEMU' -- true
check 'an emulator that is a directory' with_environment QEMU=/tmp refuses '^tools/vm/run: QEMU=/tmp: ' -- true
check 'an emulator that is none' with_environment QEMU=/bin/true refuses 'no QEMU, or' -- true
check 'log directory in use' busy_log
check 'log directory that cannot be written' bad_log
check 'a value that starts with a dash' dashed_value
check '--help' help
check '--help that nobody reads, or that cannot be written' help_unread

made_up_selftests
check 'kselftest: bad --each' kselftest_refuses '0 is less than 1' --each 0
check 'kselftest: bad --choices' kselftest_refuses 'use MODULE.PARAMETER' --choices kvm
check 'kselftest: an exact name means one program' exact_selftests
check 'kselftest: part of a name, and wildcards, mean all that match' selftests_by_pattern
check 'kselftest: options between tests' options_between
check 'kselftest: an unknown test names close ones' no_such_selftest
check 'kselftest: arguments with spaces' kselftest_refuses 'cannot be passed on' 'slot_test "a b"'
check 'kselftest: selftests that are not built' selftests_not_built
check 'kselftest: a kernel that is not built' kselftest_without_kernel
finish
