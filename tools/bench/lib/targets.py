# SPDX-License-Identifier: GPL-2.0-only
"""A figure that has to stay within a limit.

"At most" means within what the A/A pair differs by, which is at most 1 %. Where
figures differ by more, a target is only valid if value and limit are further apart.
"""

from dataclasses import dataclass

from bench.lib.checks import MAX_SPREAD, Check


def figure(value):
    """A number of instructions or bytes, or a ratio."""
    return f"{value:.0f}" if value >= 1000 else f"{value:.4g}"


@dataclass
class Target:
    text: str
    value: float
    limit: float
    tolerance: float
    noise: float

    @property
    def valid(self):
        apart = abs(self.value - self.limit)
        return self.noise <= MAX_SPREAD or apart > self.noise * (self.value + self.limit)

    @property
    def reached(self):
        return self.value <= self.limit * (1 + self.tolerance)

    @property
    def good(self):
        return self.valid and self.reached

    def figures(self):
        return f"{figure(self.value)}, limit {figure(self.limit)}"

    def verdict(self):
        if not self.valid:
            return f"NOT VALID, figures differ by {self.noise:.1%}"
        return "yes" if self.reached else "NO"

    def check(self):
        return Check(self.good, f"{self.text}: {self.figures()}", self.verdict())


def target_list(targets):
    """Lines of Markdown."""
    return "\n".join(f"- {target.verdict()}: {target.text}: {target.figures()}"
                     for target in targets)
