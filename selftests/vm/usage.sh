#!/bin/bash
# What tools/vm/run refuses: one line with the cure, status 125, no boot.
. "${BASH_SOURCE[0]%/*}/lib.sh"

# refuses PATTERN ARGUMENT…: status 125 and one line on stderr.
refuses() {
	local pattern=$1
	shift
	capture "$KVMSCOPE_ROOT/tools/vm/run" "$@"
	is 125 "$status" && has "$err" "$pattern" && is 1 "$(wc -l <"$scratch/err")"
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

# shellcheck disable=SC2030 # one command each
with_environment() {
	local setting=$1
	shift
	(export "${setting?}" && refuses "$@")
}

not_a_kernel() {
	echo text >"$scratch/kernel"
	refuses 'not an x86 kernel image' --kernel "$scratch/kernel" -- true
}

missing_kernel() {
	with_environment "KVMSCOPE_BUILD=$scratch" "run 'make kernel'" -- true &&
		with_environment "KVMSCOPE_BUILD=$scratch" 'make kernel VARIANT=stock' \
			--variant stock -- true
}

not_a_package() {
	echo text >"$scratch/x.deb"
	refuses 'unpacking' --kernel "$scratch/x.deb" -- true
}

help() {
	capture "$KVMSCOPE_ROOT/tools/vm/run" --help
	is 0 "$status" && has "$out" '^usage: tools/vm/run' && is '' "$err"
}

plan 19
check 'unknown option' refuses 'unknown option --bogus: see --help' --bogus -- true
check 'command without --' refuses "put the command after --" true
check 'option without its value' refuses '--mem needs a value' --mem
check 'bad --mem' refuses 'use a number with M or G' --mem lots -- true
check 'bad --smp' refuses 'use 1 to 255' --smp 0 -- true
check 'bad --timeout' refuses 'use a whole number' --timeout soon -- true
check 'missing kernel names the command to run' missing_kernel
check 'missing --kernel file' refuses 'no kernel at' --kernel "$scratch/none" -- true
check 'a file that is no kernel' not_a_kernel
check 'a file that is no package' not_a_package
check '--variant that is a path' refuses 'a name such as' --variant ../x -- true
check 'missing --share directory' refuses 'no such directory' --share "$scratch/none" -- true
check 'missing --file' refuses 'no such file' --variant "$variant" --quiet --file "$scratch/none" -- true
check 'missing --program' refuses 'no program nonesuch' --variant "$variant" --quiet --program nonesuch -- true
check 'unknown ACCEL' with_environment ACCEL=fast 'use kvm or tcg' -- true
check 'ACCEL=kvm with --icount' with_environment ACCEL=kvm 'cannot work' --icount -- true
check 'missing emulator' with_environment QEMU=nonesuch 'make setup' -- true
check 'log directory in use' busy_log
check '--help' help
finish
