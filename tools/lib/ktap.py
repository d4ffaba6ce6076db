# SPDX-License-Identifier: GPL-2.0-only
"""Parse KTAP (Documentation/dev-tools/ktap.rst), also TAP 13 as selftests print it.

Counted are result points: a result with subtests counts as its subtests. What
could pass silently becomes a failed point of its own: a missing plan, fewer or
more results than planned, "Bail out!", an exit status that no result explains.
"""

import re

PASS, FAIL, SKIP = "pass", "fail", "skip"
# What the kernel's selftests exit with to say "skipped".
KSFT_SKIP = 4

_VERSION = re.compile(r"(KTAP version \d+|TAP version \d+)\s*$")
_PLAN = re.compile(r"1\.\.(\d+)(?:\s*#\s*(SKIP)\b[ -]*(.*))?\s*$")
_RESULT = re.compile(r"(not )?ok\b(?:\s+(\d+))?(?:\s+-)?\s*(.*)$")
_DIRECTIVE = re.compile(r"(?:^|\s)#\s*(SKIP|TIMEOUT|XFAIL|TODO|ERROR)\b[ :-]*(.*)$")


class Point:
    def __init__(self, name, status, detail=""):
        self.name = name
        self.status = status
        self.detail = detail


class _Level:
    """The results at one indentation, until their parent's line comes."""

    def __init__(self):
        self.plan = None
        self.plan_skip = None
        self.count = 0
        self.points = []


class Parser:
    def __init__(self):
        self._levels = {}
        self._bail = None

    def feed(self, line):
        line = line.rstrip("\r\n")
        text = line.lstrip(" ")
        depth = len(line) - len(text)
        if _VERSION.match(text):
            self._close_below(depth, None)
            # A second program's output at the same depth goes on counting.
            self._levels.setdefault(depth, _Level())
            return
        if depth == 0 and text.startswith("Bail out!"):
            self._bail = text
            return
        # Indented text is a result only where a version line announced it.
        if depth and depth not in self._levels:
            return
        plan = _PLAN.match(text)
        if plan:
            level = self._levels.setdefault(depth, _Level())
            level.plan = int(plan[1])
            level.plan_skip = plan[3] if plan[2] else None
            return
        result = _RESULT.match(text)
        if result:
            self._result(depth, bool(result[1]), result[3])

    def _result(self, depth, failed, text):
        level = self._levels.setdefault(depth, _Level())
        level.count += 1
        directive = _DIRECTIVE.search(text)
        name = text[:directive.start()].strip() if directive else text.strip()
        name = name or f"result {level.count}"
        detail = f"{directive[1]} {directive[2]}".strip() if directive else ""
        children = self._close_below(depth, name)
        level.points += children
        if directive and directive[1] == "SKIP" and not failed:
            own = SKIP
        else:
            own = FAIL if failed else PASS
        if not children or (own == FAIL and
                            not any(p.status == FAIL for p in children)):
            level.points.append(Point(name, own, detail))

    def _close_below(self, depth, parent):
        """The points of everything indented deeper, their plans checked."""
        points = []
        for each in sorted(d for d in self._levels if d > depth):
            level = self._levels.pop(each)
            prefix = f"{parent}: " if parent else ""
            for point in level.points:
                point.name = prefix + point.name
            points += level.points + self._plan_problems(level, prefix)
        return points

    @staticmethod
    def _plan_problems(level, prefix):
        if level.plan is None:
            return [Point(f"{prefix}plan", FAIL, "no plan (1..N) was printed")]
        if level.plan != level.count:
            return [Point(f"{prefix}plan", FAIL, f"{level.plan} results were "
                          f"planned, {level.count} were printed")]
        return []

    def finish(self, exit_status):
        """All points, with exit_status (of a shell: 128 + N for a signal)."""
        nested = self._close_below(0, None)
        level = self._levels.pop(0, _Level())
        points = level.points + nested
        skipped = level.plan_skip is not None and not level.count
        if skipped:
            points.append(Point("everything", SKIP, level.plan_skip))
        points += self._plan_problems(level, "")
        if self._bail:
            points.append(Point("bail out", FAIL, self._bail))
        unexplained = exit_status and not any(p.status == FAIL for p in points)
        if unexplained and not (skipped and exit_status == KSFT_SKIP):
            points.append(Point("exit status", FAIL,
                                f"{exit_status}, though no result failed"))
        return points


def count(points, status):
    return sum(point.status == status for point in points)


def totals(points):
    """One plain line: "3 passed, 1 failed, 2 skipped"."""
    line = f"{count(points, PASS)} passed, {count(points, FAIL)} failed"
    skipped = count(points, SKIP)
    return f"{line}, {skipped} skipped" if skipped else line
