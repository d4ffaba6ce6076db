#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every exit status of tools/vm/run, and what it says, from what was observed:
no VM is needed."""

import os
import sys

sys.dont_write_bytecode = True
TOOLS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "tools")
sys.path[:0] = [os.path.join(TOOLS, "lib"), os.path.join(TOOLS, "vm")]

from tap import Tap  # noqa: E402
from vmlib.splats import Splat  # noqa: E402
from vmlib.verdict import Observed, judge  # noqa: E402

SPLAT = Splat("warning", False, ["cut here", "WARNING: x"])
ENDED = "after 3.2 s; logs: build/vm/run-1"

# name, what was observed, exit status, messages
CASES = []


def case(name, exit_status, *lines, **observed):
    CASES.append((name, observed, exit_status, list(lines)))


case("CMD's own status", 7, f"CMD exited 7 {ENDED}", status=7)
case("success", 0, f"CMD exited 0 {ENDED}", status=0)
case("CMD's 124 is no timeout", 124, f"CMD exited 124 {ENDED}", status=124)
case("a timeout shows the console", 124,
     "last console lines:", "  almost there", f"FAILED: timeout after 600 s, {ENDED}",
     timeout=600, console=["almost there"])
case("the quit key", 130, f"quit, {ENDED}", quit=True)
case("a splat, though CMD succeeded", 126,
     "kernel splat: warning", "  cut here", "  WARNING: x",
     f"FAILED: the kernel reported a problem (CMD exited 0), {ENDED}", splats=[SPLAT], status=0)
case("a splat that stopped the VM outweighs the timeout", 126,
     "kernel splat: warning", "  cut here", "  WARNING: x",
     f"FAILED: the kernel reported a problem, {ENDED}", splats=[SPLAT], timeout=600)
case("three splats are shown, all are counted", 126,
     *["kernel splat: warning", "  cut here", "  WARNING: x"] * 3,
     "and 2 more, in build/vm/run-1/console.log",
     f"FAILED: the kernel reported a problem (CMD exited 1), {ENDED}",
     splats=[SPLAT] * 5, status=1)
case("CMD switched the VM off", 125,
     "error: the VM ended before CMD did", "  powering off",
     f"FAILED: no exit status, {ENDED}", console=["powering off"])
case("init gave up", 125,
     "error: the VM's init gave up: kvmscope.in: No such device",
     f"FAILED: no exit status, {ENDED}", booted=False, init_error="kvmscope.in: No such device")
case("QEMU failed", 125,
     "error: the VM ended before it had booted; QEMU exited -6", "  qemu: cannot", "  early",
     f"FAILED: no exit status, {ENDED}",
     booted=False, emulator_status=-6, emulator_said=["qemu: cannot"], console=["early"])
case("QEMU failed with KVM: what works", 125,
     "error: the VM ended before it had booted; QEMU exited 1; use ACCEL=tcg",
     f"FAILED: no exit status, {ENDED}", booted=False, emulator_status=1, instead="use ACCEL=tcg")


def main():
    tap = Tap(len(CASES) + 1)
    routine = []
    for name, observed, exit_status, lines in CASES:
        verdict = judge(Observed(seconds=3.21, logs="build/vm/run-1", **observed))
        tap.equal((verdict.status, verdict.lines), (exit_status, lines), name)
        if verdict.routine:
            routine.append(name)
    tap.equal(routine, ["CMD's own status", "success", "CMD's 124 is no timeout"],
              "--quiet keeps to itself what is CMD's, nothing else")
    tap.finish()


if __name__ == "__main__":
    main()
