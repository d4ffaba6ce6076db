#!/bin/bash
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
cp -r "$KVMSCOPE_ROOT/tools/vm" "$own/tools"
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
	is 11 $? || return 1
	wait "$second"
	is 12 $? && has "$(<"$scratch/one")" '^one$' && has "$(<"$scratch/two")" '^two$' &&
		is 2 "$(sed -n 's/.*logs: //p' "$scratch/one" "$scratch/two" | sort -u | wc -l)"
}

# started PID…: waits until the command in the VM has spoken.
wait_for() {
	local pattern=$1 file=$2
	for _ in {1..600}; do
		grep -q "$pattern" "$file" && return 0
		sleep 0.2
	done
	cat "$file"
	return 1
}

# ends_with SIGNAL STATUS: the runner's own QEMU is gone, and its files are.
ends_with() {
	local pid emulator got
	# In its own group, as from a terminal; python must not ignore SIGINT.
	unprivileged setsid -w python3 -c '
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "${own_run[@]:4}" -- \
		sh -c 'echo ready; sleep 1000' >"$scratch/killed" 2>&1 &
	wait_for '^ready' "$scratch/killed" || return 1
	pid=$(pgrep -f "$own/tools/vm/run --variant stock" | head -n 1)
	emulator=$(pgrep -P "$pid" qemu)
	kill -s "$1" "$pid"
	wait $!
	got=$?
	for _ in {1..50}; do
		[[ -d /proc/$emulator ]] || break
		sleep 0.1
	done
	[[ -n $emulator && ! -d /proc/$emulator ]] || { echo "QEMU $emulator is left"; return 1; }
	[[ $1 == KILL ]] || is "$2" "$got"
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
check 'SIGKILL leaves no emulator behind' ends_with KILL 0
check 'no temporary files are left' no_leftovers
finish
