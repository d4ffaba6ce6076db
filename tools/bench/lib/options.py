# SPDX-License-Identifier: GPL-2.0-only
"""The command lines of the benchmarks: options that several have, what a value may
be, and the command that a record names.

    parser = options.Parser(__doc__, ktap=True)
    options.add_runs(parser, 5)
    given = parser.parse_args()
    options.command_line(parser, given)     # tools/bench/io_bus/run --runs 5 …
"""

import argparse
import math
import os
import shlex

import cli
from paths import BUILD, ROOT

# How results are shown, not what is measured.
SHOWING = ("help", "record", "ktap", "name")
# What else than options decides which programs and kernels are measured.
ENVIRONMENT = ("ACCEL", "QEMU", "HOSTCC")
MOST_MEMSLOTS = 32764


class Parser(cli.Parser):
    """Remembers its options in their order. All benchmarks have --record, and those
    with KTAP have --ktap."""

    def __init__(self, text, ktap=False):
        self.known = []
        super().__init__(text)
        self.add_argument("--record", action="store_true")
        if ktap:
            self.add_argument("--ktap", action="store_true")
        else:
            self.set_defaults(ktap=False)

    def add_argument(self, *names, **details):
        action = super().add_argument(*names, **details)
        self.known.append((names[0], action.dest))
        return action


def numbers(least, most):
    """For add_argument(type=…): whole numbers, LEAST to MOST, between commas."""
    def parse(text):
        return [cli.whole_number(least, most)(word) for word in text.split(",")]
    return parse


def factor(text):
    """For add_argument(type=…): a number that is not negative, perhaps with a point."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number")
    return value


def add_runs(parser, default, least=1):
    parser.add_argument("--runs", type=cli.whole_number(least), default=default)


def add_slots(parser, default):
    parser.add_argument("--slots", type=numbers(1, MOST_MEMSLOTS), default=default)


def add_indexes(parser):
    parser.add_argument("--indexes", default="all")


def add_selftests(parser):
    parser.add_argument("--selftests")


def of_measurement(parser, given):
    """{name: value} of all options that decide what is measured, and how it is judged."""
    return {name: getattr(given, name) for _, name in parser.known
            if name not in SHOWING and getattr(given, name) is not None}


def _words(option, value):
    if value is True:
        return [option]
    if value is None or value is False:
        return []
    return [option, ",".join(map(str, value)) if isinstance(value, list) else str(value)]


def command_line(parser, given, environment=os.environ, build=BUILD):
    """The command that does the same again, in a checkout of the same state: with all
    options, lest a default change, the environment, and the folder of what was built."""
    words = [f"{name}={environment[name]}" for name in ENVIRONMENT if environment.get(name)]
    # make sets it, usually to what it is without.
    if os.path.realpath(build) != os.path.realpath(os.path.join(ROOT, "build")):
        words.append(f"KVMSCOPE_BUILD={build}")
    words.append(parser.prog)
    for option, name in parser.known:
        if name != "help":
            words += _words(option, getattr(given, name))
    return " ".join(map(shlex.quote, words))
