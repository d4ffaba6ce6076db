# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# say.sh: how every shell tool talks. All of it goes to stderr, because stdout
# belongs to results. Plain lines: readable in a log, without tty or colour.

say_name=${0##*/}
# The heartbeat that runs now; never one that a parent exported.
say_beat=

# The tool's own stderr: a message, a heartbeat or a trap's last word must not
# end up in the log that a build's output is being redirected to.
exec {say_fd}>&2

# die MESSAGE [STATUS]: one line naming cause and cure, then exit.
die() {
	end_heartbeat
	printf '%s: %s\n' "$say_name" "$1" >&"$say_fd"
	exit "${2:-1}"
}

# warn MESSAGE: something the user must not miss, though work goes on.
warn() {
	printf '%s: WARNING: %s\n' "$say_name" "$1" >&"$say_fd"
}

# step MESSAGE: what happens now, and how long the tool has been running.
step() {
	printf '[%4d s] %s: %s\n' "$SECONDS" "$say_name" "$1" >&"$say_fd"
}

# with_heartbeat WHAT COMMAND…: run COMMAND; every HEARTBEAT_SECONDS (15) say
# that it still runs. WHAT may be a function that prints how far things are.
with_heartbeat() {
	local what=$1 parent=$BASHPID status=0 seconds=${HEARTBEAT_SECONDS:-15}
	shift
	[[ $seconds =~ ^[1-9][0-9]{0,4}$ ]] ||
		die "HEARTBEAT_SECONDS='$seconds' is no number of seconds from 1 to 99999; unset it" 2
	(
		# A pipe nobody writes to: read's timeout is a sleep that
		# leaves no child behind. One second each, so that a parent
		# that was killed is noticed, and its stderr closed, soon.
		exec {never}<> <(:)
		for ((tick = 1; ; tick++)); do
			read -rt 1 -u "$never" || :
			# One that is dead, too, and waits for its own parent to look.
			process_stat "$parent" && [[ $say_state != Z ]] || exit 0
			((tick % seconds == 0)) || continue
			if declare -F "$what" >/dev/null; then
				step "$("$what")"
			else
				step "… $what"
			fi
		done
	) &
	say_beat=$!
	"$@" || status=$?
	end_heartbeat
	return "$status"
}

# process_stat PID: sets say_state and say_parent. Fails if there is no such process.
process_stat() {
	local stat
	{ stat=$(</proc/"$1"/stat); } 2>/dev/null || return 1
	# The name, in parentheses, may contain anything.
	read -r say_state say_parent _ <<<"${stat##*) }"
}

# end_heartbeat: if it is still ours: it may have ended, and its number be another's.
# By a signal that can't be caught: until a new subshell has got rid of its parent's
# traps it would run them, and they remove the parent's files.
end_heartbeat() {
	local beat=$say_beat
	say_beat=
	[[ -n $beat ]] || return 0
	process_stat "$beat" && [[ $say_parent == "$BASHPID" ]] || return 0
	kill -KILL "$beat" 2>/dev/null || :
	wait "$beat" 2>/dev/null || :
}

# show_first_errors LOG: what a failed build should have said last.
show_first_errors() {
	{
		grep -nE -m 8 -A 3 'error:|undefined reference|undefined!|No such file|FAILED|Killed' "$1" ||
			grep -nE -m 4 'Error [0-9]|\*\*\*' "$1" || tail -n 10 "$1"
	} | head -n 30 | sed 's/^/  /' >&2
}
