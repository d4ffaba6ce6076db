# SPDX-License-Identifier: GPL-2.0-only
"""What a run that is over means: exit status and messages."""

import dataclasses
import signal

EXIT_TIMEOUT = 124
EXIT_RUNNER = 125
EXIT_SPLAT = 126
EXIT_QUIT = 128 + signal.SIGINT
SHOWN_SPLATS = 3


@dataclasses.dataclass(frozen=True)
class Observed:
    """Of a VM that has ended: what its ports, its console and QEMU have told."""
    seconds: float
    logs: str
    # The last lines, and all splats of the kernel's console.
    console: list = ()
    splats: list = ()
    # CMD's exit status; None: it has not ended.
    status: int | None = None
    # The limit, if that is why the VM was ended; or the user ended it.
    timeout: int | None = None
    quit: bool = False
    booted: bool = True
    init_error: str | None = None
    emulator_status: int | None = None
    emulator_said: list = ()
    # What to try if the accelerator is to blame for a VM that never booted.
    instead: str | None = None


@dataclasses.dataclass(frozen=True)
class Verdict:
    status: int
    lines: list
    # Only what --quiet keeps to itself.
    routine: bool = False


def judge(seen):
    """The first of these that holds: a splat outweighs whatever CMD made of it."""
    ended = f"after {seen.seconds:.1f} s; logs: {seen.logs}"
    if seen.splats:
        own = "" if seen.status is None else f" (CMD exited {seen.status})"
        return Verdict(EXIT_SPLAT, [
            *_splat_lines(seen), f"FAILED: the kernel reported a problem{own}, {ended}"])
    if seen.timeout is not None:
        return Verdict(EXIT_TIMEOUT, [
            "last console lines:", *_indented(seen.console),
            f"FAILED: timeout after {seen.timeout} s, {ended}"])
    if seen.quit:
        return Verdict(EXIT_QUIT, [f"quit, {ended}"])
    if seen.status is None:
        return Verdict(EXIT_RUNNER, [
            f"error: {_why_lost(seen)}", *_indented(seen.emulator_said),
            *_indented(seen.console), f"FAILED: no exit status, {ended}"])
    return Verdict(seen.status, [f"CMD exited {seen.status} {ended}"], routine=True)


def _indented(lines):
    return [f"  {line}" for line in lines]


def _splat_lines(seen):
    lines = []
    for splat in seen.splats[:SHOWN_SPLATS]:
        lines += [f"kernel splat: {splat.name}", *_indented(splat.lines)]
    more = len(seen.splats) - SHOWN_SPLATS
    return lines + [f"and {more} more, in {seen.logs}/console.log"] if more > 0 else lines


def _why_lost(seen):
    if seen.init_error:
        return f"the VM's init gave up: {seen.init_error}"
    if seen.booted:
        return "the VM ended before CMD did"
    cure = f"; {seen.instead}" if seen.instead else ""
    return f"the VM ended before it had booted; QEMU exited {seen.emulator_status}{cure}"
