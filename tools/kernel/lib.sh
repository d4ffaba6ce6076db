# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# lib.sh: variants, their source trees and the fragments they are made from.
# Source after say.sh, paths.sh and ccache.sh.

# variant_field NAME N: field N of its line in variants.list; fails if there is none.
variant_field() {
	# From the environment, because -v reads backslashes.
	name=$1 awk -F '|' -v field="$2" '
		!/^#/ { gsub(/^ +| +$/, "", $1); gsub(/^ +| +$/, "", $field) }
		!/^#/ && $1 == ENVIRON["name"] && NF == 5 { print $field; found = 1 }
		END { exit !found }' "$KVMSCOPE_ROOT/kernel-config/variants.list"
}

# kernel_variants: their names, one a line.
kernel_variants() {
	awk -F ' *[|]' '!/^#/ && NF == 5 { print $1 }' "$KVMSCOPE_ROOT/kernel-config/variants.list"
}

# check_variant NAME: an unknown one ends the tool. kernel_output is then where
# its objects go, inside the tree: several share one tree; kernel_arguments are make's.
check_variant() {
	kernel_output=$(variant_field "$1" 4) ||
		die "unknown variant '$1'; there are: $(kernel_variants | paste -sd ' ')" 2
	mapfile -t kernel_arguments < <(variant_makes "$1" | xargs -rd '\n' sed -E '/^(#|$)/d')
}

# variant_fragments NAME: one file a line.
variant_fragments() {
	local fragments
	read -ra fragments <<<"$(variant_field "$1" 5)"
	printf "$KVMSCOPE_ROOT/kernel-config/%s.config\n" "${fragments[@]}"
}

# variant_makes NAME: the files with arguments of make that belong to its fragments.
variant_makes() {
	local fragment
	variant_fragments "$1" | while IFS= read -r fragment; do
		[[ ! -f ${fragment%.config}.make ]] || echo "${fragment%.config}.make"
	done
}

variant_tree() {
	local folder
	folder=$(variant_field "$1" 2) && echo "$KVMSCOPE_BUILD/$folder"
}

# The user's git configuration must not matter: hooks, fsmonitor, autocrlf.
kernel_git() {
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 git "$@"
}

# variant_commit VARIANT: of stock tag base, of fixes the last patch of that
# topic, with which the series begins.
variant_commit() {
	local queue base fixes commit
	queue=$(variant_tree queue)
	base=$(kernel_git -C "$queue" rev-parse --verify -q 'refs/tags/base^{commit}') ||
		die "build/linux has no tag 'base'; run 'make tree'"
	[[ $1 == fixes ]] || { echo "$base"; return; }
	mapfile -t fixes < <(grep -s '^fixes/' "${KVMSCOPE_PATCHES:-$KVMSCOPE_ROOT/patches/linux}/series")
	[[ ${#fixes[@]} -gt 0 ]] || die "patches/linux/series has no topic fixes; see docs/patch-queue.md"
	commit=$(kernel_git -C "$queue" rev-list --reverse "$base..refs/heads/queue" | sed -n "${#fixes[@]}p")
	# A file is named after its commit's subject, cut off.
	[[ -n $commit && $(kernel_git -C "$queue" log -1 --format=%f "$commit") == "$(basename "${fixes[-1]%.patch}" | cut -c 6-)"* ]] ||
		die "branch queue of build/linux does not begin with topic fixes of patches/linux/series; run 'make export' or 'make tree'"
	echo "$commit"
}

# ensure_tree VARIANT: the source is there. Stock and fixes are further work trees
# of the queue's repository.
ensure_tree() {
	local queue tree commit
	queue=$(variant_tree queue)
	[[ -e $queue/.git ]] || die "no kernel source in build/linux; run 'make tree'"
	ignore_output_directory "$queue"
	tree=$(variant_tree "$1")
	[[ $tree != "$queue" ]] || return 0
	commit=$(variant_commit "$1")
	# A checkout that was interrupted may have left a tree without files.
	if [[ ! -e $tree/.git || ! -f $tree/Kconfig ]]; then
		step "checking out build/${tree##*/}"
		rm -rf "$tree"
		kernel_git -C "$queue" worktree prune
		kernel_git -C "$queue" worktree add -q --no-checkout --detach "$tree" "$commit"
		leave_out_the_unneeded "$tree"
		kernel_git -C "$tree" checkout -q --detach "$commit"
	elif [[ $(kernel_git -C "$tree" rev-parse HEAD) != "$commit" ]]; then
		step "moving build/${tree##*/} to another commit"
		kernel_git -C "$tree" checkout -q --detach "$commit"
	fi
}

# leave_out_the_unneeded TREE: of 1.8 GB of source, 0.8 are one graphics driver, other
# architectures and documentation. kconfig reads all Kconfig files, and fs/hostfs has a
# Makefile that includes one of arch/um.
leave_out_the_unneeded() {
	kernel_git -C "$1" sparse-checkout set --no-cone '/*' '!/Documentation/' '!/arch/*/' /arch/x86/ /arch/um/ \
		'!/drivers/gpu/drm/amd/' 'Kconfig*'
}

# drop_objects VARIANT: what only the next build of the same tree would use, 1.7 GB, if
# nobody edits it. What builds modules stays.
drop_objects() {
	[[ $(variant_field "$1" 3) == no ]] || return 0
	find "$(variant_tree "$1")/$kernel_output" \( -path '*/scripts' -o -path '*/tools' \) -prune -o \
		\( -name '*.o' -o -name '*.a' -o -name '*.ko' -o -name 'vmlinux*' -o -name '.tmp_vmlinux*' \) \
		-type f -print0 | xargs -0r rm -f
}

# Output lies inside the tree, so that every path the compiler sees is relative.
ignore_output_directory() {
	local exclude pattern
	exclude=$(kernel_git -C "$1" rev-parse --path-format=absolute --git-common-dir)/info/exclude
	mkdir -p "${exclude%/*}"
	for pattern in /o/ '/o-*/'; do
		grep -qsxF "$pattern" "$exclude" || echo "$pattern" >>"$exclude"
	done
}

# kernel_make TREE ARGUMENT…: kbuild with the one environment, for the variant
# that was checked.
kernel_make() {
	local tree=$1
	shift
	make -C "$tree" O="$kernel_output" "${CCACHE_MAKE[@]}" "${kernel_arguments[@]}" "$@"
}

# selftests_make TREE OUTPUT: its KVM selftests, static, because a VM has no libraries.
# LDFLAGS from the environment: the Makefile appends to it, while a command line
# argument would replace what it needs.
selftests_make() {
	kernel_make "$1" headers &&
		LDFLAGS=-static make -C "$1/tools/testing/selftests/kvm" -j"${compiler_jobs:?}" \
			"${CCACHE_MAKE[@]}" OUTPUT="$2" KHDR_INCLUDES="-isystem $1/$kernel_output/usr/include"
}

# logged LOG COMMAND…: all output to LOG; with_heartbeat's own lines stay visible.
logged() {
	local log=$1
	shift
	"$@" >"$log" 2>&1
}
