#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# As an ordinary user, without a terminal, several at once, interrupted.
. "${BASH_SOURCE[0]%/*}/lib.sh"

# unprivileged COMMAND…: as an ordinary user, also when root runs the tests.
unprivileged() {
	if [[ $EUID == 0 ]]; then
		setpriv --reuid=1000 --regid=1000 --clear-groups "$@"
	else
		"$@"
	fi
}

# A checkout and a kernel that this user owns and can reach.
own=$scratch/own
mkdir -p "$own/tools" "$own/build/kernel"
cp -r "$KVMSCOPE_ROOT"/tools/{lib,vm} "$own/tools"
cp -r "$KVMSCOPE_ROOT/kernel-config" "$own"
cp -r "$KVMSCOPE_BUILD/kernel/$variant" "$own/build/kernel/stock"
chmod 711 "$scratch"
[[ $EUID != 0 ]] || chown -R 1000:1000 "$own"

own_run=(env -u KVMSCOPE_BUILD HOME="$own" "$own/tools/vm/run" --variant stock --timeout 240)

# setsid: no controlling terminal either.
ordinary_user() {
	capture unprivileged setsid -w "${own_run[@]}" --share "$own/build/kernel" -- \
		sh -c 'id -u; echo back >/mnt/share/back; exit 4' </dev/null
	is 4 "$status" && is $'0\n' "$out" && [[ -O $own/build/kernel/back || $EUID == 0 ]] &&
		is 'back' "$(<"$own/build/kernel/back")"
}

closed_stdin() {
	capture unprivileged "${own_run[@]}" -- echo fine <&-
	is 0 "$status" && is $'fine\n' "$out"
}

two_at_once() {
	local first second
	unprivileged "${own_run[@]}" -- sh -c 'echo one; exit 11' >"$scratch/one" 2>&1 &
	first=$!
	unprivileged "${own_run[@]}" -- sh -c 'echo two; exit 12' >"$scratch/two" 2>&1 &
	second=$!
	wait "$first"
	is 11 $? || { cat "$scratch/one" "$scratch/two"; return 1; }
	wait "$second"
	is 12 $? && has "$(<"$scratch/one")" '^one$' && has "$(<"$scratch/two")" '^two$' &&
		is 2 "$(sed -n 's/.*logs: //p' "$scratch/one" "$scratch/two" | sort -u | wc -l)"
}

# wait_for PATTERN FILE PID: until the file has it, or the process is gone.
wait_for() {
	until grep -qs "$1" "$2"; do
		[[ -d /proc/$3 ]] || { cat "$2"; return 1; }
		sleep 0.2
	done
}

# ends_with SIGNAL STATUS: the runner's own QEMU is gone when it ends.
ends_with() {
	local waiter pid emulator got log=$scratch/killed-$1
	# A shell's background job ignores SIGINT; from a terminal it does not.
	unprivileged env -u KVMSCOPE_BUILD HOME="$own" python3 -c '
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' \
		"$own/tools/vm/run" --variant stock -- sh -c 'echo ready; sleep 1000' >"$log" 2>&1 &
	waiter=$!
	wait_for '^ready' "$log" "$waiter" || return 1
	pid=$(pgrep -f "^python3 $own/tools/vm/run" | head -n 1)
	emulator=$(pgrep -P "${pid:-0}" qemu)
	[[ -n $pid && -n $emulator ]] || { echo "no runner or no QEMU found"; return 1; }
	kill -s "$1" "$pid"
	wait "$waiter"
	got=$?
	is "$2" "$got" || { cat "$log"; return 1; }
	# SIGKILL: the kernel ends the emulator, a moment later.
	for _ in {1..100}; do
		[[ -d /proc/$emulator ]] || return 0
		sleep 0.1
	done
	echo "QEMU $emulator is left"
	return 1
}

no_leftovers() {
	is '' "$(find "$own/build/vm" -name '*tmp*' -o -name '*.last')"
}

plan 7
check 'an ordinary user without a terminal' ordinary_user
check 'standard input closed' closed_stdin
check 'two at once' two_at_once
check '^C ends the VM: status 130' ends_with INT 130
check 'SIGTERM: status 143' ends_with TERM 143
check 'SIGKILL leaves no emulator behind' ends_with KILL 137
check 'no temporary files are left' no_leftovers
finish
