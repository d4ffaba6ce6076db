#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""tools/vm/run on a terminal: a shell that has it, and gives it back as it was."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "tools", "lib"))

from paths import VM_RUN  # noqa: E402
from tap import Tap  # noqa: E402

VARIANT = os.environ.get("VM_TEST_VARIANT", "stock")
SECONDS = 120
QUIT_KEY = b"\x1d"


class TerminalRun:
    """A runner on a terminal of its own, 33 by 77."""

    def __init__(self):
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
        self.before = termios.tcgetattr(self.theirs)
        self.seen = b""
        self.deadline = time.monotonic() + SECONDS
        self.process = subprocess.Popen([VM_RUN, "--variant", VARIANT], stdin=self.theirs,
                                        stdout=self.theirs, stderr=self.theirs)

    def _read(self):
        if select.select([self.ours], [], [], 0.2)[0]:
            self.seen += os.read(self.ours, 1 << 12)

    def wait_for(self, text):
        """Whether TEXT came, in the end."""
        while text not in self.seen and time.monotonic() < self.deadline:
            self._read()
        return text in self.seen

    def type(self, keys):
        os.write(self.ours, keys)

    def end(self):
        """The exit status, once it has ended."""
        while self.process.poll() is None and time.monotonic() < self.deadline:
            self._read()
        self.process.terminate()
        self._read()
        return self.process.wait()


def main():
    tap = Tap(7)
    shell = TerminalRun()
    tap.check(shell.wait_for(b"# "), "a shell shows its prompt", shell.seen)
    shell.type(b"stty size; echo $((6 * 7)) >/dev/tty; exit 3\r")
    tap.check(shell.wait_for(b"33 77\r\n42\r\n"), "it has a terminal as large as ours", shell.seen)
    tap.equal(shell.end(), 3, "its exit status is ours")
    tap.check(b"vm: booted in" in shell.seen and b"vm: CMD exited 3" in shell.seen,
              "messages are shown, too", shell.seen)
    tap.equal(termios.tcgetattr(shell.theirs), shell.before, "the terminal is as it was")

    ended = TerminalRun()
    ended.wait_for(b"# ")
    ended.type(QUIT_KEY)
    tap.equal(ended.end(), 130, "Ctrl-] ends the VM")
    tap.equal(termios.tcgetattr(ended.theirs), ended.before, "the terminal is as it was then, too")
    tap.finish()


if __name__ == "__main__":
    main()
