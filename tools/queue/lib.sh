# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# lib.sh: what tree, export, review and clean share: the queues, a git that
# nobody's configuration can bend, and the series file. Source after say.sh and paths.sh.

# Functions here are called in $( ), where errexit would otherwise be off.
shopt -s inherit_errexit

# The queues, in the order in which commands take them.
queues=(linux qemu)

# use_queue NAME: whose tree, build/NAME, and patches, patches/NAME, all that follows
# works on. What else is different between the queues stands here:
#   queue_title     what its patches are for
#   queue_patches   their folder, if the environment does not name another
#   queue_fetcher   the tool of tools/fetch that prints the path of its source
#   queue_witness   a file that proves the source to be one of that
# and in tools/review/NAME.sh what a review of its patches does.
use_queue() {
	case $1 in
	linux)
		queue_title=Linux
		queue_patches=${KVMSCOPE_PATCHES:-$KVMSCOPE_ROOT/patches/linux}
		queue_fetcher=kernel-source
		queue_witness=virt/kvm/kvm_main.c
		;;
	qemu)
		queue_title=QEMU
		queue_patches=${KVMSCOPE_QEMU_PATCHES:-$KVMSCOPE_ROOT/patches/qemu}
		queue_fetcher=qemu-source
		queue_witness=include/qemu/osdep.h
		;;
	*)
		die "there is no queue '$1'; there are: ${queues[*]}" 2
		;;
	esac
	queue=$1
	queue_tree=$KVMSCOPE_BUILD/$queue
}

# Also clears what a git hook or `git rebase --exec` around us would impose.
# shellcheck disable=SC2046 # names of variables, one word each
unset $(git rev-parse --local-env-vars) GIT_EXTERNAL_DIFF GIT_DIFF_OPTS \
	GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_AUTHOR_DATE GIT_TEMPLATE_DIR \
	GIT_DEFAULT_HASH
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_ATTR_NOSYSTEM=1
export GIT_TERMINAL_PROMPT=0 GIT_EDITOR=false GIT_PAGER=cat
export GIT_OPTIONAL_LOCKS=0
export LC_ALL=C TZ=UTC
# Committer and date of every commit made here: equal patches, equal commit ids.
export GIT_COMMITTER_NAME=kvmscope GIT_COMMITTER_EMAIL=kvmscope@invalid
export QUEUE_BASE_DATE='1767225600 +0000'

# clean_git ARGUMENTS…: without the files outside any configuration that git
# reads too ($XDG_CONFIG_HOME/git/attributes, /ignore) and the hooks of the tree.
clean_git() {
	git -c core.attributesFile="$KVMSCOPE_ROOT/tools/queue/attributes/$queue" -c core.excludesFile=/dev/null \
	    -c core.hooksPath=/dev/null -c core.autocrlf=false \
	    -c core.fsmonitor=false -c commit.gpgSign=false \
	    -c i18n.commitEncoding=UTF-8 -c i18n.logOutputEncoding=UTF-8 \
	    -c gc.auto=0 -c advice.detachedHead=false "$@"
}

tree_git() {
	clean_git -C "$queue_tree" "$@"
}

# series_entries [FILE]: the patches, one per line, comments dropped.
series_entries() {
	local series=${1:-$queue_patches/series}
	[[ ! -f $series ]] || sed -E 's/[[:space:]]+$//; /^(#|$)/d' "$series"
}

# series_check: series and files must name the same patches, each once.
series_check() {
	local entry listed present twice
	listed=$(series_entries | sort)
	present=$([[ ! -d $queue_patches ]] || find "$queue_patches" -name '*.patch' -printf '%P\n' | sort)
	twice=$(uniq -d <<<"$listed")
	[[ -z $twice ]] ||
		die "patches/$queue/series lists $(head -n1 <<<"$twice") twice; remove one line"
	while IFS= read -r entry; do
		[[ -z $entry || $entry =~ ^[a-z0-9][a-z0-9-]*/[0-9]{4}-[^/]+\.patch$ ]] ||
			die "patches/$queue/series: '$entry' is not TOPIC/NNNN-name.patch"
	done <<<"$listed"
	entry=$(comm -23 <(echo "$listed") <(echo "$present") | head -n1)
	[[ -z $entry ]] ||
		die "patches/$queue/series lists $entry, which does not exist; restore the file or remove the line"
	entry=$(comm -13 <(echo "$listed") <(echo "$present") | head -n1)
	[[ -z $entry ]] ||
		die "patches/$queue/$entry is not in patches/$queue/series; add a line or remove the file"
}

# series_needs FOLDER: "ENTRY NEEDED" for each line "# needs: SUBJECT" above
# ENTRY in FOLDER/series, which only the queue for Linux has. A patch of topic fixes
# applies to the base after those that it needs, and no other; a subject stays when
# numbers and file names change.
series_needs() {
	local line subject subjects=()
	declare -A entry_of=()
	[[ $queue == linux && -f $1/series ]] || return 0
	while IFS= read -r line; do
		line=${line%"${line##*[![:space:]]}"}
		if [[ $line =~ ^#[[:space:]]*needs:[[:space:]]*(.*)$ ]]; then
			subjects+=("${BASH_REMATCH[1]}")
		elif [[ $line == fixes/* ]]; then
			for subject in ${subjects[@]+"${subjects[@]}"}; do
				[[ -n $subject && -n ${entry_of[$subject]:-} ]] ||
					die "patches/$queue/series: $line needs '$subject', which is not the subject of an earlier patch of topic fixes; correct the line or the order"
				echo "$line ${entry_of[$subject]}"
			done
			subjects=()
			entry_of[$(patch_subject "$1/$line")]=$line
		elif [[ $line != '#'* && ${#subjects[@]} -gt 0 ]]; then
			die "patches/$queue/series: '# needs: ${subjects[0]}' is not directly above a patch of topic fixes; move or remove the line"
		fi
	done < <(cat "$1/series"; printf '\n\n')
}

# series_digest: changes with the order and every byte of the patches.
series_digest() {
	local entry
	series_entries | while IFS= read -r entry; do
		echo "$entry"
		cat "$queue_patches/$entry"
	done | sha256sum | cut -d' ' -f1
}

# What tree and export last agreed on lives inside the tree's .git, so that it
# disappears together with what it describes:
#   source   key of the source that `base` was made from
#   digest   series_digest of the patches that `head` holds
#   head     the commit that held them
state_read() {
	cat "$queue_tree/.git/kvmscope/$1" 2>/dev/null || :
}

state_write() {
	mkdir -p "$queue_tree/.git/kvmscope"
	echo "$2" >"$queue_tree/.git/kvmscope/$1.new"
	mv "$queue_tree/.git/kvmscope/$1.new" "$queue_tree/.git/kvmscope/$1"
}

# format_patches DIRECTORY RANGE: as mail, every option that a configuration
# could change spelled out.
format_patches() {
	tree_git -c diff.orderFile=/dev/null -c core.quotePath=true \
		format-patch --quiet --output-directory="$1" \
		--no-signature --zero-commit --full-index --no-renames \
		--no-numbered --start-number=1 --suffix=.patch \
		--filename-max-length=64 --subject-prefix=PATCH \
		--no-attach --no-thread --no-cover-letter --no-signoff \
		--no-notes --no-base --no-from --no-to --no-cc --no-add-header \
		--encode-email-headers --no-color --no-ext-diff --no-textconv \
		--diff-algorithm=histogram --indent-heuristic --unified=3 \
		--inter-hunk-context=0 --src-prefix=a/ --dst-prefix=b/ \
		--no-relative --submodule=short --binary "$2"
}

# patch_subject FILE: as git am will write it.
patch_subject() {
	git mailinfo -b --quoted-cr=nowarn --encoding=UTF-8 /dev/null /dev/null <"$1" | sed -n 's/^Subject: //p'
}

# require_tree: for those who need the tree to be there already.
require_tree() {
	[[ -d $queue_tree/.git ]] && tree_git rev-parse -q --verify refs/tags/base >/dev/null ||
		die "there is no build/$queue yet; run 'make tree'"
}

# How patches become commits: no fuzz, no merging, no byte changed on the way.
am_options=(--quiet --patch-format=mbox --keep-cr --quoted-cr=nowarn
	--keep-non-patch --no-scissors --no-message-id --utf8 --no-3way
	--whitespace=nowarn --no-gpg-sign --committer-date-is-author-date)

# apply_series BASE DIRECTORY: git am the patches of DIRECTORY/series onto
# BASE and print the resulting commit. Works in a scratch worktree that holds
# only the files the patches touch: quick, and the real tree sees nothing of a
# series that fails.
apply_series() {
	local base=$1 directory scratch=$KVMSCOPE_BUILD/.queue-am status=0 next failed
	local entries=() sparse log
	directory=$(realpath -m -- "$2")
	mapfile -t entries < <(series_entries "$directory/series")
	if [[ ${#entries[@]} == 0 ]]; then
		tree_git rev-parse "$base^{commit}"
		return
	fi
	drop_scratch
	tree_git worktree add -q --no-checkout --detach "$scratch" "$base"
	sparse=$(clean_git -C "$scratch" rev-parse --path-format=absolute --git-path info/sparse-checkout)
	mkdir -p "${sparse%/*}"
	(cd "$directory" && cat "${entries[@]}") |
		sed -nE 's,^diff --git a/(.*) b/(.*)$,/\1\n/\2,p' |
		sed -E 's/[][*?\\]/\\&/g' | sort -u \
		>"$sparse"
	scratch_git() {
		clean_git -C "$scratch" -c core.sparseCheckout=true -c core.sparseCheckoutCone=false "$@"
	}
	scratch_git read-tree -mu HEAD
	log=$(scratch_git am "${am_options[@]}" "${entries[@]/#/$directory/}" 2>&1 </dev/null) || status=$?
	if [[ $status != 0 ]]; then
		next=$(cat "$(scratch_git rev-parse --path-format=absolute --git-path rebase-apply/next)" 2>/dev/null || echo 1)
		failed=${entries[next - 1]}
		log=$(sed -nE 's/^error: (patch failed: )?//p' <<<"$log" | sed '/^Did you hand/d' | head -n1)
		drop_scratch
		die "$failed does not apply without fuzz (${log:-git am gave no reason}); correct this patch, or see docs/patch-queue.md on moving to a new base"
	fi
	scratch_git rev-parse HEAD
	drop_scratch
}

drop_scratch() {
	rm -rf "$KVMSCOPE_BUILD/.queue-am"
	tree_git worktree prune
}

# queue_lock: tree, export and clean exclude each other.
queue_lock() {
	need_build
	exec {queue_lock_fd}>"$KVMSCOPE_BUILD/.queue.lock"
	flock -n "$queue_lock_fd" || {
		step "waiting for another queue command"
		flock "$queue_lock_fd"
	}
}

# on_queue_branch: the tree is where a rewrite or an export makes sense.
on_queue_branch() {
	local branch
	if [[ -d $queue_tree/.git/rebase-merge || -d $queue_tree/.git/rebase-apply ]]; then
		die "a rebase or git am is in progress in build/$queue; finish it (git rebase --continue) or abort it first"
	fi
	branch=$(tree_git symbolic-ref -q --short HEAD) || branch='no branch'
	[[ $branch == queue ]] ||
		die "build/$queue is on $branch, not on branch queue; run 'git -C build/$queue checkout queue'"
}

# refuse_to_lose_work ACTION: unless all of the tree is in the patches.
refuse_to_lose_work() {
	local head dirty
	on_queue_branch
	dirty=$(tree_git status --porcelain --untracked-files=no | head -n1)
	[[ -z $dirty ]] ||
		die "$1 would lose uncommitted changes in build/$queue (${dirty:3}); commit them and run 'make export', or put them aside with 'git -C build/$queue stash'"
	head=$(tree_git rev-parse queue)
	[[ $head == "$(state_read head)" ]] ||
		die "$1 would lose commits in build/$queue that are not in patches/$queue; run 'make export', or put them aside with 'git -C build/$queue branch keep && git -C build/$queue reset --keep $(state_read head | cut -c1-12)'"
}
