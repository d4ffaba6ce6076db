# SPDX-License-Identifier: GPL-2.0-only
"""The runner's own terminal, which the VM's shell has while it is raw."""

import contextlib
import os
import termios
import tty

QUIT_KEY = b"\x1d"


class Terminal:
    def __init__(self):
        self.is_raw = False

    @staticmethod
    def size():
        """Rows and columns."""
        columns, rows = os.get_terminal_size(0)
        return rows, columns

    @property
    def line_end(self):
        """What ends a line of ours: a raw terminal needs the carriage return."""
        return "\r\n" if self.is_raw else "\n"

    @contextlib.contextmanager
    def raw(self):
        """Every key goes to the VM."""
        before = termios.tcgetattr(0)
        self.is_raw = True
        try:
            tty.setraw(0)
            yield
        finally:
            termios.tcsetattr(0, termios.TCSADRAIN, before)
            self.is_raw = False
