# SPDX-License-Identifier: GPL-2.0-only
"""Follow the console log while QEMU writes it."""

import re

_NOISE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1bc|[\x00-\x08\x0b-\x1f\x7f]")


class Console:
    def __init__(self, path):
        self._file = open(path, "w+b", buffering=0)
        self._partial = b""
        self.lines = []

    def new_lines(self):
        """The complete lines written since the last call."""
        fresh = []
        while chunk := self._file.read(1 << 16):
            *complete, self._partial = (self._partial + chunk).split(b"\n")
            fresh += [_NOISE.sub(b"", line).decode(errors="replace")
                      for line in complete]
        self.lines += fresh
        return fresh

    def last(self, count=1):
        """The last lines that say something."""
        lines = [line for line in self.lines if line.strip()]
        if self._partial.strip():
            lines.append(_NOISE.sub(b"", self._partial).decode(errors="replace"))
        return lines[-count:]
