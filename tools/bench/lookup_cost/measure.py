# SPDX-License-Identifier: GPL-2.0-only
"""Measures a gfn lookup: calls it in a loop, from a module in the kernel."""

import json
import os
import statistics
import subprocess
import sys

from bench.lib import vm
from bench.lib.errors import Failure
from bench.lib.program import say
from paths import BUILD, ROOT

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(BUILD, "bench", "lookup_cost")
MODULE = "lookup_cost_module.ko"
VM_SECONDS = 900


def kernels(options):
    return list(dict.fromkeys((options.baseline, options.variant)))


def succeed(*command):
    if subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode:
        raise Failure(f"{os.path.basename(command[0])} failed (see above)")


def build(variants):
    """The program, and the module against each kernel."""
    os.makedirs(os.path.dirname(PROGRAM), exist_ok=True)
    # Replaced by rename, as another benchmark may be running it.
    scratch = f"{PROGRAM}.{os.getpid()}"
    try:
        succeed(os.environ.get("HOSTCC") or "gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-static",
                "-o", scratch, os.path.join(HERE, "lookup_cost.c"))
        os.rename(scratch, PROGRAM)
    finally:
        if os.path.exists(scratch):
            os.remove(scratch)
    for variant in variants:
        say(f"building the module for {variant}")
        succeed(os.path.join(ROOT, "tools", "kernel", "module"), os.path.join(HERE, "module"),
                variant, module_folder(variant))


def module_folder(variant):
    return os.path.join(BUILD, "bench", variant)


def boot(variant, runs):
    """Lines that the program printed in the VM."""
    say(f"measuring {variant}")
    return vm.run_vm([
        "--variant", variant, "--icount", "--timeout", str(VM_SECONDS),
        "--program", PROGRAM, "--file", f"{os.path.join(module_folder(variant), MODULE)}:/{MODULE}",
        "--", "sh", "-c", f"insmod /{MODULE} && lookup_cost {runs}"])


class Boot:
    """What one boot printed, in LINES: {(index, function, pattern, slots): {median, spread}}."""

    def __init__(self, lines, runs):
        values = {}
        self.default = None
        for one in self._parse(lines):
            key = (one["index"], one["function"], one["pattern"], one["slots"])
            values.setdefault(key, []).append(one["instructions"])
            if one["default"]:
                self.default = one["index"]
        if not values or any(len(some) != runs for some in values.values()):
            raise Failure("some measurements are missing")
        self.indexes = list(dict.fromkeys(key[0] for key in values))
        self.figures = {key: {"median": statistics.median(some), "spread": max(some) - min(some)}
                        for key, some in values.items()}

    @staticmethod
    def _parse(lines):
        try:
            return [json.loads(line) for line in lines]
        except ValueError as error:
            raise Failure(f"not a measurement: {error}") from None

    def of_default(self, what):
        return self.figures[(self.default, *what)]

    def median(self, index, what):
        return self.figures[(index, *what)]["median"]


def rows_of(base, again, judged):
    """A row for each lookup, from three boots."""
    rows = []
    for index, *what in base.figures:
        if index != base.default:
            continue
        boots = [boot.of_default(what) for boot in (base, again, judged)]
        medians = [figures["median"] for figures in boots]
        rows.append({
            **dict(zip(("function", "pattern", "slots"), what)),
            "baseline": medians[0], "aa": medians[1] - medians[0], "variant": medians[2],
            "spread": max(figures["spread"] / max(figures["median"], 1) for figures in boots),
            "difference": medians[2] - medians[0],
            "indexes": {each: judged.median(each, what) for each in judged.indexes}})
    return rows


def measure(options):
    build(kernels(options))
    boots = [Boot(boot(variant, options.runs), options.runs)
             for variant in (options.baseline, options.baseline, options.variant)]
    return {"unit": "instructions per gfn lookup, beyond an empty function",
            "default_index": boots[2].default, "rows": rows_of(*boots)}
