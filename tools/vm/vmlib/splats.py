# SPDX-License-Identifier: GPL-2.0-only
"""Find kernel splats on the console, by the patterns in splats.txt."""

import dataclasses
import os
import re

from paths import VM_RUN, shown
from vmlib.errors import RunnerError

PATTERNS = os.path.join(os.path.dirname(VM_RUN), "splats.txt")
CONTEXT_LINES = 60
# Linux's taint flags that a splat sets (Documentation/admin-guide/tainted-kernels.rst).
TAINT_OF_SPLATS = {7: "oops", 9: "warning", 14: "soft lockup", 5: "bad page"}

_PREFIX = re.compile(r"^(<\d+>)?(\[ *\d+\.\d+\](\[ *[TC]\d+\])? ?)?")
_CUT_HERE = re.compile(r"-+\[ cut here \]-+")
# Sanitizers end their reports with a line of 66.
_END = re.compile(r"---\[ end (trace|Kernel panic)|^={66}$")


def without_prefix(line):
    return _PREFIX.sub("", line, count=1)


@dataclasses.dataclass(frozen=True)
class Pattern:
    kind: str
    name: str
    regex: re.Pattern


def load(file_name=PATTERNS):
    """The patterns of a file, in order."""
    patterns = []
    with open(file_name, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if not line.strip() or line.startswith("#"):
                continue
            match = re.fullmatch(r"(stop|splat|allow)\s+([^|]+?) \| (.+)", line)
            try:
                if not match:
                    raise re.error("expected 'stop|splat|allow NAME | REGEX'")
                patterns.append(Pattern(match[1], match[2], re.compile(match[3])))
            except re.error as error:
                raise RunnerError(f"{shown(file_name)}:{number}: {error}") \
                    from error
    return patterns


@dataclasses.dataclass
class Splat:
    """STOPS: the kernel cannot go on. COMPLETE: what follows is no part of it."""
    name: str
    stops: bool
    lines: list
    complete: bool = False


class Detector:
    """Fed with console lines; collects splats with the lines that follow."""

    def __init__(self, patterns):
        self._allow = [each for each in patterns if each.kind == "allow"]
        self._deny = [each for each in patterns if each.kind != "allow"]
        self._current = None
        self._cut_here = None
        self.found = []
        self.allowed = []

    def _match(self, text):
        for pattern in self._deny:
            if pattern.regex.search(text):
                return pattern
        return None

    def feed(self, line):
        text = without_prefix(line)
        pattern = self._match(text)
        if self._current and not self._current.complete:
            self._extend(line, text, pattern)
        elif _CUT_HERE.match(text):
            # It stands before every kind: the next line tells which.
            self._cut_here = line
        elif self._cut_here is not None:
            self._begin(pattern, text, [self._cut_here, line])
        elif pattern:
            self._begin(pattern, text, [line])

    def _begin(self, pattern, text, lines):
        self._cut_here = None
        name, stops = (pattern.name, pattern.kind == "stop") if pattern \
            else ("warning", False)
        allowed = any(each.regex.search(text) for each in self._allow)
        self._current = Splat(name, stops, lines)
        (self.allowed if allowed else self.found).append(self._current)

    def _extend(self, line, text, pattern):
        splat = self._current
        splat.lines.append(line)
        if pattern and pattern.kind == "stop":
            # An oops that turns into a panic is one splat, and it stops.
            splat.stops = True
        splat.complete = bool(_END.search(text)) or \
            len(splat.lines) >= CONTEXT_LINES

    def taint(self, flags):
        """A splat that the console did not show still taints the kernel."""
        if self.found or self.allowed:
            return
        for bit, name in TAINT_OF_SPLATS.items():
            if flags & 1 << bit:
                self.found.append(Splat(name, False, [
                    f"the kernel is tainted (flags {flags}: {name}), "
                    "though the console shows no report"]))
                return
