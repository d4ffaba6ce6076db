# SPDX-License-Identifier: GPL-2.0-only
"""The list of benchmarks, parts.list."""

import importlib
import os
import shlex
from typing import NamedTuple

from paths import ROOT

LIST = os.path.join(ROOT, "tools", "bench", "parts.list")


class Part(NamedTuple):
    """What measures the results called NAME, in so many MINUTES."""
    name: str
    minutes: int
    command: list

    def page(self):
        """The module that writes NAME.md, in the folder of the program."""
        folder = os.path.basename(os.path.dirname(self.command[0]))
        return importlib.import_module(f"bench.{folder}.page")


def parts():
    found = []
    with open(LIST, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                name, minutes, command = (field.strip() for field in line.split("|", 2))
                found.append(Part(name, int(minutes), shlex.split(command)))
    return found
