# SPDX-License-Identifier: GPL-2.0-only
"""What a benchmark's judge says of the measured data."""

from dataclasses import dataclass

from tap import Tap

# Under icount, runs that differ by more than this measured something else, too.
MAX_SPREAD = 0.01


@dataclass(frozen=True)
class Check:
    """One result; WHY, shown if it is not good, tells why."""
    good: bool
    name: str
    why: str = ""


def all_good(checks):
    return all(check.good for check in checks)


def print_ktap(checks):
    tap = Tap(len(checks))
    for check in checks:
        tap.check(check.good, check.name, check.why)
