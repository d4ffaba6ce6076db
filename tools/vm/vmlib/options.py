# SPDX-License-Identifier: GPL-2.0-only
"""Options of the VM itself, which programs that start one hand on to tools/vm/run."""

import argparse
import re

import cli

_VALUES = ("variant", "kernel", "append", "smp", "mem", "log")
_FLAGS = ("icount", "quiet")


def _memory(text):
    if not re.fullmatch(r"[1-9]\d*[MG]", text):
        raise argparse.ArgumentTypeError(f"'{text}': use a number with M or G, as 2G")
    return text


def add(parser):
    parser.add_argument("--variant", default="queue")
    parser.add_argument("--kernel")
    parser.add_argument("--append", default="")
    parser.add_argument("--smp", type=cli.whole_number(1, 255), default=2)
    parser.add_argument("--mem", type=_memory, default="2G")
    parser.add_argument("--log")
    for flag in _FLAGS:
        parser.add_argument(f"--{flag}", action="store_true")


def words(options):
    """What add() made of them, as arguments again."""
    found = vars(options)
    return [f"--{name}={found[name]}" for name in _VALUES if found[name] is not None] + \
        [f"--{name}" for name in _FLAGS if found[name]]
