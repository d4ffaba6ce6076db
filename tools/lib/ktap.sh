# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# ktap.sh: print KTAP from a shell test. Source it, call plan, then one check or
# result for every result, and finish at the end.

ktap_number=0
ktap_failed=0

plan() {
	echo 'KTAP version 1'
	echo "1..$1"
}

# result STATUS NAME [DETAIL]: one result, good if STATUS is 0; DETAIL tells why not.
result() {
	local word=ok
	ktap_number=$((ktap_number + 1))
	if (($1)); then
		word='not ok'
		ktap_failed=$((ktap_failed + 1))
		[[ -z ${3:-} ]] || echo "# ${3//$'\n'/$'\n# '}"
	fi
	echo "$word $ktap_number $2"
}

# check NAME COMMAND…: passes if COMMAND succeeds; its output is shown if not.
check() {
	local name=$1 output status=0
	shift
	output=$("$@" 2>&1) || status=$?
	result "$status" "$name" "failed: $*${output:+$'\n'$output}"
}

# skip NAME REASON: counted apart; never for what make setup could install.
skip() {
	ktap_number=$((ktap_number + 1))
	echo "ok $ktap_number $1 # SKIP $2"
}

finish() {
	exit $((ktap_failed > 0))
}

# is WANTED GOT: equality that shows both sides.
is() {
	[[ $1 == "$2" ]] || { printf 'wanted: %q\ngot:    %q\n' "$1" "$2"; return 1; }
}

# has TEXT PATTERN: PATTERN is an extended regular expression.
has() {
	grep -qE -- "$2" <<<"$1" || { printf '%s\n' "no match for: $2" "$1"; return 1; }
}

has_not() {
	! has "$1" "$2" >/dev/null || { printf '%s\n' "unwanted match for: $2" "$1"; return 1; }
}
