#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A command's exit status, output and arguments come through unchanged.
. "${BASH_SOURCE[0]%/*}/lib.sh"

exits() {
	local wanted=$1
	shift
	vm -- "$@"
	is "$wanted" "$status"
}

killed() {
	# shellcheck disable=SC2016 # for the VM's shell
	exits 137 sh -c 'kill -9 $$'
}

not_found() {
	exits 127 nonesuch && has "$err" 'nonesuch: No such file'
}

# shellcheck disable=SC2016,SC1003 # nothing of this may be expanded
awkward=('$HOME `id` $(id)' "a'b" 'c"d' $'two\nlines' 'ü→☃' '' ' ' '--' '\' '*')

exact_arguments() {
	vm --quiet -- printf '<%s>' "${awkward[@]}"
	# shellcheck disable=SC2059
	is "$(printf '<%s>' "${awkward[@]}")" "$out" && is 0 "$status" && is '' "$err"
}

# Every byte value, a NUL among them, more than one port buffer of them.
exact_bytes() {
	python3 -c 'import sys; sys.stdout.buffer.write(bytes(range(256)) * 4096)' >"$scratch/bytes"
	mkdir -p "$scratch/share"
	cp "$scratch/bytes" "$scratch/share"
	vm --share "$scratch/share" -- cat /mnt/share/bytes
	cmp "$scratch/bytes" "$scratch/out"
}

two_streams() {
	vm --quiet -- sh -c 'echo to out; echo to err >/dev/stderr; exit 3'
	is $'to out\n' "$out" && is 'to err' "$err" && is 3 "$status"
}

shell_from_stdin() {
	capture "${run[@]}" --quiet < <(printf 'echo from stdin\nexit 5\n')
	is $'from stdin\n' "$out" && is 5 "$status"
}

stdin_passed_on() {
	capture "${run[@]}" --quiet --stdin -- wc -c <"$scratch/bytes"
	is $'1048576\n' "$out"
}

# make itself exits 2 whatever the command's status was, and must not expand $.
through_make() {
	# shellcheck disable=SC2016
	local cmd='x=5; echo "$x" '\''$HOME'\'' "a;b" $((x + 2)); exit 77'
	capture env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS VARIANT="$variant" \
		make -C "$KVMSCOPE_ROOT" -s -o kernel vm CMD="$cmd"
	is $'5 $HOME a;b 7\n' "$out" && has "$err" 'CMD exited 77' && is 2 "$status"
}

plan 10
check 'exit 1' exits 1 false
check 'exit 77' exits 77 sh -c 'exit 77'
check 'killed by a signal: 128 + 9' killed
check 'command not found: 127' not_found
check 'arguments arrive exactly' exact_arguments
check 'output arrives byte for byte' exact_bytes
check 'stdout and stderr apart, /dev/stderr can be opened' two_streams
check 'without CMD, a shell reads standard input' shell_from_stdin
check '--stdin reaches the command' stdin_passed_on
check '$, quotes and ; through make vm CMD=' through_make
finish
