# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # run and its other files define the rest
# linux.sh: what a review of patches for Linux does; see lib.sh. Source after
# kernel/lib.sh.

columns=(alone)
order_rule='topic fixes comes first'
warning_in=(-i)
check_variant queue

prepare_tree() {
	needs=$(series_needs "$queue_patches")
	"$KVMSCOPE_ROOT/tools/kernel/configure" queue "$tree"
}

# Targets of x86 that a list of changed files asks for, beside KVM itself.
extra_objects() {
	local file
	while IFS= read -r file; do
		case $file in
		arch/x86/kvm/*.c | virt/kvm/*.c | tools/* | scripts/* | samples/*) ;;
		arch/x86/*.c) echo "${file%.c}.o" ;;
		arch/*) ;;
		*.c) [[ ! -f $tree/$file ]] || echo "${file%.c}.o" ;;
		esac
	done
}

build_kernel() {
	kernel_make "$tree" W=1 -j"$compiler_jobs" arch/x86/kvm/ virt/kvm/ "$@"
}

progress() {
	echo "… $(grep -cE '^  (CC|AS)' "$log" || :) objects compiled"
}

# build_state LOG [FILES]: KVM, and what FILES asks for. By default everything any
# patch touches is built in every state, so that a warning has a "before".
build_state() {
	local log=$1 files=${2:-$scratch/touched} objects
	mapfile -t objects < <(extra_objects <"$files")
	with_heartbeat progress build_kernel "${objects[@]}" >"$log" 2>&1 || return 1
	if grep -q '^tools/testing/selftests/kvm/' "$files"; then
		with_heartbeat "KVM selftests" selftests_make "$tree" "$review/kselftest" >>"$log" 2>&1
	fi
}

# know_the_base: objects that are up to date give no warnings again, so those of the
# base are kept as long as base, configuration and the list of objects are the same.
know_the_base() {
	local key kept=$review/$queue.warnings
	touched "${entries[@]}" >"$scratch/touched"
	key=$({ echo "$base"; cat "$tree/o/.config" "$scratch/touched"; gcc -dumpfullversion; } |
		sha256sum | cut -d' ' -f1)
	if [[ ! -f $kept || $(head -n1 "$kept") != "$key" ]]; then
		step "building the base, for the warnings it gives already"
		# A fresh start, or objects of an older run would keep theirs to themselves.
		cp "$tree/o/.config" "$scratch/config"
		rm -rf "$tree/o" "$review/kselftest"
		mkdir "$tree/o"
		cp "$scratch/config" "$tree/o/.config"
		build_state "$logs/base" || {
			show_first_errors "$logs/base"
			die "the base itself does not build; the whole log: $logs/base"
		}
		{ echo "$key"; warnings "$logs/base"; } >"$scratch/kept"
		mv "$scratch/kept" "$kept"
	fi
	tail -n +2 "$kept" | sort -u >"$scratch/known"
	built=$base
}

know_before() {
	step "building what comes before $entry"
	build_state "$logs/before" || :
	warnings "$logs/before" >"$scratch/new"
	remember "$scratch/new"
}

# Debian's python3 first: it has the dictionary and the modules that checkpatch
# looks for. Without them it says so and goes on; here that is a finding.
# MACRO_ARG_PRECEDENCE wants parentheses around the name of a member after "->".
checkpatch_findings() {
	(cd "$tree" && PATH=/usr/bin:/bin:$PATH scripts/checkpatch.pl --strict --codespell --no-summary --terse \
		--show-types --color=never --ignore MISSING_SIGN_OFF,FILE_PATH_CHANGES,UNKNOWN_COMMIT_ID,MACRO_ARG_PRECEDENCE \
		"$1") || :
}

order_problems() {
	[[ ${entries[0]} == fixes/* ]] || echo "the first patch is not of topic fixes"
	scattered_topics
}

# with_needs ENTRY: it and what it needs, in the order of the series.
with_needs() {
	local all=" $1 " entry needed
	# What is needed comes before, so that one pass from the end finds all.
	while read -r entry needed; do
		[[ $all != *" $entry "* ]] || all+="$needed "
	done < <(tac <<<"$needs")
	for entry in "${entries[@]}"; do
		[[ $all != *" $entry "* ]] || echo "$entry"
	done
}

# alone ENTRY: sets alone_of[ENTRY] to the result; to nothing if all patches
# before it are needed, as it then is in its place what it is alone.
declare -A alone_of=()
alone() {
	local entry=$1 row="" with log=$logs/alone-${1//\//-}
	mapfile -t with < <(with_needs "$entry")
	[[ ${with[*]} != "${entries[*]:0:${#with[@]}}" ]] || return 0
	step "$entry, alone"
	at_base
	touched "${with[@]}" >"$scratch/alone"
	if ! apply_patches "${with[@]}"; then
		verdict FAIL alone
		apply_errors
	elif build_state "$log" "$scratch/alone"; then
		verdict ok alone
	else
		verdict FAIL alone
		show_first_errors "$log"
	fi
	alone_of[$entry]=$row
}

check_alone() {
	for entry in "${chosen[@]}"; do
		[[ $entry != fixes/* ]] || alone "$entry"
	done
}

alone_result() {
	if [[ $entry != fixes/* ]]; then
		row+=$(printf '%-12s' -)
	elif [[ -n ${alone_of[$entry]:-} ]]; then
		row+=${alone_of[$entry]}
	else
		verdict "$1" alone
	fi
}

check_whole() {
	local shared='^(virt/kvm/|include/(uapi/)?linux/kvm|include/kvm/|include/trace/events/kvm|arch/(s390|powerpc|arm64)/)'
	grep -qE "$shared" <(touched "${chosen[@]}") || return 0
	if "$KVMSCOPE_ROOT/tools/review/cross-build" --tree "$tree"; then
		series_verdict ok cross 's390 powerpc arm64'
	else
		series_verdict FAIL cross 's390 powerpc arm64'
	fi
}
