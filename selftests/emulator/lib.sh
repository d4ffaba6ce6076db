# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# lib.sh: run a guest of QEMU's own tests/tcg. Source it.

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# shellcheck source=tools/lib/paths.sh
. "$here/../../tools/lib/paths.sh"
# shellcheck source=tools/lib/say.sh
. "$KVMSCOPE_ROOT/tools/lib/say.sh"
# shellcheck source=tools/lib/ktap.sh
. "$KVMSCOPE_ROOT/tools/lib/ktap.sh"

# Of each guest: what it needs, how many results it has, the last of them, and one that
# fails on Debian's QEMU, if any does.
declare -A guest_options=([svm]='-cpu EPYC,+svm,+npt' [cross-page]='' [cross-modify]='-smp 2 -accel tcg,thread=multi')
# shellcheck disable=SC2034 # used by those who source this file
declare -A guest_results=([svm]=61 [cross-page]=8 [cross-modify]=8)
# shellcheck disable=SC2034
declare -A guest_end=([svm]='virtual interrupts after CR8 was raised' [cross-page]='a page walk changes what crosses'
	[cross-modify]='a store to two pages, to code in the second')
# shellcheck disable=SC2034
declare -A guest_fails=([svm]='^FAILED: EXITINTINFO after an exception' [cross-modify]='^FAILED: .* calls of old code')

# build_guest NAME OUTPUT: tests/tcg/x86_64/system/NAME.c of build/qemu, as QEMU's own
# Makefile builds it.
build_guest() {
	local tests=$KVMSCOPE_BUILD/qemu/tests/tcg objects=$2.objects part
	local flags=(-nostdlib -ffreestanding -fno-pie -fno-stack-protector -mno-red-zone
		-O0 -Wall -Werror -I"$tests/minilib")
	rm -rf "$objects"
	mkdir -p "$objects"
	for part in x86_64/system/boot.S "x86_64/system/$1.c" minilib/printf.c; do
		gcc "${flags[@]}" -Wa,--noexecstack -c "$tests/$part" -o "$objects/$(basename "$part").o" || return
	done
	gcc -nostdlib -static -no-pie -Wl,-T"$tests/x86_64/system/kernel.ld" -Wl,-melf_x86_64 \
		-Wl,--build-id=none "$objects"/*.o -o "$2"
}

# run_guest EMULATOR NAME PROGRAM: what guest NAME says, whose program is PROGRAM. 124 if
# it does not end.
run_guest() {
	local options
	read -ra options <<<"${guest_options[$2]}"
	timeout --foreground -k 5 120 "$1" -nodefaults -no-user-config -display none -no-reboot -M pc "${options[@]}" \
		-chardev stdio,id=output -device isa-debugcon,chardev=output \
		-device isa-debug-exit,iobase=0xf4,iosize=0x4 -kernel "$3" </dev/null 2>/dev/null
}

# says_some_day PATTERN COMMAND…: in one of five runs. Whether an interrupt gets lost, or
# code is translated just then, depends on what the machine does besides.
says_some_day() {
	local pattern=$1 try said
	shift
	for try in 1 2 3 4 5; do
		said=$("$@" || :)
		! grep -qE "$pattern" <<<"$said" || return 0
		echo "# try $try did not show it"
	done
	has "$said" "$pattern"
}
