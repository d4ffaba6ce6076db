# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# lib.sh: what fetchers share: the lock file, the downloads folder, a private apt
# root. Source after say.sh and paths.sh.
#
# What is fetched comes from Debian suites that the machine does not use. A private
# apt root (own lists, own cache, the machine's mirror) downloads it, checksums and
# signatures checked, without touching the system's apt set-up and without root.

# Functions here are called in $( ), where errexit would otherwise be off.
shopt -s inherit_errexit

fetch_folder=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
lock_file=${KVMSCOPE_SOURCES_LOCK:-$fetch_folder/sources.lock}
downloads=$KVMSCOPE_CACHE/downloads
# The variable that takes a source of the user's own, if there is one: what to do
# without a mirror.
own_variable=

# locked SECTION NAME: what the lock file pins.
locked() {
	local value
	[[ -f $lock_file && -r $lock_file ]] ||
		die "cannot read the lock file $lock_file; correct or unset KVMSCOPE_SOURCES_LOCK"
	value=$(awk -v section="[$1]" -v name="$2" '
		/^\[/ { inside = $1 == section; next }
		inside && $1 == name { sub(/^[^[:space:]]+[[:space:]]+/, ""); print; exit }' "$lock_file")
	[[ -n $value ]] || die "$lock_file has no line '$2' in section [$1]"
	echo "$value"
}

# A tree has no checksum; names, sizes and times of its files change with it.
tree_key() {
	"$fetch_folder/tree-files" "$1" |
		(cd "$1" && xargs -0r stat --printf '%n %s %Y\n') |
		LC_ALL=C sort | sha256sum | cut -d' ' -f1
}

# print_own WHAT CHECK KEY: the path that the user's own variable holds, a tarball or
# tree of WHAT; if KEY is true, what identifies it. CHECK TREE ends the tool if the
# tree can't be used.
print_own() {
	local given=${!own_variable} source
	source=$(realpath -e -- "$given" 2>/dev/null) ||
		die "$own_variable='$given' does not exist; give a $1 tarball or source tree"
	if [[ -d $source ]]; then
		"$2" "$source"
	else
		[[ $source == *.tar || $source == *.tar.* || $source == *.tgz ]] ||
			die "$own_variable='$given' is neither a directory nor a .tar, .tar.xz, .tar.gz, .tar.bz2, .tar.zst or .tgz file"
	fi
	if ! "$3"; then
		echo "$source"
	elif [[ -d $source ]]; then
		echo "tree $(tree_key "$source")"
	else
		echo "tarball $(sha256sum <"$source" | cut -d' ' -f1)"
	fi
}

# matches FILE SHA256
matches() {
	[[ $(sha256sum <"$1" | cut -d' ' -f1) == "$2" ]]
}

# is_cached FILE SHA256: it is there, and whole.
is_cached() {
	[[ -f $1 ]] || return 1
	matches "$1" "$2" && return 0
	warn "$1 is damaged (wrong SHA-256); fetching it again"
	rm -f "$1"
	return 1
}

# open_downloads: the folder is there and can be written to.
open_downloads() {
	mkdir -p "$downloads" 2>/dev/null && [[ -w $downloads ]] ||
		die "cannot write to $downloads; make it writable or choose another folder with KVMSCOPE_CACHE="
}

# begin_fetch: one at a time, in folder $work, which goes whatever happens. The lock
# dies with its holder, so whatever the holder before us left behind is garbage by
# the time we hold it.
begin_fetch() {
	exec {fetch_lock_fd}>"$downloads/.lock"
	flock -n "$fetch_lock_fd" || {
		step "waiting for another fetch into $downloads"
		flock "$fetch_lock_fd"
	}
	rm -rf "$downloads"/.fetch.*
	work=$(mktemp -d "$downloads/.fetch.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	trap 'die "interrupted; nothing was kept, run it again" 130' INT
	trap 'die "terminated; nothing was kept, run it again" 143' TERM HUP
	write_apt_root
}

# need_space BYTES: for what the caller is about to write.
need_space() {
	local available
	available=$(df --output=avail -B1 "$downloads" | tail -n1)
	(($1 <= available)) ||
		die "no space: $downloads has $((available / 1048576)) MiB free and needs $(($1 / 1048576 + 1)) MiB; free some or set KVMSCOPE_CACHE="
}

# explain WHAT SUITE: turn apt's log into one line with cause and cure.
explain() {
	local log=$work/log
	if grep -qE 'No space left|File (too large|size limit exceeded)|[Ww]rite error|signal 25' "$log"; then
		die "$1 failed: no space in $downloads; free some or set KVMSCOPE_CACHE="
	elif grep -qE 'Hash Sum mismatch|size mismatch|unexpected size' "$log"; then
		die "$1 failed: the mirror's file has a wrong checksum; try again later or set KVMSCOPE_MIRROR="
	elif grep -qE 'NO_PUBKEY|not signed|EXPKEYSIG|invalid signature' "$log"; then
		die "$1 failed: the mirror's index of $2 is not signed by Debian; check KVMSCOPE_MIRROR and the package debian-archive-keyring"
	elif grep -qE 'does not have a Release file|404 ' "$log"; then
		die "$1 failed: the mirror does not carry $2; set KVMSCOPE_MIRROR= to a full Debian mirror${own_variable:+, or $own_variable=}"
	elif grep -qE 'resolv|connect|timed out|Failed to fetch|failure' "$log"; then
		die "$1 failed: the package mirror cannot be reached; check the network${own_variable:+, or give a tarball with $own_variable=}"
	fi
	die "$1 failed: $(tail -n1 "$log" | sed 's/^E: //')"
}

# write_apt_root: sets $mirror to the machine's own mirror of Debian 12, from its apt
# set-up. The machine's apt settings stay (a proxy, say), except hooks, which expect
# root, and preferences, which could forbid a suite.
write_apt_root() {
	mirror=${KVMSCOPE_MIRROR:-$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 2>/dev/null |
		awk '$2 == "bookworm" || $2 == "stable" {print $1; exit}')}
	[[ -n $mirror ]] ||
		die "apt does not know a mirror of Debian 12 (bookworm): run 'make setup' as root, which fills apt's package lists, or set KVMSCOPE_MIRROR="
	mkdir -p "$work"/{parts,lists/partial,cache/archives/partial}
	: >"$work/status"
	cat >"$work/apt.conf" <<-CONF
		#clear APT::Update::Pre-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		Dir::Etc::SourceList "/dev/null";
		Dir::Etc::SourceParts "$work/parts";
		Dir::Etc::Preferences "/dev/null";
		Dir::Etc::PreferencesParts "/dev/null";
		Dir::State::Lists "$work/lists";
		Dir::State::Status "$work/status";
		Dir::Cache "$work/cache";
		Acquire::Languages "none";
		Acquire::Retries "2";
		Acquire::http::Timeout "30";
		APT::Sandbox::User "";
	CONF
}

private_apt() {
	local tool=$1
	shift
	LC_ALL=C APT_CONFIG=$work/apt.conf "$tool" -q "$@"
}

# read_index TYPE SUITE APT-OPTIONS: of its packages (deb) or its sources (deb-src).
read_index() {
	step "reading the index of $2"
	echo "$1 [$3] $mirror $2 main" >"$work/parts/suite.list"
	update() {
		private_apt apt-get update --error-on=any >"$work/log" 2>&1
	}
	with_heartbeat "still reading it" update ||
		explain "reading the index of $2" "$2"
}

# choose_version SECTION CONSEQUENCE <VERSIONS: sets version to the pinned one, or if
# that is gone to the newest of its series, saying so with the CONSEQUENCE; then
# pinned is false.
choose_version() {
	local versions newest package suite series candidate
	package=$(locked "$1" package)
	suite=$(locked "$1" suite)
	version=$(locked "$1" version)
	pinned=true
	versions=$(sort -Vu)
	! grep -qxF -- "$version" <<<"$versions" || return 0
	series=$(locked "$1" series)
	# shellcheck disable=SC2053 # the right side is a pattern
	newest=$(while read -r candidate; do
		[[ $candidate != $series ]] || echo "$candidate"
	done <<<"$versions" | tail -n1)
	[[ -n $newest ]] ||
		die "the mirror's $suite has no $package of version $series; ${own_variable:+give a tarball with $own_variable=, or }pin another in tools/fetch/sources.lock"
	warn "the pinned $package $version is gone from the mirror."
	warn "Going on with $newest: its checksum is the archive's, not this project's,"
	warn "and $2. Update tools/fetch/sources.lock."
	version=$newest
	pinned=false
}

# download WHAT SUITE BYTES COMMAND…: run in $work, saying how far it is.
download() {
	local what=$1 suite=$2
	local -i bytes=$3
	shift 3
	need_space $((bytes * 2 + 16777216))
	progress() {
		local have
		have=$(find "$work" "$work/cache/archives/partial" -maxdepth 1 -type f ! -name apt.conf ! -name log \
			-printf '%s\n' 2>/dev/null | awk '{ n += $1 } END { print n + 0 }')
		echo "… $((have / 1048576)) of $(((bytes + 1048575) / 1048576)) MiB"
	}
	in_work() {
		(cd "$work" && "$@") >"$work/log" 2>&1
	}
	step "downloading $what, $(((bytes + 1048575) / 1048576)) MiB"
	HEARTBEAT_SECONDS=5 with_heartbeat progress in_work "$@" ||
		explain "downloading ${what%% *}" "$suite"
}

# download_package SECTION: of $version; sets deb to its path in $work. read_index and
# choose_version come before.
download_package() {
	local package suite bytes
	package=$(locked "$1" package)
	suite=$(locked "$1" suite)
	# Line of --print-uris: 'URI' file size hash
	read -r _ deb bytes _ < <(cd "$work" &&
		private_apt apt-get download --print-uris "$package=$version" 2>"$work/log") ||
		explain "finding $package $version" "$suite"
	download "$package $version" "$suite" "$bytes" private_apt apt-get download "$package=$version"
	deb=$work/$deb
	if $pinned && ! matches "$deb" "$(locked "$1" deb-sha256)"; then
		die "wrong checksum: ${deb##*/} from the mirror is not the one pinned in $lock_file; nothing was kept"
	fi
}
