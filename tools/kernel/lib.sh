# shellcheck shell=bash
# lib.sh: variants, their source trees and the fragments they are made from.
# Source after say.sh, paths.sh and ccache.sh.

kernel_variants=(stock queue debug)
# shellcheck disable=SC2034 # used by those who source this file
kernel_jobs=${JOBS:-$(nproc)}

# check_variant NAME: an unknown one ends the tool. kernel_output is then where
# its objects go, inside the tree: queue and debug share one tree.
check_variant() {
	local each
	for each in "${kernel_variants[@]}"; do
		[[ $1 == "$each" ]] || continue
		kernel_output=o
		[[ $1 != debug ]] || kernel_output=o-debug
		return 0
	done
	die "unknown variant '$1'; there are: ${kernel_variants[*]}" 2
}

# variant_fragments NAME: one file a line. Stock and queue share one
# configuration, or their figures could not be compared.
variant_fragments() {
	local fragments=(base kvm trace)
	[[ $1 != debug ]] || fragments+=(debug)
	printf "$KVMSCOPE_ROOT/kernel-config/%s.config\n" "${fragments[@]}"
}

variant_tree() {
	case $1 in
	stock) echo "$KVMSCOPE_BUILD/linux-stock" ;;
	queue | debug) echo "$KVMSCOPE_BUILD/linux" ;;
	esac
}

# The user's git configuration must not matter: hooks, fsmonitor, autocrlf.
kernel_git() {
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 git "$@"
}

# ensure_tree VARIANT: the source is there. Stock is a second work tree of the
# queue's repository at tag base.
ensure_tree() {
	local queue stock base
	queue=$(variant_tree queue)
	[[ -e $queue/.git ]] || die "no kernel source in build/linux; run 'make tree'"
	ignore_output_directory "$queue"
	[[ $1 == stock ]] || return 0
	stock=$(variant_tree stock)
	base=$(kernel_git -C "$queue" rev-parse --verify -q 'refs/tags/base^{commit}') ||
		die "build/linux has no tag 'base'; run 'make tree'"
	if [[ ! -e $stock/.git ]]; then
		step "checking out the unpatched source to build/linux-stock"
		kernel_git -C "$queue" worktree prune
		kernel_git -C "$queue" worktree add -q --detach "$stock" "$base"
	elif [[ $(kernel_git -C "$stock" rev-parse HEAD) != "$base" ]]; then
		step "moving build/linux-stock to the new base"
		kernel_git -C "$stock" checkout -q --detach "$base"
	fi
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
	make -C "$tree" O="$kernel_output" "${CCACHE_MAKE[@]}" "$@"
}

# logged LOG COMMAND…: all output to LOG; with_heartbeat's own lines stay visible.
logged() {
	local log=$1
	shift
	"$@" >"$log" 2>&1
}

# show_first_errors LOG: what a failed build should have said last.
show_first_errors() {
	{
		grep -nE -m 8 -A 3 'error:|undefined reference|undefined!|No such file|FAILED|Killed' "$1" ||
			grep -nE -m 4 'Error [0-9]|\*\*\*' "$1" || tail -n 10 "$1"
	} | head -n 30 | sed 's/^/  /' >&2
}
