#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A kernel that panics, warns or hangs fails the run, and the reason is shown.
. "${BASH_SOURCE[0]%/*}/lib.sh"

panic() {
	vm -- sh -c 'echo c >/proc/sysrq-trigger'
	is 126 "$status" && has "$err" 'Kernel panic - not syncing: sysrq triggered crash' &&
		has "$err" 'Call Trace:'
}

provoke() {
	vm -- sh -c "echo $1 >/sys/kernel/debug/provoke-crash/DIRECT; exit 0"
}

warning() {
	provoke WARNING
	is 126 "$status" && has "$err" 'kernel splat: warning' &&
		has "$err" 'lkdtm_WARNING' && has "$err" 'CMD exited 0'
}

# Hidden from the console, it still taints the kernel... unless ignore_loglevel
# already kept it visible; either way the run must fail.
hidden_warning() {
	vm -- sh -c 'echo 1 >/proc/sys/kernel/printk
		echo WARNING >/sys/kernel/debug/provoke-crash/DIRECT'
	is 126 "$status" && has "$err" 'kernel splat: warning'
}

bug() {
	provoke BUG
	is 126 "$status" && has "$err" 'kernel BUG at'
}

hang() {
	run=("$KVMSCOPE_ROOT/tools/vm/run" --variant "$variant" --timeout 25)
	vm --log "$scratch/hang" -- sh -c 'echo before; sleep 1000'
	is 124 "$status" && is $'before\n' "$out" && has "$err" 'last console lines' &&
		has "$err" 'FAILED: timeout after 25 s' && has "$err" 'no output for' &&
		has "$(<"$scratch/hang/command.log")" '^before$' &&
		has "$(<"$scratch/hang/console.log")" 'Linux version' &&
		has "$(<"$scratch/hang/emulator.log")" '^# .*qemu' &&
		has_not "$err" "TCG doesn't support"
}

powered_off() {
	vm -- sh -c 'echo o >/proc/sysrq-trigger; sleep 1000'
	is 125 "$status" && has "$err" 'the VM ended before CMD did'
}

failing_init() {
	vm --append 'rdinit=/usr/bin/false' -- true
	is 126 "$status" && has "$err" 'Attempted to kill init'
}

plan 7
check 'panic' panic
check 'WARN, though the command exited 0' warning
check 'WARN, though the command silenced the console' hidden_warning
check 'BUG' bug
check 'hang: timeout, heartbeat, three logs' hang
check 'powered off by the command' powered_off
check 'the first process dies' failing_init
finish
