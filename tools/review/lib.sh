# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # run and its other files define the rest
# lib.sh: what a review does in any queue: select patches, replay them, note results.
# Source after queue/lib.sh and use_queue. The queue's own file, linux.sh or qemu.sh,
# defines:
#   columns                 the checks of a patch after `checkpatch`, if any
#   order_rule              what order_problems looks for, in words
#   warning_in              how grep finds a warning: -i, or nothing
#   prepare_tree            $tree, which is at the base, can be built
#   know_the_base           $scratch/known has the warnings that the base gives
#   know_before             the same of what comes before $entry
#   build_state LOG         build what $tree holds
#   checkpatch_findings FILE
#   order_problems          print what is wrong with the order of topics
#   check_alone             the checks that replay patches in another order
#   alone_result BUILD      of $entry, whose build in its place was BUILD: into $row
#   check_whole             checks of the whole series, while $tree is at its end

review=$KVMSCOPE_BUILD/review
tree=$review/$queue
logs=$review/log/$queue

# selected ENTRY: whether PATCHES, globs of TOPIC/FILE or QUEUE/TOPIC/FILE or beginnings
# of these, names it.
selected() {
	local glob globs
	read -ra globs <<<"${PATCHES:-*}"
	for glob in "${globs[@]}"; do
		# shellcheck disable=SC2053 # the right side is a pattern
		[[ $1 != $glob && $1 != "$glob"* && $queue/$1 != $glob && $queue/$1 != "$glob"* ]] ||
			return 0
	done
	return 1
}

# choose: sets entries to the patches of the queue, chosen to the selected ones.
choose() {
	local entry
	mapfile -t entries < <(series_entries)
	chosen=()
	for entry in "${entries[@]}"; do
		if selected "$entry"; then
			chosen+=("$entry")
		fi
	done
}

# -- the tree
review_git() {
	clean_git -C "$tree" "$@"
}

at_base() {
	rm -rf "$(review_git rev-parse --path-format=absolute --git-path rebase-apply)"
	review_git checkout -q --force --detach "$base"
	review_git clean -qfd
}

# open_tree: sets base; $tree is a work tree of the queue's own tree, at base.
open_tree() {
	base=$(tree_git rev-parse 'base^{commit}')
	tree_git worktree prune
	if [[ ! -e $tree/.git ]]; then
		step "checking out the base to build/review/$queue"
		rm -rf "$tree"
		tree_git -c checkout.workers=0 worktree add -q --detach "$tree" "$base"
	fi
	at_base
}

# touched ENTRY…: the files that these patches change.
touched() {
	(cd "$queue_patches" && sed -nE 's,^diff --git a/.* b/(.*)$,\1,p' "$@") | sort -u
}

apply_patches() {
	review_git am "${am_options[@]}" "${@/#/$(realpath "$queue_patches")/}" </dev/null >"$scratch/am" 2>&1
}

apply_errors() {
	sed -n 's/^error: /      /p' "$scratch/am" >&2
}

same_bytes() {
	rm -rf "$scratch/again"
	queue_tree=$tree format_patches "$scratch/again" HEAD~..HEAD
	cmp -s "$scratch"/again/*.patch "$queue_patches/$entry"
}

# -- results
table=()
series_table=()
failures=0

# verdict RESULT CHECK: of $entry.
verdict() {
	local result=$1 check=$2
	printf '  %-6s %-10s %s\n' "$result" "$check" "$entry" >&2
	[[ $result != FAIL ]] || failures=$((failures + 1))
	row+=$(printf '%-12s' "$result")
}

# series_verdict RESULT CHECK TEXT: of the series as a whole.
series_verdict() {
	entry=$3
	verdict "$1" "$2"
	series_table+=("$(printf '%-12s%-12s %s' "$1" "$2" "$3")")
}

# judge CHECK TEXT: what CHECK_problems prints fails it.
judge() {
	"$1_problems" >"$scratch/problems"
	if [[ -s $scratch/problems ]]; then
		series_verdict FAIL "$1" "$2"
		sed 's/^/      /' "$scratch/problems" >&2
	else
		series_verdict ok "$1" "$2"
	fi
}

print_tables() {
	printf '\n'
	printf '%-12s' apply build warnings checkpatch "${columns[@]}"
	printf ' patch\n'
	printf '%s\n' "${table[@]}"
	printf '\n%-12s%-12s %s\n' result check "whole series of $queue_title"
	printf '%s\n\n' "$(printf '%s\n' "${series_table[@]}")"
}

# -- warnings
# warnings LOG…: each once, without what moves when other lines do.
warnings() {
	{ grep -h "${warning_in[@]}" 'warning:' "$@" || :; } |
		sed -E 's,(\.\./)+,,g; s/:[0-9]+(:[0-9]+)?:/:/g; s/\+0x[0-9a-f]+//g' | sort -u
}

# remember FILE: warnings that are no news from now on.
remember() {
	sort -u "$1" "$scratch/known" >"$scratch/known.new"
	mv "$scratch/known.new" "$scratch/known"
}

# -- a patch in its place
# check_patch: $entry, which was applied just now.
check_patch() {
	local log=$logs/${entry//\//-} build=FAIL
	step "$entry"
	if same_bytes; then
		verdict ok apply
	else
		verdict FAIL apply
		echo "      its bytes are not what 'make export' writes; run 'make tree' and 'make export'" >&2
	fi

	if build_state "$log"; then
		build=ok
		verdict ok build
		warnings "$log" | comm -13 "$scratch/known" - >"$scratch/new"
		if [[ -s $scratch/new ]]; then
			verdict FAIL warnings
			sed 's/^/      /' "$scratch/new" >&2
		else
			verdict ok warnings
		fi
		remember "$scratch/new"
	else
		verdict FAIL build
		show_first_errors "$log"
		verdict - warnings
	fi
	built=$(review_git rev-parse HEAD)

	# A patch that git tracks is taken for source code by some versions.
	cp "$queue_patches/$entry" "$scratch/checked.patch"
	{ checkpatch_findings "$scratch/checked.patch" 2>&1 |
		sed 's,^[^ ]*\.patch:,,; /^$/d'
	unmaintained; } >"$scratch/checkpatch"
	if [[ ! -s $scratch/checkpatch ]]; then
		verdict ok checkpatch
	else
		verdict FAIL checkpatch
		sed 's/^/      /' "$scratch/checkpatch" >&2
	fi
	alone_result "$build"
}

# unmaintained: new files that no section of MAINTAINERS covers, by more than the list
# that everything goes to: the answer to checkpatch's question.
unmaintained() {
	local file
	while IFS= read -r file; do
		[[ -n $(cd "$tree" && scripts/get_maintainer.pl --no-git --no-git-fallback \
			--no-rolestats --no-l --no-n --m --r -f "$file" 2>/dev/null |
			grep -v -e linux-kernel@ -e '^$') ]] ||
			echo "no section of MAINTAINERS covers $file"
	done < <(review_git diff --name-only --diff-filter=A HEAD~ HEAD)
}

# replay: every patch; those that were not chosen are only applied.
replay() {
	local before
	for entry in "${entries[@]}"; do
		before=$(review_git rev-parse HEAD)
		if selected "$entry" && [[ $built != "$before" ]]; then
			know_before
			built=$before
		fi
		row=
		if ! apply_patches "$entry"; then
			verdict FAIL apply
			apply_errors
			table+=("$row $entry")
			die "$entry does not apply without fuzz; nothing after it was checked"
		fi
		if selected "$entry"; then
			check_patch
			table+=("$row $entry")
		fi
	done
}
