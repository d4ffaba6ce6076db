# shellcheck shell=bash
# say.sh: how every shell tool talks. All of it goes to stderr, because stdout
# belongs to results. Plain lines: readable in a log, without tty or colour.

say_name=${0##*/}

# die MESSAGE [STATUS]: one line naming cause and cure, then exit.
die() {
	printf '%s: %s\n' "$say_name" "$1" >&2
	exit "${2:-1}"
}

# warn MESSAGE: something the user must not miss, though work goes on.
warn() {
	printf '%s: WARNING: %s\n' "$say_name" "$1" >&2
}

# step MESSAGE: what happens now, and how long the tool has been running.
step() {
	printf '[%4d s] %s: %s\n' "$SECONDS" "$say_name" "$1" >&2
}

# with_heartbeat WHAT COMMAND…: run COMMAND; every 15 s say that it still runs.
# WHAT may be the name of a function that prints how far things are.
with_heartbeat() {
	local what=$1 parent=$BASHPID beat status=0
	shift
	(
		# A pipe nobody writes to: read's timeout is a sleep that
		# leaves no child behind holding our stderr open.
		exec {never}<> <(:)
		while ! read -rt "${HEARTBEAT_SECONDS:-15}" -u "$never" &&
		      [[ -d /proc/$parent ]]; do
			if declare -F "$what" >/dev/null; then
				step "$("$what")"
			else
				step "… $what"
			fi
		done
	) &
	beat=$!
	"$@" || status=$?
	kill "$beat" 2>/dev/null || :
	wait "$beat" 2>/dev/null || :
	return "$status"
}
