# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # run and its other files define the rest
# qemu.sh: what a review of patches for QEMU does; see lib.sh. Source after
# qemu/lib.sh.

columns=()
order_rule='each topic is a block'
# What meson warns of, in capitals, is the machine's.
warning_in=()

# Debian's tarball cannot be configured before the first patch, which says why. So the
# tree is configured when it is first built, and nothing is built before: a compiler's
# warning is an error in every state.
prepare_tree() {
	qemu_environment
}

know_the_base() {
	touched "${entries[@]}" >"$scratch/touched"
	# What the linker says of every guest of tests/tcg.
	echo '/usr/bin/ld: warning: .note.gnu.build-id section discarded, --build-id ignored' >"$scratch/known"
	built=$base
}

know_before() {
	:
}

progress() {
	qemu_progress "$log"
}

compile() {
	qemu_configure "$tree" && qemu_make "$tree"
}

# build_state LOG: the emulator, and what runs in it to test it.
build_state() {
	local log=$1
	with_heartbeat progress compile >"$log" 2>&1 || return 1
	if grep -q '^tests/tcg/' "$scratch/touched"; then
		with_heartbeat "guests of tests/tcg" make -C "$tree/$qemu_output" \
			build-tcg-tests-x86_64-softmmu >>"$log" 2>&1
	fi
}

checkpatch_findings() {
	(cd "$tree" && PATH=/usr/bin:/bin:$PATH scripts/checkpatch.pl --patch --strict --codespell --no-signoff \
		--no-summary --terse --color=never "$1" | grep -v 'does MAINTAINERS need updating') || :
}

order_problems() {
	scattered_topics
}

check_alone() {
	:
}

alone_result() {
	:
}

check_whole() {
	:
}
