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

# What the guest svm says when it comes to its end.
# shellcheck disable=SC2034 # used by those who source this file
svm_end='ok: virtual interrupts after CR8 was raised'

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

# run_guest EMULATOR GUEST: what it says. 124 if it does not end.
run_guest() {
	timeout 120 "$1" -nodefaults -no-user-config -display none -no-reboot -M pc -cpu EPYC,+svm,+npt \
		-chardev stdio,id=output -device isa-debugcon,chardev=output \
		-device isa-debug-exit,iobase=0xf4,iosize=0x4 -kernel "$2" </dev/null 2>/dev/null
}
