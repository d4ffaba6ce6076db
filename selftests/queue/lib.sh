# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# lib.sh: KTAP for shell tests of the source and queue tools, and a source
# tree small enough to import in a blink. Source it, then run_cases.

test_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck source=tools/lib/ktap.sh
. "$test_root/tools/lib/ktap.sh"

test_work=$(mktemp -d "${TMPDIR:-/tmp}/kvmscope-test.XXXXXX")
trap 'rm -rf "$test_work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# The user's own settings and folders must not reach a case.
unset LINUX_SRC QEMU_SRC TOPIC PATCHES YES KVMSCOPE_MIRROR KVMSCOPE_SOURCES_LOCK \
	KVMSCOPE_PATCHES KVMSCOPE_QEMU_PATCHES XDG_CACHE_HOME XDG_CONFIG_HOME
export LC_ALL=C.UTF-8

# run_cases FUNCTION…: one result each. A case runs in a subshell with errexit,
# in an empty folder with a build, cache and home of its own; it fails with the
# first command that fails, and is skipped by skip_case.
run_cases() {
	local case status folder
	plan $#
	for case in "$@"; do
		folder=$test_work/$case
		mkdir -p "$folder/home"
		set +e
		(
			set -euo pipefail
			export KVMSCOPE_BUILD=$folder/build KVMSCOPE_CACHE=$folder/cache
			export KVMSCOPE_PATCHES=$folder/patches HOME=$folder/home
			export KVMSCOPE_QEMU_PATCHES=$folder/${test_qemu_patches:-qemu-patches}
			cd "$folder"
			"$case"
		) >"$folder/output" 2>&1 </dev/null
		status=$?
		set -e
		if ((status == skipped)); then
			skip "$case" "$(tail -n1 "$folder/output")"
		else
			result "$status" "$case" "$(cat "$folder/output")"
		fi
		rm -rf "$folder"
	done
	finish
}

# skip_case WHY: ends the case.
skipped=77
skip_case() {
	echo "$1"
	exit $skipped
}

# lacks PATTERN FILE: no line matches. (errexit does not see that "! grep" fails.)
lacks() {
	local found
	found=$(grep -E -- "$1" "$2") || return 0
	printf '%s\n' "unwanted match for $1 in $2:" "$found"
	return 1
}

# fails STATUS PATTERN COMMAND…: it must exit so, saying so, in one line that
# names the tool. Progress lines ([ n s] …) and warnings do not count.
fails() {
	local want=$1 pattern=$2 status=0
	shift 2
	"$@" >stdout 2>stderr || status=$?
	cat stderr
	[[ $status == "$want" ]] || { echo "exit status $status instead of $want: $*"; return 1; }
	grep -qE -- "$pattern" stderr || { echo "no /$pattern/ in what it said: $*"; return 1; }
	[[ $(grep -cvE '^\[|WARNING' stderr) == 1 ]] || { echo "more than one line: $*"; return 1; }
	[[ ! -s stdout ]] || { echo "a failure printed a result: $*"; return 1; }
}

# says PATTERN COMMAND…: it must succeed and say so on stderr.
says() {
	local pattern=$1
	shift
	"$@" >stdout 2>stderr || { cat stderr; return 1; }
	cat stderr
	grep -qE -- "$pattern" stderr || { echo "no /$pattern/ in what it said: $*"; return 1; }
}

# make_source FOLDER: what the tools take for a kernel, and for QEMU, with everything
# that is easily lost on the way: a file that .gitignore hides, a link, modes, CR, no
# newline at the end.
make_source() {
	mkdir -p "$1/virt/kvm" "$1/include/qemu" "$1/scripts"
	echo '/* small */' | tee "$1/configure" >"$1/include/qemu/osdep.h"
	echo 'mainmenu "small"' >"$1/Kconfig"
	seq 1 60 | sed 's/.*/int line&(void);/' >"$1/virt/kvm/kvm_main.c"
	seq 1 60 | sed 's/.*/int other&(void);/' >"$1/include/other.h"
	printf '#!/bin/sh\necho run\n' >"$1/scripts/run.sh"
	chmod 755 "$1/scripts/run.sh"
	printf 'dos\r\nline\r\n' >"$1/scripts/dos.txt"
	printf 'no newline' >"$1/scripts/tail.txt"
	printf '.*\n*.ignored\n' >"$1/.gitignore"
	echo tracked >"$1/scripts/still.ignored"
	ln -s ../virt/kvm/kvm_main.c "$1/include/link.c"
}

# Of fetchers.
fake_mirror=$test_root/selftests/queue/fake-mirror

nothing_is_left() {
	find cache -mindepth 1 ! -name downloads ! -name .lock -print >left
	cat left
	[[ ! -s left ]]
}

# A port that was free a moment ago: nobody listens there.
closed_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# make_emulator FOLDER: what the tools take for QEMU, and can build: one object, whose
# build says what it does. What builds QEMU is fetched from a mirror made here.
make_emulator() {
	make_source "$1"
	mkdir -p "$1/system"
	seq 1 60 | sed 's/.*/int x&;/; 1s/.*/#include "qemu\/osdep.h"/; $s/.*/int main(void) { return 0; }/' >"$1/system/main.c"
	cat >"$1/configure" <<-'CONFIGURE'
	#!/bin/sh
	meson=$(command -v meson)
	cat >build.ninja <<-NINJA
	rule cc
	  command = \$slowly ccache gcc -Wall -Werror -I$PWD/../include -MD -MQ \$out -MF \$out.d -c -o \$out \$in
	rule link
	  command = gcc -o \$out \$in
	# $meson $*
	build main.o: cc ../system/main.c
	build qemu-system-x86_64: link main.o
	NINJA
	CONFIGURE
	printf '#!/bin/sh\nexit 0\n' >"$1/scripts/checkpatch.pl"
	printf '#!/bin/sh\necho someone@example.invalid\n' >"$1/scripts/get_maintainer.pl"
	chmod +x "$1/configure" "$1"/scripts/*.pl
	"$fake_mirror" tools "$PWD/mirror" 1.7.0-1
	export KVMSCOPE_MIRROR=file:$PWD/mirror KVMSCOPE_SOURCES_LOCK=$PWD/mirror/lock
}
